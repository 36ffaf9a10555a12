/* SPDX-License-Identifier: MIT
 *
 * Reads JSON documents from the standard input and writes an answer for each: "OK", a line that is
 * the row as JSON again; or the rule of the first problem and its position. A document begins with
 * its size in bytes on a line of its own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "entry.furrow.h"

static void answer(furrow_session *s, const char *text, size_t size)
{
    struct entry *entry;
    furrow_problems problems;
    const char *json;
    if (entry_from_json(s, &entry, text, size, &problems, .ignore_unknown = true) == FURROW_OK) {
        entry_to_json(s, &json, entry);
        printf("OK %s\n", json);
        return;
    }
    if (!problems.count) {
        fprintf(stderr, "reader: %s\n", furrow_session_error(s)->message);
        exit(1);
    }
    printf("%s %zu\n", problems.items[0].rule, problems.items[0].offset);
}

int main(void)
{
    furrow_engine *engine;
    furrow_error error;
    size_t size;
    if (furrow_engine_open(&engine, "sqlite://", &error)) {
        fprintf(stderr, "reader: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    while (scanf("%zu", &size) == 1 && getchar() == '\n') {
        char *text = malloc(size + 1);
        if (!text || fread(text, 1, size, stdin) != size)
            return 1;
        answer(s, text, size);
        furrow_session_reset(s);
        free(text);
    }
    furrow_session_close(s);
    furrow_engine_close(engine);
    return 0;
}
