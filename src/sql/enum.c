/* SPDX-License-Identifier: MIT
 *
 * Compares and orders enums by their values in C. The database stores the name of an enumerator as
 * text, and text has the order of its bytes, which is not the order of the values. A comparison
 * with a value therefore lists the names that satisfy it, so that an index on the column can be
 * used. An order, an aggregate or a comparison of two columns converts each name to its value, with
 * CASE.
 */
#include <string.h>

#include "base/memory.h"
#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

/* The largest number of names that are written as a list. The planner knows the length of a list,
 * but not of an array, so it uses an index if there are few names. A longer list would only make
 * the statement longer. */
enum { LISTED = 32 };

static furrow_status write_list(furrow__writer *w, furrow__buffer *out, furrow__place place,
                                const int64_t *values, size_t count)
{
    furrow_status status = FURROW_OK;
    furrow__write_place(out, place);
    ADD(out, " IN (");
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        size_t number = 0;
        furrow_value value = furrow_value_integer_(values[i]);
        status = furrow__bind_add(w, place.column, &value, false, &number);
        furrow__buffer_add_text(out, i ? ", " : "");
        furrow__write_parameter(out, w->dialect, number);
    }
    ADD(out, ")");
    return status;
}

static furrow_status write_array(furrow__writer *w, furrow__buffer *out, furrow__place place,
                                 const int64_t *values, size_t count)
{
    const furrow_column *column = place.column;
    size_t number;
    char *elements = furrow__arena_aligned(w->sql->arena, count * column->size, 8);
    if (!elements)
        return furrow__no_memory(w->error);
    for (size_t i = 0; i < count; i++)
        furrow__store_integer(elements + i * column->size, column->size, values[i]);
    furrow_value array = {.type = FURROW_TYPE_BLOB,
                          .element = FURROW_TYPE_ENUM,
                          .element_size = column->size,
                          .as = {.blob = {elements, count}}};
    furrow_status status = furrow__bind_add(w, column, &array, true, &number);
    if (status == FURROW_OK)
        w->dialect->in(out, place, false, number);
    return status;
}

furrow_status furrow__write_enum_range(furrow__writer *w, furrow__buffer *out, furrow__place place,
                                       int64_t low, int64_t high)
{
    const furrow_enum *e = place.column->enumeration;
    size_t count = 0;
    int64_t *values = furrow__arena_aligned(w->sql->arena, (e->count + 1) * sizeof *values, 8);
    if (!values)
        return furrow__no_memory(w->error);
    for (size_t i = 0; i < e->count; i++)
        if (low <= e->enumerators[i].value && e->enumerators[i].value <= high)
            values[count++] = e->enumerators[i].value;
    if (!count) {
        /* No text is less than ''. Unlike FALSE, a comparison with '' is unknown for NULL, which
         * matters within NOT. */
        furrow__write_place(out, place);
        ADD(out, " < ''");
        return FURROW_OK;
    }
    return w->dialect->plans_by_list && count <= LISTED ? write_list(w, out, place, values, count)
                                                        : write_array(w, out, place, values, count);
}

void furrow__write_comparable(furrow__buffer *out, furrow__place place)
{
    if (place.column->type != FURROW_TYPE_ENUM) {
        furrow__write_place(out, place);
        return;
    }
    const furrow_enum *e = place.column->enumeration;
    ADD(out, "CASE ");
    furrow__write_place(out, place);
    for (size_t i = 0; i < e->count; i++) {
        ADD(out, " WHEN ");
        furrow__sql_literal(out, e->enumerators[i].name);
        ADD(out, " THEN ");
        furrow__write_integer(out, e->enumerators[i].value);
    }
    ADD(out, " END");
}

furrow_status furrow__enum_value_place(furrow__writer *w, furrow__place *place)
{
    furrow__buffer out = {0};
    ADD(&out, "(");
    furrow__write_comparable(&out, *place);
    ADD(&out, ")");
    place->text = out.failed ? NULL : furrow__arena_text(w->sql->arena, out.text, out.size);
    furrow__buffer_done(&out);
    return place->text ? FURROW_OK : furrow__no_memory(w->error);
}

const furrow_enumerator *furrow__enumerator_of(const furrow_column *column, int64_t value)
{
    const furrow_enum *e = column->enumeration;
    for (size_t i = 0; i < e->count; i++)
        if (e->enumerators[i].value == value)
            return &e->enumerators[i];
    return NULL;
}

const furrow_enumerator *furrow__enumerator_named(const furrow_column *column, const char *name)
{
    const furrow_enum *e = column->enumeration;
    for (size_t i = 0; i < e->count; i++)
        if (strcmp(e->enumerators[i].name, name) == 0)
            return &e->enumerators[i];
    return NULL;
}
