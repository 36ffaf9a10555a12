/* SPDX-License-Identifier: MIT
 *
 * The list of a session's open streams.
 */
#include "runtime/session/streams.h"

#include <stddef.h>

void furrow__streams_add(furrow__streams *streams, furrow__stream *stream)
{
    stream->next = streams->first;
    streams->first = stream;
}

void furrow__streams_remove(furrow__streams *streams, const furrow__stream *stream)
{
    furrow__stream **at = &streams->first;
    while (*at && *at != stream)
        at = &(*at)->next;
    if (*at)
        *at = stream->next;
}

static void cut(const furrow__streams *streams, int depth, bool has_connection)
{
    furrow__stream *next;
    for (furrow__stream *stream = streams->first; stream; stream = next) {
        next = stream->next;
        if (stream->depth >= depth)
            stream->cut(stream, has_connection);
    }
}

void furrow__streams_cut(furrow__streams *streams, int depth)
{
    cut(streams, depth, true);
}

void furrow__streams_cut_without_connection(furrow__streams *streams)
{
    cut(streams, 0, false);
}

void furrow__streams_keep(furrow__streams *streams, int depth)
{
    for (furrow__stream *stream = streams->first; stream; stream = stream->next)
        if (stream->depth > depth)
            stream->depth = depth;
}
