/* SPDX-License-Identifier: MIT
 * The `furrow` command: finds the verb. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const furrow__verb *const verbs[] = {
    &furrow__verb_generate, &furrow__verb_sql,   &furrow__verb_init,  &furrow__verb_revision,
    &furrow__verb_history,  &furrow__verb_heads, &furrow__verb_merge, &furrow__verb_show,
    &furrow__verb_check,    &furrow__verb_sum,
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_help(void)
{
    puts("usage: furrow <verb> [options] models.h...\n"
         "\n"
         "Plain C structs in, rows out.\n");
    for (size_t i = 0; i < VERBS; i++)
        printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
    puts("\n"
         "  --help     this text; furrow <verb> --help tells of a verb\n"
         "  --version  the version\n"
         "\n"
         "example:\n"
         "  furrow generate todo.h");
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;
    int status = FURROW__EXIT_OK;
    if (!first)
        return furrow__cli_usage(NULL, "name a verb: generate or sql");
    const furrow__verb *verb = NULL;
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i]->name, first) == 0)
            verb = verbs[i];
    if (verb)
        status = verb->run(argc - 1, argv + 1);
    else if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0)
        print_help();
    else if (strcmp(first, "--version") == 0)
        puts("furrow " FURROW_VERSION);
    else
        return furrow__cli_usage(NULL, "unknown verb \"%s\"", first);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("furrow: could not write the output\n", stderr);
        return FURROW__EXIT_FAILED;
    }
    return status;
}
