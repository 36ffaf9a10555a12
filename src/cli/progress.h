/* SPDX-License-Identifier: MIT
 * Prints the progress of long operations to stderr. On a terminal, one line is updated in place;
 * otherwise a new line is printed every five seconds. */
#ifndef FURROW_CLI_PROGRESS_H
#define FURROW_CLI_PROGRESS_H

#include "migrate/apply/migrator.h"

typedef struct furrow__progress {
    bool has_line; /* whether the terminal shows a progress line that has to be cleared */
    int64_t next_ms;
} furrow__progress;

/* Prints the progress. This function is the `progress` callback in furrow__migrator_options. Its
 * context is a furrow__progress, which must be zeroed before the first call. */
void furrow__progress_show(const furrow__migrator_progress *progress, void *context);
/* Clears the progress line. This function is called before other output is printed, and at the end
 * of a step. */
void furrow__progress_clear(furrow__progress *progress);
/* Formats a duration as "12 ms", "3.4 s" or "2 min 5 s". */
void furrow__progress_time(char *out, size_t size, int64_t ms);

#endif
