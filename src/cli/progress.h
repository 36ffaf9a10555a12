/* SPDX-License-Identifier: MIT
 * Progress of long work, on stderr. On a terminal, one line is updated in place; otherwise a line
 * is printed every five seconds. */
#ifndef FURROW_CLI_PROGRESS_H
#define FURROW_CLI_PROGRESS_H

#include "migrate/apply/migrator.h"

typedef struct furrow__progress {
    bool has_line; /* the terminal shows a progress line that must be cleared */
    int64_t next_ms;
} furrow__progress;

/* The callback for `progress` of furrow__migrator_options. The context is a furrow__progress, which
 * begins as a struct of zeros. */
void furrow__progress_show(const furrow__migrator_progress *progress, void *context);
/* Clear the progress line. Call it before other output, and at the end of a step. */
void furrow__progress_clear(furrow__progress *progress);
/* Format a time as "12 ms", "3.4 s" or "2 min 5 s". */
void furrow__progress_time(char *out, size_t size, int64_t ms);

#endif
