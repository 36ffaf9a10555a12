/* SPDX-License-Identifier: MIT
 *
 * The owner of an engine: the process that opened it. A fork copies memory that the child must not
 * use, such as sockets of the parent, and locks that no thread of the child will ever release.
 * Every statement checks the owner, so the check must not cost a system call. The check reads a
 * byte of a page that the kernel clears in a child. On kernels without such pages, the check
 * compares process IDs.
 */
#ifndef FURROW_POOL_OWNER_H
#define FURROW_POOL_OWNER_H

#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

typedef struct furrow__owner {
    const volatile char *page; /* points to 1 in the owner and to 0 in its children; NULL if the
                                  kernel does not have such pages */
    pid_t process;
} furrow__owner;

void furrow__owner_init(furrow__owner *owner);
void furrow__owner_done(furrow__owner *owner);

static inline bool furrow__is_owner(const furrow__owner *owner)
{
    return owner->page ? *owner->page != 0 : owner->process == getpid();
}

#endif
