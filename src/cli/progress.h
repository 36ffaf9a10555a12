/* SPDX-License-Identifier: MIT
 * How far long work is, on stderr: on a terminal one line that is written over, else a line every
 * five seconds. */
#ifndef FURROW_CLI_PROGRESS_H
#define FURROW_CLI_PROGRESS_H

#include "migrate/apply/migrator.h"

typedef struct furrow__progress {
    bool has_line; /* on a terminal: one stands there */
    int64_t next_ms;
} furrow__progress;

/* As furrow__migrator_options' progress; the context is a furrow__progress, zero at first. */
void furrow__progress_show(const furrow__migrator_progress *progress, void *context);
/* Before anything else is written, and at the end of a step. */
void furrow__progress_clear(furrow__progress *progress);
/* "12 ms", "3.4 s", "2 min 5 s" */
void furrow__progress_time(char *out, size_t size, int64_t ms);

#endif
