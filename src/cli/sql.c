/* SPDX-License-Identifier: MIT
 * Implements `furrow sql`, which prints the statements that furrow_create_all runs. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "compiler/limits.h"
#include "migrate/catalog/ddl.h"

static const char help[] =
    "usage: furrow sql --dialect sqlite|postgresql models.h...\n"
    "\n"
    "Prints the tables, constraints and indexes of the models in these headers, as\n"
    "furrow_create_all creates them: in the order in which they depend on each other.\n"
    "\n"
    "  --dialect NAME   sqlite or postgresql\n"
    "  --help           print this text\n"
    "\n"
    "example:\n"
    "  furrow sql todo.h --dialect sqlite | sqlite3 todo.db\n";

static int print_schema(const furrow__compiler *c, const furrow__dialect *dialect)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__statements statements = {0};
    int status = FURROW__EXIT_OK;
    if (furrow__ddl_create_schema(&statements, dialect, furrow__compiler_schema(c), &arena,
                                  &error) != FURROW_OK)
        status = furrow__cli_fail(&error);
    for (size_t i = 0; status == FURROW__EXIT_OK && i < statements.count; i++)
        printf("%s;\n", statements.items[i]);
    furrow__arena_done(&arena);
    return status;
}

static int run(int argc, char **argv)
{
    const char *name = NULL;
    int count, status;
    const furrow__option list[] = {{"--dialect", "-d", &name, NULL}};
    if (!furrow__cli_begin(&furrow__verb_sql,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (!count)
        return furrow__cli_usage(&furrow__verb_sql, "no header given");
    if (count > FURROW__MAX_HEADERS)
        return furrow__cli_usage(&furrow__verb_sql, "more than %d headers", FURROW__MAX_HEADERS);
    if (!name)
        return furrow__cli_usage(&furrow__verb_sql, "no dialect; give --dialect NAME");
    const furrow__dialect *dialect = furrow__dialect_named(name);
    if (!dialect)
        return furrow__cli_unknown_dialect(&furrow__verb_sql, name);
    furrow__compiler *c = furrow__cli_compile(argv + 1, count, NULL, NULL, &status);
    if (c)
        status = print_schema(c, dialect);
    furrow__compiler_free(c);
    return status;
}

const furrow__verb furrow__verb_sql = {
    .name = "sql", .summary = "print models as SQL", .help = help, .run = run};
