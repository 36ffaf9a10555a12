/* SPDX-License-Identifier: MIT
 * The main function of the `furrow` command, which finds the verb and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

typedef struct group {
    const char *title;
    const furrow__verb *verbs[16];
} group;

static const group groups[] = {
    {"models", {&furrow__verb_generate, &furrow__verb_sql, &furrow__verb_models}},
    {"revisions",
     {&furrow__verb_init, &furrow__verb_revision, &furrow__verb_history, &furrow__verb_heads,
      &furrow__verb_merge, &furrow__verb_show, &furrow__verb_check, &furrow__verb_prove,
      &furrow__verb_squash, &furrow__verb_sum, &furrow__verb_embed}},
    {"databases",
     {&furrow__verb_upgrade, &furrow__verb_downgrade, &furrow__verb_current, &furrow__verb_stamp,
      &furrow__verb_diff}},
};
enum { GROUPS = sizeof groups / sizeof *groups };

static void print_help(void)
{
    puts("usage: furrow <verb> [options] [arguments]\n"
         "\n"
         "Plain C structs in, rows out.");
    for (size_t i = 0; i < GROUPS; i++) {
        printf("\n%s:\n", groups[i].title);
        for (const furrow__verb *const *v = groups[i].verbs; *v; v++)
            printf("  %-10s %s\n", (*v)->name, (*v)->summary);
    }
    puts("\n"
         "  --help     print this text; furrow <verb> --help describes a verb\n"
         "  --version  print the version\n"
         "\n"
         "exit codes: 0 success; 1 failure; 2 usage error. check and diff exit with 0 if nothing\n"
         "differs, 1 if there is a difference, and 2 if they could not compare\n"
         "\n"
         "example:\n"
         "  furrow generate todo.h\n"
         "  furrow init && furrow revision --autogenerate -m begin && furrow upgrade");
}

static const furrow__verb *find_verb(const char *name)
{
    for (size_t i = 0; i < GROUPS; i++)
        for (const furrow__verb *const *v = groups[i].verbs; *v; v++)
            if (strcmp((*v)->name, name) == 0)
                return *v;
    return NULL;
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;
    int status = FURROW__EXIT_OK;
    if (!first)
        return furrow__cli_usage(NULL, "no verb given");
    const furrow__verb *verb = find_verb(first);
    if (verb)
        status = verb->run(argc - 1, argv + 1);
    else if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0)
        print_help();
    else if (strcmp(first, "--version") == 0)
        puts("furrow " FURROW_VERSION);
    else
        return furrow__cli_usage(NULL, "unknown verb \"%s\"", first);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("furrow: error: could not write the output\n", stderr);
        return verb && verb->reports_differences ? FURROW__EXIT_TROUBLE : FURROW__EXIT_FAILED;
    }
    return status;
}
