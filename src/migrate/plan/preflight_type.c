/* SPDX-License-Identifier: MIT
 * Preflight checks for ALTER COLUMN TYPE. They count the values that the new type cannot hold. */
#include "base/calendar.h"
#include "migrate/catalog/ddl.h"
#include "migrate/plan/preflight_parts.h"

typedef furrow__planner planner;
typedef furrow__catalog_type type;

static void ask_condition(planner *p, const furrow__change *change, furrow__buffer *condition,
                          furrow__wording wording, const char *hint)
{
    furrow__column_question question = {
        .condition = furrow__buffer_text(condition), .wording = wording, .hint = hint};
    if (question.condition)
        furrow__plan_ask_column(p, change, change->name, &question);
    else
        furrow__plan_no_memory(p);
    furrow__buffer_done(condition);
}

static bool has_value(const type *t, const char *value)
{
    return furrow__names_have((const char *const *)t->values, t->value_count, value);
}

/* Returns how rows keep the lost values of an enum as another value. Rows often cannot be updated
 * in a revision of their own, because the old enum need not have the value that replaces a lost
 * one. */
static const char *enum_hint(planner *p, const furrow__change *change, const type *from,
                             const type *to)
{
    const char *kept = to->value_count ? to->values[0] : "";
    bool is_lost = false;
    for (size_t i = to->value_count; i > 0; i--)
        if (!has_value(from, to->values[i - 1]))
            kept = to->values[i - 1];
    furrow__buffer_add_text(&p->text, "write before the semicolon, in this revision: USING (CASE ");
    furrow__catalog_write_name(&p->text, change->name);
    for (size_t i = 0; i < from->value_count; i++) {
        if (has_value(to, from->values[i]))
            continue;
        is_lost = true;
        furrow__buffer_add_text(&p->text, " WHEN ");
        furrow__sql_literal(&p->text, from->values[i]);
        furrow__buffer_add_text(&p->text, " THEN ");
        furrow__sql_literal(&p->text, kept);
    }
    furrow__buffer_add_text(&p->text, " ELSE CAST(");
    furrow__catalog_write_name(&p->text, change->name);
    furrow__buffer_add_text(&p->text, " AS TEXT) END)");
    const char *hint = furrow__plan_take(p);
    return is_lost ? hint : FURROW__UPDATE_FIRST;
}

static void ask_values(planner *p, const furrow__change *change, const type *from, const type *to)
{
    const char *hint =
        from->type == FURROW_TYPE_ENUM ? enum_hint(p, change, from, to) : FURROW__UPDATE_FIRST;
    furrow__buffer condition = {0};
    furrow__buffer_add_text(&condition, " NOT IN (");
    for (size_t i = 0; i < to->value_count; i++) {
        furrow__buffer_add_text(&condition, i ? ", " : "");
        furrow__sql_literal(&condition, to->values[i]);
    }
    furrow__buffer_add_text(&condition, ")");
    ask_condition(p, change, &condition,
                  (furrow__wording){"holds a value that is not in the new list of",
                                    "hold a value that is not in the new list of"},
                  hint);
}

/* Returns the largest value of an integer type; 0 if the type is not an integer type. */
static int64_t largest(const type *t)
{
    if (!furrow__type_is_integer(t))
        return 0;
    return t->type == FURROW_TYPE_INT16   ? INT16_MAX
           : t->type == FURROW_TYPE_INT32 ? INT32_MAX
                                          : INT64_MAX;
}

/* Writes "NOT BETWEEN" and two limits, for a decimal whose new type allows fewer digits before the
 * point. The limits are written as the old column stores decimals: as integers in units of its
 * scale, or as numbers with nines after the point. */
static void write_decimal_limits(furrow__buffer *out, int digits, int scale, bool units)
{
    long long most = furrow__power10[digits + (units ? scale : 0)] - 1;
    int nines = units ? 0 : scale;
    const char *fraction = &"999999999999999999"[18 - nines], *point = nines ? "." : "";
    furrow__buffer_format(out, " NOT BETWEEN -%lld%s%s AND %lld%s%s", most, point, fraction, most,
                          point, fraction);
}

/* Writes a condition that is true for numbers that are too large for the new type. Writes nothing
 * if all numbers fit. */
static void write_room(furrow__buffer *out, const type *from, const type *to, bool units)
{
    int digits = to->precision - to->scale;
    bool to_decimal = to->type == FURROW_TYPE_DECIMAL;
    if (to_decimal && from->type == FURROW_TYPE_DECIMAL) {
        if (digits < from->precision - from->scale)
            write_decimal_limits(out, digits, from->scale, units);
        return;
    }
    int64_t most = to_decimal ? furrow__power10[digits] - 1 : largest(to);
    if ((!to_decimal && most == 0) || most >= largest(from))
        return;
    furrow__buffer_format(out, " NOT BETWEEN %lld AND %lld",
                          (long long)(to_decimal ? -most : -most - 1), (long long)most);
}

static void ask_room(planner *p, const furrow__change *change, const type *from, const type *to)
{
    furrow__buffer condition = {0};
    write_room(&condition, from, to, p->dialect->decimals_are_units);
    if (condition.size || condition.failed)
        ask_condition(p, change, &condition,
                      (furrow__wording){"holds a number that is too large for the new type of",
                                        "hold a number that is too large for the new type of"},
                      FURROW__UPDATE_FIRST);
}

/* How the length of a string is measured. */
typedef struct measure {
    const char *before, *after; /* SQL that is written around the string */
    furrow__wording wording;
} measure;

static void ask_length(planner *p, const furrow__change *change, const measure *m, uint32_t limit)
{
    const struct furrow__plan_dialect *words = p->dialect->plan;
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *column =
        table ? furrow__plan_original_column(p, change->table, change->name) : NULL;
    if (!column)
        return;
    furrow__buffer_format(&p->text, "%s%s", m->before, words->text_before);
    furrow__sql_identifier(&p->text, column);
    furrow__buffer_format(&p->text, "%s%s > %u", words->text_after, m->after, (unsigned)limit);
    furrow__plan_question q = {.table = table,
                               .where = furrow__plan_take(p),
                               .message =
                                   furrow__plan_message(p, table->name.name, m->wording, column),
                               .hint = "shorten these values first, in a separate revision"};
    furrow__plan_add_question(p, change, &q);
}

static void ask_text(planner *p, const furrow__change *change, const type *from, const type *to)
{
    const measure characters = {p->dialect->ddl->length_before,
                                p->dialect->ddl->length_after,
                                {"holds a string with too many characters for the new type of",
                                 "hold a string with too many characters for the new type of"}};
    const measure bytes = {p->dialect->ddl->size_before,
                           p->dialect->ddl->size_after,
                           {"holds a string with too many bytes for the new type of",
                            "hold a string with too many bytes for the new type of"}};
    if (to->max_length && (!from->max_length || from->max_length > to->max_length))
        ask_length(p, change, &characters, to->max_length);
    if (to->max_size && (!from->max_size || from->max_size > to->max_size))
        ask_length(p, change, &bytes, to->max_size);
}

static void ask_misfits(planner *p, const furrow__change *change, const type *from,
                        const char *name)
{
    static const furrow__wording misfit = {"holds a value that does not fit the new type of",
                                           "hold a value that does not fit the new type of"};
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *quoted = furrow__plan_quote(p, name);
    const char *misfits = quoted ? furrow__plan_misfits(p, change, from, quoted) : NULL;
    if (!misfits)
        return;
    furrow__plan_question q = {.table = table,
                               .where = misfits,
                               .message = furrow__plan_message(p, table->name.name, misfit, name),
                               .hint = FURROW__UPDATE_FIRST};
    furrow__plan_add_question(p, change, &q);
}

void furrow__plan_ask_type(planner *p, const furrow__change *change)
{
    const furrow__catalog_table *table = furrow__catalog_table_named(&p->now, change->table);
    const furrow__catalog_column *column =
        table ? furrow__catalog_column_named(table, change->name) : NULL;
    const furrow__catalog_table *original = furrow__plan_original(p, change->table);
    const char *name =
        original ? furrow__plan_original_column(p, change->table, change->name) : NULL;
    const furrow__catalog_column *was = name ? furrow__catalog_column_named(original, name) : NULL;
    /* The preflight reads the values before the first change. If an earlier change of the plan
     * changes the column's type, these values do not yet have the type that this change starts
     * from. They cannot be checked. */
    if (!column || change->backfill || !was || was->type.type != column->type.type)
        return;
    const type *from = &column->type, *to = &change->column.type;
    ask_misfits(p, change, from, name);
    if (to->type == FURROW_TYPE_ENUM)
        ask_values(p, change, from, to);
    ask_room(p, change, from, to);
    if (to->type == FURROW_TYPE_TEXT)
        ask_text(p, change, from, to);
}
