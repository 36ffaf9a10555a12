/* SPDX-License-Identifier: MIT
 * Names of constraints: see name.h. */
#include "schema/name.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* FNV-1a with 32 bits, one byte at a time, so a name can be hashed while it is composed. Databases
 * contain names with this hash, so it must never change. */
static uint32_t hash_more(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

typedef struct writer {
    char text[FURROW__NAME_SIZE * 2]; /* the beginning of the name; the rest of a longer name is
                                         only hashed */
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
                             const uint16_t *columns, size_t count, const char *part,
                             const char *suffix)
{
    writer w = {.hash = 2166136261u};
    add(&w, model->table);
    for (size_t i = 0; i < count; i++)
        add(&w, model->columns[columns[i]].name);
    if (part)
        add(&w, part);
    add(&w, suffix);
    if (w.size < FURROW__NAME_SIZE) {
        memcpy(out, w.text, w.size + 1);
        return;
    }
    size_t kept = furrow__utf8_cut(w.text, FURROW__NAME_SIZE - 1 - 9);
    memcpy(out, w.text, kept);
    snprintf(out + kept, FURROW__NAME_SIZE - kept, "_%08x", w.hash);
}
