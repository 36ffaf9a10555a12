/* SPDX-License-Identifier: MIT
 *
 * Runs a program on both engines, and compares the answers after each step. */
#include "differ.h"

#include <string.h>

static size_t line_length(const char *line)
{
    return strcspn(line, "\n");
}

/* Finds the first line that differs. Returns false if the texts are equal. */
static bool find_difference(const text *a, const text *b, difference *out)
{
    const char *lines[2] = {a->bytes ? a->bytes : "", b->bytes ? b->bytes : ""};
    while (*lines[0] || *lines[1]) {
        size_t lengths[2] = {line_length(lines[0]), line_length(lines[1])};
        if (lengths[0] != lengths[1] || memcmp(lines[0], lines[1], lengths[0]) != 0) {
            for (int i = 0; i < 2; i++)
                snprintf(out->what[i], sizeof out->what[i], "%.*s", (int)lengths[i], lines[i]);
            return true;
        }
        for (int i = 0; i < 2; i++)
            lines[i] += lengths[i] + (lines[i][lengths[i]] == '\n');
    }
    return false;
}

static bool compare_answers(text answers[2], int number, difference *out)
{
    bool differ = find_difference(&answers[0], &answers[1], out);
    if (differ)
        out->step = number;
    for (int i = 0; i < 2; i++)
        text_free(&answers[i]);
    return !differ;
}

/* Whether the evaluation in memory expected the answers of the step. */
static bool expected(const text *wrong, int number, difference *out)
{
    if (wrong->length == 0)
        return true;
    out->step = number;
    out->unexpected = true;
    size_t length = line_length(wrong->bytes);
    snprintf(out->what[0], sizeof out->what[0], "%.*s", (int)length, wrong->bytes);
    const char *second = wrong->bytes + length + 1;
    while (*second == '\n')
        second++;
    snprintf(out->what[1], sizeof out->what[1], "%.*s", (int)line_length(second), second);
    return false;
}

bool program_compare(const program *p, furrow_engine *const engines[2], difference *out)
{
    static runner runners[2];
    text answers[2] = {{0}}, wrong = {0};
    const built *b = plans_build(p->plans, p->dropped);
    bool started = true;
    *out = (difference){.step = -1};
    for (int i = 0; i < 2; i++) {
        runners[i] = (runner){.engine = engines[i], .b = b, .wrong = &wrong};
        started &= runner_start(&runners[i], &answers[i]);
    }
    bool equal = compare_answers(answers, 0, out);
    if (equal && !started) {
        snprintf(out->what[0], sizeof out->what[0], "create_all failed on both engines");
        equal = false;
    }
    for (int n = 0; n < p->count && equal; n++) {
        for (int i = 0; i < 2 && !p->removed[n]; i++)
            runner_step(&runners[i], &p->steps[n], &answers[i]);
        equal = compare_answers(answers, n, out) && expected(&wrong, n, out);
    }
    if (equal) {
        for (int i = 0; i < 2; i++)
            runner_finish(&runners[i], &answers[i]);
        equal = compare_answers(answers, p->count, out);
    }
    for (int i = 0; i < 2; i++)
        runner_end(&runners[i]);
    text_free(&wrong);
    return equal;
}
