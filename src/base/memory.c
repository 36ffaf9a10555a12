/* SPDX-License-Identifier: MIT
 * Allocates all of furrow's memory: every allocation calls one of the four functions of this file.
 * A single hook can therefore replace the allocator, and a test can make a chosen allocation fail.
 * The allocator is set before the first allocation and never changed afterwards, so no lock is
 * needed. */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include <furrow/furrow.h>

static void *allocate_default(size_t size, void *context)
{
    (void)context;
    return malloc(size);
}

static void *reallocate_default(void *block, size_t size, void *context)
{
    (void)context;
    return realloc(block, size);
}

static void release_default(void *block, void *context)
{
    (void)context;
    free(block);
}

static furrow_allocator allocator = {allocate_default, reallocate_default, release_default, NULL};

void furrow_set_allocator(const furrow_allocator *replacement)
{
    if (replacement && replacement->allocate && replacement->reallocate && replacement->release)
        allocator = *replacement;
    else
        allocator = (furrow_allocator){allocate_default, reallocate_default, release_default, NULL};
}

void *furrow__allocate(size_t size)
{
    return allocator.allocate(size ? size : 1, allocator.context);
}

void *furrow__allocate_zeroed(size_t count, size_t size)
{
    size_t total;
    if (!furrow__multiply_size(&total, count, size))
        return NULL;
    void *block = furrow__allocate(total);
    if (block)
        memset(block, 0, total);
    return block;
}

void *furrow__reallocate(void *block, size_t size)
{
    if (!block)
        return furrow__allocate(size);
    return allocator.reallocate(block, size ? size : 1, allocator.context);
}

void furrow__release(void *block)
{
    if (block)
        allocator.release(block, allocator.context);
}

char *furrow__duplicate(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = furrow__allocate(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}
