/* SPDX-License-Identifier: MIT
 * Checks the expressions in the annotations `check`, `where` and `default`. The parser in
 * src/schema reads the expressions. Each error is reported at its location in the header. */
#include <string.h>

#include "compiler/build/build.h"
#include "schema/expression.h"

/* Reports an error at a single byte of a string literal. */
static void report(furrow__compiler *c, const furrow__argument *text,
                   const furrow__expression_error *error)
{
    if (!error->message[0])
        furrow__compiler_no_memory(c);
    furrow__location place = text->place;
    if (text->kind == FURROW__ARGUMENT_TEXT) {
        uint32_t end = place.offset + place.size;
        place.offset = furrow__lexeme_text_offset(text->tokens, text->token, error->position);
        if (place.offset >= end)
            place.offset = end - 1;
        place.size = 1;
    }
    furrow__compiler_error(c, place,
                           "see man 7 furrow-expressions for what an expression can contain", "%s",
                           error->message);
}

static void check_expression(furrow__compiler *c, const furrow__table *table,
                             const furrow__argument *text, furrow__expression_use use)
{
    furrow__expression_error error = {0};
    const furrow__expression_scope scope = furrow__model_scope(&table->model);
    const furrow__expression_source source = {.text = text->name, .scope = &scope, .use = use};
    if (!furrow__expression_parse(&source, &c->arena, &error) && !table->is_broken)
        report(c, text, &error);
}

static void check_default(furrow__compiler *c, furrow__table *table, furrow_column *column)
{
    const furrow__field *field = table->fields[column->index];
    const furrow__argument *a =
        furrow__annotation_find(field->annotations, field->annotation_count, "default");
    if (!a || a->kind != FURROW__ARGUMENT_CALL)
        return;
    if (column->flags & FURROW_COLUMN_ASSIGNED) {
        furrow__compiler_error(c, a->place, "remove default; the database assigns the key",
                               "key \"%s\" cannot have a default", column->field);
        return;
    }
    furrow__build_default(c, table, column, field, a);
    furrow__expression_error error = {0};
    const furrow__expression_scope scope = furrow__model_scope(&table->model);
    const furrow__expression_source source = {.text = column->default_,
                                              .scope = &scope,
                                              .column = column,
                                              .use = FURROW__EXPRESSION_FOR_DEFAULT};
    if (column->default_ && !furrow__expression_parse(&source, &c->arena, &error)) {
        error.position = 0;
        report(c, &a->items[0], &error);
    }
}

void furrow__build_expressions(furrow__compiler *c, furrow__table *table)
{
    const furrow__struct *s = table->syntax;
    for (uint16_t i = 0; i < table->model.column_count; i++) {
        const furrow__field *field = table->fields[i];
        if (table->columns[i].check)
            check_expression(
                c, table,
                &furrow__annotation_find(field->annotations, field->annotation_count, "check")
                     ->items[0],
                FURROW__EXPRESSION_FOR_CHECK);
        if (!table->is_result)
            check_default(c, table, &table->columns[i]);
    }
    for (size_t i = 0; i < s->annotation_count && !table->is_result; i++) {
        const furrow__argument *a = &s->annotations[i];
        if (a->kind != FURROW__ARGUMENT_CALL)
            continue;
        if (furrow__argument_is(a, "check") && a->count == 1 &&
            a->items[0].kind == FURROW__ARGUMENT_TEXT)
            check_expression(c, table, &a->items[0], FURROW__EXPRESSION_FOR_CHECK);
        for (size_t j = 0; j < a->count; j++) {
            const furrow__argument *where = &a->items[j];
            if ((furrow__argument_is(a, "index") || furrow__argument_is(a, "unique")) &&
                furrow__argument_is(where, "where") && where->count == 1 &&
                where->items[0].kind == FURROW__ARGUMENT_TEXT)
                check_expression(c, table, &where->items[0], FURROW__EXPRESSION_FOR_WHERE);
        }
    }
}
