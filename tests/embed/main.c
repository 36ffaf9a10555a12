/* SPDX-License-Identifier: MIT
 * A program outside furrow's source tree. The program inserts its arguments into a table and prints
 * all rows. */
#include <stdio.h>

#include "note.furrow.h"

int main(int argc, char **argv)
{
    furrow_engine *engine = NULL;
    furrow_error error;
    if (furrow_engine_open(&engine, "sqlite:///notes.db", &error)) {
        fprintf(stderr, "notes: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &note_schema);
    for (int i = 1; i < argc; i++)
        note_insert(s, &(struct note){.text = argv[i]});
    struct note_list notes = {0};
    note_find(s, &notes, .order_by = {furrow_asc(NOTE.id)});
    furrow_each (struct note, n, notes)
        printf("%d %s\n", (int)n->id, n->text);
    int status = furrow_commit(s) == FURROW_OK ? 0 : 1;
    if (status)
        fprintf(stderr, "notes: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status;
}
