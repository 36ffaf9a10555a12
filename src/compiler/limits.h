/* SPDX-License-Identifier: MIT
 * Every limit of the model compiler, in one place. Past each there is an error that names it. */
#ifndef FURROW_COMPILER_LIMITS_H
#define FURROW_COMPILER_LIMITS_H

enum {
    FURROW__MAX_HEADERS = 256,
    FURROW__MAX_HEADER_SIZE = 1 << 20, /* bytes */
    FURROW__MAX_MODELS = 1000,
    FURROW__MAX_ENUMS = 2000,
    FURROW__MAX_COLUMNS = 1000, /* of one model; PostgreSQL takes 1,600, SQLite 2,000 */
    FURROW__MAX_RELATIONS = 64, /* of one model: the runtime keeps a bit for each */
    FURROW__MAX_DEFAULTS = 48,  /* columns of one model with a default or assigned, as there */
    FURROW__MAX_FIELDS = FURROW__MAX_COLUMNS + FURROW__MAX_RELATIONS,
    FURROW__MAX_ENUMERATORS = 1000,   /* of one enum */
    FURROW__MAX_KEY_COLUMNS = 16,     /* of a key, an index or a reference, as src/sql takes */
    FURROW__MAX_ARGUMENTS = 64,       /* of one annotation, at each level */
    FURROW__MAX_DEPTH = 8,            /* of brackets in an annotation */
    FURROW__MAX_CONSTANT_DEPTH = 32,  /* of brackets in a constant expression */
    FURROW__MAX_TEXT = 65535,         /* bytes of one string literal */
    FURROW__MAX_PATTERN = 1024,       /* bytes of a pattern */
    FURROW__MAX_PATTERN_COST = 20000, /* states once its repetitions are written out */
    FURROW__MAX_CHARS = 1 << 20,      /* n of char[n] */
    FURROW__MAX_NAME = 63,            /* bytes of a table's, column's or constraint's name */
    FURROW__MAX_MESSAGES = 100,       /* printed in one run */
    FURROW__MAX_PREFIX = 63,          /* bytes of --prefix and --name */
};

#endif
