/* SPDX-License-Identifier: MIT
 * Recognizes a child of the process that opened an engine. See owner.h. */
#include "pool/owner.h"

#include <stdint.h>
#include <sys/mman.h>

void furrow__owner_init(furrow__owner *owner)
{
    *owner = (furrow__owner){.process = getpid()};
#ifdef MADV_WIPEONFORK
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return;
    if (madvise(page, size, MADV_WIPEONFORK)) {
        munmap(page, size);
        return;
    }
    *page = 1;
    owner->page = page;
#endif
}

void furrow__owner_done(furrow__owner *owner)
{
    if (owner->page)
        munmap((void *)(uintptr_t)owner->page, (size_t)sysconf(_SC_PAGESIZE));
    owner->page = NULL;
}
