/* SPDX-License-Identifier: MIT
 *
 * Declares what every part of the compiler uses: headers in memory, locations in headers, messages,
 * and an arena.
 *
 * If memory runs out, furrow__compiler_memory calls longjmp. This ends the current call to
 * furrow__compiler_run or furrow__compiler_emit, which returns false. Functions that run during
 * such a call must therefore not own resources outside the arena.
 */
#ifndef FURROW_COMPILER_READ_SOURCE_H
#define FURROW_COMPILER_READ_SOURCE_H

#include <setjmp.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "compiler/compiler.h"
#include "compiler/limits.h"

typedef struct furrow__source {
    const char *path; /* the path exactly as the caller passed it */
    const char *file; /* the last part of the path */
    const char *stem; /* the file name without its ".h" */
    const char *text; /* text[size] is a NUL */
    size_t size;
    size_t index; /* index in the compiler's list of sources */
} furrow__source;

/* A part of a header: `size` bytes from `offset`. If `source` is NULL, the location is unknown. */
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
    jmp_buf *no_memory; /* the jmp_buf that furrow__compiler_memory passes to longjmp when memory
                           runs out */
    bool has_failed;    /* whether a run has failed because memory ran out */
    furrow__source sources[FURROW__MAX_HEADERS];
    size_t source_count;
    furrow__message *messages;
    size_t message_count, error_count;
    furrow__buffer text; /* a scratch buffer for messages, annotations and lists of columns */
    const char *name, *prefix;
    struct furrow__syntax *syntax;
    struct furrow__table *tables; /* the models that are being built, in the order of the headers */
    size_t table_count;
    furrow_schema schema;
};

/* Returns zeroed memory from the compiler's arena. Never returns NULL. */
void *furrow__compiler_memory(furrow__compiler *c, size_t count, size_t size);
/* Returns a NUL-terminated copy of the text, allocated in the arena. */
char *furrow__compiler_copy(furrow__compiler *c, const char *text, size_t size);
/* Returns a formatted string, allocated in the arena. */
const char *furrow__compiler_format(furrow__compiler *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void furrow__compiler_no_memory(furrow__compiler *c);

/* Reports an error at a location. `help` is NULL, or a hint that says how to fix the error. */
void furrow__compiler_error(furrow__compiler *c, furrow__location place, const char *help,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));
void furrow__compiler_warn(furrow__compiler *c, furrow__location place, const char *help,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Returns the name that is most similar to `name`, or NULL if no name is similar enough. */
const char *furrow__compiler_nearest(const char *name, const char *const *names, size_t count);
/* Returns a hint that contains the most similar name. Returns `otherwise` if no name is similar
 * enough. */
const char *furrow__compiler_suggest(furrow__compiler *c, const char *name,
                                     const char *const *names, size_t count, const char *otherwise);

/* Returns a hint for an annotation that furrow does not have, or has under another name, such as
 * not_null. Returns NULL if there is no such hint. */
const char *furrow__compiler_synonym(const char *name);

/* Returns the location from the start of `first` to the end of `last`. The two locations must be in
 * the same source. */
furrow__location furrow__location_span(furrow__location first, furrow__location last);

#endif
