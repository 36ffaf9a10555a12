/* SPDX-License-Identifier: MIT
 *
 * The open streams of a session. A stream ends when its transaction ends, or when the savepoint
 * that it was opened in is undone; the session then calls the stream's `cut`.
 */
#ifndef FURROW_RUNTIME_SESSION_STREAMS_H
#define FURROW_RUNTIME_SESSION_STREAMS_H

#include <stdbool.h>

/* The first member of a stream's own struct. */
typedef struct furrow__stream {
    struct furrow__stream *next;
    int depth; /* savepoints that were open when the stream was opened */

    /* Ends the stream before its last row, and removes it from the list. If `has_connection` is
     * false, another session uses the connection, and the stream must not touch it. */
    void (*cut)(struct furrow__stream *stream, bool has_connection);
} furrow__stream;

typedef struct furrow__streams {
    furrow__stream *first;
} furrow__streams;

void furrow__streams_add(furrow__streams *streams, furrow__stream *stream);
void furrow__streams_remove(furrow__streams *streams, const furrow__stream *stream);
/* Cuts the streams that were opened at this depth of savepoints or deeper. */
void furrow__streams_cut(furrow__streams *streams, int depth);
/* Cuts all streams after the session has lost its connection to another session. */
void furrow__streams_cut_without_connection(furrow__streams *streams);
/* Moves deeper streams to this depth, after the savepoint that they were opened in was released. */
void furrow__streams_keep(furrow__streams *streams, int depth);

#endif
