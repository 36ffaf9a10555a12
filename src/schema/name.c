/* SPDX-License-Identifier: MIT
 * Composes the names of constraints: see name.h. */
#include "schema/name.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Continues an FNV-1a hash of 32 bits with more text, so that a name can be hashed while it is
 * composed. The names in existing databases contain this hash, so the function must never change.
 */
static uint32_t hash_more(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

typedef struct writer {
    char text[FURROW__NAME_SIZE * 2]; /* the beginning of the name; if the name is longer, the rest
                                         is only hashed */
    size_t size;
    uint32_t hash; /* hash of the whole name */
} writer;

static void add(writer *w, const char *text)
{
    if (w->size > 0 && w->size < sizeof w->text - 1)
        w->text[w->size++] = '_';
    w->hash = hash_more(w->hash, "_");
    w->hash = hash_more(w->hash, text);
    for (; *text && w->size < sizeof w->text - 1; text++)
        w->text[w->size++] = *text;
    w->text[w->size] = '\0';
}

void furrow__constraint_name(char out[FURROW__NAME_SIZE], const furrow_model *model,
                             const furrow__constraint_parts *parts)
{
    writer w = {.hash = 2166136261u};
    add(&w, model->table);
    for (size_t i = 0; i < parts->count; i++)
        add(&w, model->columns[parts->columns[i]].name);
    if (parts->part)
        add(&w, parts->part);
    add(&w, parts->suffix);
    if (w.size < FURROW__NAME_SIZE) {
        memcpy(out, w.text, w.size + 1);
        return;
    }
    size_t kept = furrow__utf8_cut(w.text, FURROW__NAME_SIZE - 1 - 9);
    memcpy(out, w.text, kept);
    snprintf(out + kept, FURROW__NAME_SIZE - kept, "_%08x", w.hash);
}
