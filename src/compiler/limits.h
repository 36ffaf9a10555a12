/* SPDX-License-Identifier: MIT
 * Defines the limits of the model compiler. A header that exceeds a limit is rejected with an error
 * message that states the limit. */
#ifndef FURROW_COMPILER_LIMITS_H
#define FURROW_COMPILER_LIMITS_H

enum {
    FURROW__MAX_HEADERS = 256,
    FURROW__MAX_HEADER_SIZE = 1 << 20, /* bytes of one header */
    FURROW__MAX_MODELS = 1000,
    FURROW__MAX_ENUMS = 2000,
    FURROW__MAX_COLUMNS = 1000, /* columns of one model; PostgreSQL allows 1,600 and SQLite 2,000 */
    FURROW__MAX_RELATIONS = 64, /* relationships of one model; the runtime uses one bit of a 64-bit
                                   integer for each relationship */
    FURROW__MAX_DEFAULTS = 48,  /* columns of one model that can be left out of an INSERT; the
                                   runtime has the same limit */
    FURROW__MAX_FIELDS = FURROW__MAX_COLUMNS + FURROW__MAX_RELATIONS,
    FURROW__MAX_ENUMERATORS = 1000,   /* enumerators of one enum */
    FURROW__MAX_KEY_COLUMNS = 16,     /* columns of a key, an index or a reference; src/sql has the
                                         same limit */
    FURROW__MAX_ARGUMENTS = 64,       /* arguments of one annotation, at each level of nesting */
    FURROW__MAX_DEPTH = 8,            /* levels of parentheses in an annotation */
    FURROW__MAX_CONSTANT_DEPTH = 32,  /* levels of parentheses in a constant expression */
    FURROW__MAX_TEXT = 65535,         /* bytes of one string literal */
    FURROW__MAX_PATTERN = 1024,       /* bytes of a regular expression in pattern("…") */
    FURROW__MAX_PATTERN_COST = 20000, /* parts of a pattern, counted after its repetitions are
                                         expanded */
    FURROW__MAX_CHARS = 1 << 20,      /* bytes of a field declared as a char array */
    FURROW__MAX_NAME = 63,            /* bytes of the name of a table, a column or a constraint */
    FURROW__MAX_MESSAGES = 100,       /* messages printed in one run */
    FURROW__MAX_PREFIX = 63,          /* bytes of the argument of --prefix and of --name */
};

#endif
