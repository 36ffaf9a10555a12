/* SPDX-License-Identifier: MIT
 *
 * What every part of the compiler stands on: headers in memory, places in them, messages about
 * those places, and memory that is freed as a whole.
 *
 * Out of memory is handled in one place: furrow__compiler_memory jumps to the innermost
 * furrow__compiler_run or _emit, which fails. Nothing between owns anything outside the arena.
 */
#ifndef FURROW_COMPILER_READ_SOURCE_H
#define FURROW_COMPILER_READ_SOURCE_H

#include <setjmp.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "compiler/compiler.h"
#include "compiler/limits.h"

typedef struct furrow__source {
    const char *path; /* as the user gave it */
    const char *file; /* its last part */
    const char *stem; /* of the file, without ".h" */
    const char *text; /* text[size] is NUL */
    size_t size;
    size_t index; /* in the compiler's sources */
} furrow__source;

/* A place: `size` bytes from `offset`. A zero place is nowhere. */
typedef struct furrow__location {
    const furrow__source *source;
    uint32_t offset, size;
} furrow__location;

typedef struct furrow__message {
    furrow__location place;
    bool is_warning;
    const char *text, *help; /* help may be NULL */
    struct furrow__message *next;
} furrow__message;

struct furrow__syntax;

struct furrow__compiler {
    furrow_arena arena;
    jmp_buf *no_memory; /* where to go when there is none */
    bool has_failed;    /* there was none */
    furrow__source sources[FURROW__MAX_HEADERS];
    size_t source_count;
    furrow__message *messages;
    size_t message_count, error_count;
    furrow__buffer text; /* what is being written: messages, or an annotation's text */
    const char *name, *prefix;
    struct furrow__syntax *syntax;
    struct furrow__table *tables; /* models being built, in the order of the headers */
    size_t table_count;
    furrow_schema schema;
};

/* Zeroed memory of the compiler's arena; never NULL. */
void *furrow__compiler_memory(furrow__compiler *c, size_t count, size_t size);
/* A copy with a NUL behind it. */
char *furrow__compiler_copy(furrow__compiler *c, const char *text, size_t size);
/* Formatted text in the arena. */
const char *furrow__compiler_format(furrow__compiler *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void furrow__compiler_no_memory(furrow__compiler *c);

/* Say what is wrong at a place; `help` says how to mend it, or is NULL. */
void furrow__compiler_error(furrow__compiler *c, furrow__location place, const char *help,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));
void furrow__compiler_warn(furrow__compiler *c, furrow__location place, const char *help,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The nearest of `count` names that is near enough to be a slip of the pen, or NULL. */
const char *furrow__compiler_nearest(const char *name, const char *const *names, size_t count);
/* "did you mean "x"?", or `otherwise` where nothing is near. */
const char *furrow__compiler_suggest(furrow__compiler *c, const char *name,
                                     const char *const *names, size_t count, const char *otherwise);

/* From the start of one place to the end of another in the same source. */
furrow__location furrow__location_span(furrow__location first, furrow__location last);

#endif
