/* SPDX-License-Identifier: MIT
 *
 * The open streams of a session. A stream ends when its transaction ends, or when the savepoint in
 * which it was opened is undone. The session then calls the function `cut` of the stream.
 */
#ifndef FURROW_RUNTIME_SESSION_STREAMS_H
#define FURROW_RUNTIME_SESSION_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

/* The first member of a stream's own struct. */
typedef struct furrow__stream {
    struct furrow__stream *next;
    int depth; /* number of open savepoints when the stream was opened */

    /* Ends the stream before its last row, and removes it from the list. If `has_connection` is
     * false, another session is using the connection, and the function must not use it. */
    void (*cut)(struct furrow__stream *stream, bool has_connection);
} furrow__stream;

typedef struct furrow__streams {
    furrow__stream *first;
    uint64_t left_open; /* number of cursors of the transaction that still exist in the database,
                           because their streams were closed after a failure */
} furrow__streams;

void furrow__streams_add(furrow__streams *streams, furrow__stream *stream);
void furrow__streams_remove(furrow__streams *streams, const furrow__stream *stream);
/* Cuts the streams that were opened while `depth` or more savepoints were open. */
void furrow__streams_cut(furrow__streams *streams, int depth);
/* Cuts all streams after the session has lost its connection to another session. */
void furrow__streams_cut_without_connection(furrow__streams *streams);
/* Called after a savepoint was released. Streams that were opened in that savepoint now count as
 * opened at this depth. */
void furrow__streams_keep(furrow__streams *streams, int depth);

#endif
