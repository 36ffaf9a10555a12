/* SPDX-License-Identifier: MIT
 * See home.h. */
#include "pool/home.h"

#include <stdint.h>
#include <sys/mman.h>

void furrow__home_init(furrow__home *home)
{
    *home = (furrow__home){.process = getpid()};
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
    home->page = page;
#endif
}

void furrow__home_done(furrow__home *home)
{
    if (home->page)
        munmap((void *)(uintptr_t)home->page, (size_t)sysconf(_SC_PAGESIZE));
    home->page = NULL;
}
