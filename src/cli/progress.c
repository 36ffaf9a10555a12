/* SPDX-License-Identifier: MIT
 * Prints the progress of long operations: see progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { LINE_EVERY_MS = 5000 };

void furrow__progress_time(char *out, size_t size, int64_t ms)
{
    long long whole = (long long)ms;
    if (whole < 1000)
        snprintf(out, size, "%lld ms", whole);
    else if (whole < 60000)
        snprintf(out, size, "%lld.%lld s", whole / 1000, whole / 100 % 10);
    else
        snprintf(out, size, "%lld min %lld s", whole / 60000, whole / 1000 % 60);
}

void furrow__progress_show(const furrow__migrator_progress *progress, void *context)
{
    furrow__progress *p = context;
    bool terminal = isatty(STDERR_FILENO);
    char time[32];
    /* `elapsed_ms` starts again at 0 whenever the rebuild of another table begins. */
    if (!p->next_ms || progress->elapsed_ms < p->next_ms - LINE_EVERY_MS)
        p->next_ms = LINE_EVERY_MS;
    if (!terminal && progress->elapsed_ms < p->next_ms)
        return;
    p->next_ms = progress->elapsed_ms + LINE_EVERY_MS;
    furrow__progress_time(time, sizeof time, progress->elapsed_ms);
    fprintf(stderr, "%s  %s: %llu", terminal ? "\r" : "", progress->what,
            (unsigned long long)progress->done);
    if (progress->total)
        fprintf(stderr, " of %llu", (unsigned long long)progress->total);
    fprintf(stderr, " rows, %s%s", time, terminal ? "\033[K" : "\n");
    p->has_line = terminal;
}

void furrow__progress_clear(furrow__progress *progress)
{
    if (progress->has_line)
        fputs("\r\033[K", stderr);
    *progress = (furrow__progress){0};
}
