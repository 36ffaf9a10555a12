/* SPDX-License-Identifier: MIT
 * Builds the annotation json(...): the name of a field in JSON, and how the field is read and
 * written. */
#include <string.h>

#include "base/text.h"
#include "compiler/build/build.h"
#include "schema/name.h"

/* Applies one argument. Returns false if the argument is none that json(...) knows. */
static bool apply(furrow__compiler *c, furrow_column *column, const furrow__argument *a)
{
    static const struct {
        const char *name;
        unsigned flag;
    } words[] = {
        {"read_only", FURROW_COLUMN_JSON_READ_ONLY},
        {"hidden", FURROW_COLUMN_JSON_HIDDEN},
        {"text", FURROW_COLUMN_JSON_TEXT},
    };
    if (a->kind == FURROW__ARGUMENT_TEXT) {
        if (!furrow__utf8_is_valid(a->name, strlen(a->name)))
            furrow__compiler_error(c, a->place, "write the name in UTF-8",
                                   "the name of \"%s\" in JSON is not valid UTF-8", column->field);
        if (!a->name[0] || column->json)
            furrow__compiler_error(c, a->place, "write one name, as in json(\"price\")",
                                   a->name[0] ? "\"%s\" has two names in JSON"
                                              : "the name of \"%s\" in JSON is empty",
                                   column->field);
        column->json = a->name;
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (a->kind == FURROW__ARGUMENT_NAME && strcmp(a->name, words[i].name) == 0) {
            column->flags |= (uint16_t)words[i].flag;
            return true;
        }
    return false;
}

void furrow__build_json(furrow__compiler *c, furrow_column *column, const furrow__argument *a)
{
    for (size_t i = 0; i < a->count; i++)
        if (!apply(c, column, &a->items[i])) {
            furrow__compiler_error(c, a->items[i].place,
                                   "json accepts a name in quotes, read_only, hidden and text",
                                   "json(%s) is unknown", a->items[i].name ? a->items[i].name : "");
            return;
        }
    if (!a->count)
        furrow__annotation_misused(c, a, "json(\"name\")");
    if (column->flags & FURROW_COLUMN_JSON_TEXT && !furrow__is_integer(column))
        furrow__compiler_error(c, a->place, "remove text, or change the type to int64_t",
                               "json(text) applies to an integer, not to %s",
                               furrow__type_text(c, column));
    if (column->flags & FURROW_COLUMN_JSON_HIDDEN && column->flags & FURROW_COLUMN_JSON_READ_ONLY)
        furrow__compiler_error(c, a->place, "remove one of the two",
                               "\"%s\" cannot be both hidden and read_only in JSON", column->field);
}

static void report_name(furrow__compiler *c, const furrow__table *table,
                        const furrow_column *column, furrow__location place)
{
    furrow__compiler_error(c, place, "give one of the fields another name: json(\"…\")",
                           "model \"%s\" has two fields named \"%s\" in JSON", table->syntax->name,
                           furrow__json_name(column));
}

void furrow__check_json_name(furrow__compiler *c, const furrow__table *table,
                             const furrow_column *column, furrow__location place)
{
    for (size_t i = 0; i < column->index; i++)
        if (strcmp(table->columns[i].field, column->field) != 0 &&
            strcmp(furrow__json_name(&table->columns[i]), furrow__json_name(column)) == 0)
            report_name(c, table, column, place);
    for (const furrow__field *f = table->syntax->fields; f; f = f->next)
        if ((f->kind == FURROW__FIELD_TO_ONE || f->kind == FURROW__FIELD_TO_MANY) &&
            strcmp(f->name, column->json ? column->json : "") == 0)
            report_name(c, table, column, place);
}
