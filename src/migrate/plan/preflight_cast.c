/* SPDX-License-Identifier: MIT
 * Preflight checks for values that CAST a text to an integer. They count the rows for which the
 * statement would fail because a text is not an integer. The condition follows the order in which
 * CASE and coalesce calculate their arguments, so a CAST that a row does not reach is not counted.
 */
#include <string.h>

#include "migrate/plan/preflight_parts.h"

typedef furrow__planner planner;
typedef furrow__expression node;

static bool casts_text(const node *n)
{
    return n->kind == FURROW__EXPRESSION_CAST && n->type == FURROW_TYPE_INT64 &&
           n->arguments[0]->type == FURROW_TYPE_TEXT;
}

/* Returns the first CAST from text to an integer; NULL if there is none. */
static const node *find_cast(const node *n)
{
    if (casts_text(n))
        return n;
    for (size_t i = 0; i < n->argument_count; i++) {
        const node *found = find_cast(n->arguments[i]);
        if (found)
            return found;
    }
    return NULL;
}

static const char *first_column(const node *n)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN)
        return n->column->name;
    const char *name = NULL;
    for (size_t i = 0; i < n->argument_count && !name; i++)
        name = first_column(n->arguments[i]);
    return name;
}

/* Returns whether the preflight can read the expression: before the first change, all of its
 * columns exist in the table, with the same names and types. */
static bool can_be_read(const planner *p, furrow__table_name table, const node *n)
{
    for (size_t i = 0; i < n->argument_count; i++)
        if (!can_be_read(p, table, n->arguments[i]))
            return false;
    if (n->kind != FURROW__EXPRESSION_COLUMN)
        return true;
    const furrow__catalog_table *original = furrow__plan_original(p, table);
    const char *name = furrow__plan_original_column(p, table, n->column->name);
    const furrow__catalog_column *column =
        original && name ? furrow__catalog_column_named(original, name) : NULL;
    return column && strcmp(name, n->column->name) == 0 && column->type.type == n->column->type;
}

static void add(planner *p, const char *text)
{
    furrow__buffer_add_text(&p->text, text);
}

static void write_failure(planner *p, const node *n);

static void write_not_integer(planner *p, const node *cast)
{
    add(p, " WHEN ");
    add(p, p->dialect->plan->not_integer_before);
    furrow__plan_write_expression(p, cast->arguments[0], NULL);
    add(p, p->dialect->plan->not_integer_after);
    furrow__buffer_format(&p->text, " THEN %s", p->dialect->expression->true_);
}

/* Writes the arguments of a CASE: pairs of a condition and a value, and the value of ELSE. */
static void write_case(planner *p, const node *n)
{
    size_t pairs = n->argument_count / 2 * 2;
    for (size_t i = 0; i < pairs; i += 2) {
        add(p, " WHEN ");
        write_failure(p, n->arguments[i]);
        furrow__buffer_format(&p->text, " THEN %s WHEN ", p->dialect->expression->true_);
        furrow__plan_write_expression(p, n->arguments[i], NULL);
        add(p, " THEN ");
        write_failure(p, n->arguments[i + 1]);
    }
    if (n->argument_count > pairs) {
        add(p, " ELSE ");
        write_failure(p, n->arguments[pairs]);
    }
}

static void write_arguments(planner *p, const node *n)
{
    bool is_coalesce = n->kind == FURROW__EXPRESSION_CALL && strcmp(n->operator_, "coalesce") == 0;
    /* An engine may calculate only one side of AND and OR. */
    bool is_logical = n->kind == FURROW__EXPRESSION_BINARY &&
                      (strcmp(n->operator_, "AND") == 0 || strcmp(n->operator_, "OR") == 0);
    for (size_t i = 0; i < (is_logical ? 1 : n->argument_count); i++) {
        add(p, " WHEN ");
        write_failure(p, n->arguments[i]);
        furrow__buffer_format(&p->text, " THEN %s", p->dialect->expression->true_);
        if (!is_coalesce)
            continue;
        add(p, " WHEN ");
        furrow__plan_write_expression(p, n->arguments[i], NULL);
        furrow__buffer_format(&p->text, " IS NOT NULL THEN %s", p->dialect->expression->false_);
    }
}

/* Writes a condition that is true if a CAST in the expression fails. The condition itself does not
 * run a CAST that fails. */
static void write_failure(planner *p, const node *n)
{
    const char *no = p->dialect->expression->false_;
    if (!find_cast(n)) {
        add(p, no);
        return;
    }
    add(p, "CASE");
    bool has_else = n->kind == FURROW__EXPRESSION_CASE && n->argument_count % 2 == 1;
    if (n->kind == FURROW__EXPRESSION_CASE)
        write_case(p, n);
    else
        write_arguments(p, n);
    if (casts_text(n))
        write_not_integer(p, n);
    if (!has_else)
        furrow__buffer_format(&p->text, " ELSE %s", no);
    add(p, " END");
}

static const node *parse(planner *p, furrow__table_name table, const char *text,
                         furrow__expression_use use)
{
    furrow_error error = {0};
    const furrow__catalog_table *now = furrow__catalog_table_named(&p->now, table);
    const furrow__expression_scope *scope = now ? furrow__catalog_scope(now, p->arena) : NULL;
    const furrow__expression_source source = {
        .text = text, .scope = scope, .use = use, .is_statement = true};
    const node *parsed =
        scope ? furrow__catalog_parse(&source, "expression", p->arena, &error) : NULL;
    if ((now && !scope) || (scope && !parsed && error.status == FURROW_NOMEM))
        furrow__plan_no_memory(p);
    return parsed;
}

void furrow__plan_ask_casts(planner *p, const furrow__change *change,
                            const furrow__cast_source *source)
{
    static const furrow__wording wording = {"has a text that is not a 64-bit integer in",
                                            "have a text that is not a 64-bit integer in"};
    const furrow__catalog_table *table =
        p->status == FURROW_OK ? furrow__plan_original(p, source->table) : NULL;
    if (!table || !furrow__table_names_are_equal(table->name, source->table))
        return;
    const node *value = parse(p, source->table, source->value, FURROW__EXPRESSION_FOR_INDEX);
    const node *where = value && source->where
                            ? parse(p, source->table, source->where, FURROW__EXPRESSION_FOR_WHERE)
                            : NULL;
    const node *cast = value ? find_cast(value) : NULL;
    const char *column = cast ? first_column(cast->arguments[0]) : NULL;
    if (!column || (source->where && !where) || !can_be_read(p, source->table, value) ||
        (where && !can_be_read(p, source->table, where)))
        return;
    if (where) {
        add(p, "CASE WHEN ");
        write_failure(p, where);
        furrow__buffer_format(&p->text, " THEN %s WHEN ", p->dialect->expression->true_);
        furrow__plan_write_expression(p, where, NULL);
        add(p, " THEN ");
    }
    write_failure(p, value);
    if (where)
        furrow__buffer_format(&p->text, " ELSE %s END", p->dialect->expression->false_);
    furrow__plan_question q = {
        .table = table,
        .where = furrow__plan_take(p),
        .message = furrow__plan_message(p, table->name.name, wording, column),
        .hint = "update these rows first, in a separate revision, or write CASE around the CAST"};
    furrow__plan_add_question(p, change, &q);
}
