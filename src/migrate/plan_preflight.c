/* SPDX-License-Identifier: MIT
 *
 * What is asked of the rows that are there before anything is changed: those that would break a new
 * NOT NULL, key or check, those that a narrower type has no room for, and those that would be lost.
 * Tables and columns that the same revision made have no rows yet; where it writes rows itself,
 * nothing is asked: the engine looks when it comes to that.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/plan_parts.h"
#include "sql/expression_sql.h"

typedef furrow__planner planner;

/* The question in the making: rows of a table that a condition holds for. */
typedef struct question {
    const furrow__catalog_table *table; /* as it is before everything */
    const char *from;                   /* instead of the table; or NULL */
    const char *where;                  /* NULL: every row */
    const char *message, *mend;
    const char *sample; /* instead of keys; or NULL */
    bool is_loss;
    const char *const *unique; /* columns, by their names before everything */
    size_t unique_count;
} question;

static void ask(planner *p, const furrow__change *change, const question *q)
{
    if (p->status != FURROW_OK)
        return;
    furrow__preflight *moved = furrow__plan_room(p, p->preflights, p->out->preflight_count,
                                                 &p->preflight_capacity, sizeof *moved);
    if (!moved)
        return;
    p->preflights = moved;
    furrow__preflight made = {.place = change->place,
                              .message = q->message,
                              .mend = q->mend,
                              .is_loss = q->is_loss,
                              .is_allowed = change->allows_data_loss,
                              .table = q->table->name,
                              .where = q->where,
                              .unique = q->unique,
                              .unique_count = q->unique_count};
    furrow__buffer_add_text(&p->text, "SELECT count(*) FROM ");
    if (q->from)
        furrow__buffer_add_text(&p->text, q->from);
    else
        furrow__write_table_name(&p->text, p->dialect, q->table->name);
    if (q->where)
        furrow__buffer_format(&p->text, " WHERE %s", q->where);
    made.count_sql = furrow__plan_take(p);
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(q->table);
    if (key && q->where && !q->from && !q->is_loss) {
        furrow__buffer_add_text(&p->text, "SELECT ");
        for (size_t i = 0; i < key->count; i++) {
            furrow__buffer_add_text(&p->text, i ? ", " : "");
            furrow__sql_identifier(&p->text, key->columns[i]);
        }
        furrow__buffer_add_text(&p->text, " FROM ");
        furrow__write_table_name(&p->text, p->dialect, q->table->name);
        furrow__buffer_format(&p->text, " WHERE %s ORDER BY 1 LIMIT 5", q->where);
        made.sample_sql = furrow__plan_take(p);
    }
    if (q->sample)
        made.sample_sql = q->sample;
    p->preflights[p->out->preflight_count++] = made;
    p->out->preflights = p->preflights;
}

/* "name" as SQL, in the arena. */
static const char *quoted(planner *p, const char *name)
{
    furrow__sql_identifier(&p->text, name);
    return furrow__plan_take(p);
}

/* "%llu rows of ..." with names in it: the percent sign of the number stays. */
static const char *message(planner *p, const char *table, const char *text, const char *column)
{
    furrow__buffer_add_text(&p->text, "%llu rows of \"");
    furrow__buffer_add_text(&p->text, table);
    furrow__buffer_add_text(&p->text, "\" ");
    furrow__buffer_add_text(&p->text, text);
    if (column) {
        furrow__buffer_add_text(&p->text, " \"");
        furrow__buffer_add_text(&p->text, column);
        furrow__buffer_add_text(&p->text, "\"");
    }
    return furrow__plan_take(p);
}

static void ask_column(planner *p, const furrow__change *change, const char *name,
                       const char *where_format, const char *text, const char *mend, bool is_loss)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *column = table ? furrow__plan_original_column(p, change->table, name) : NULL;
    const char *sql = column ? quoted(p, column) : NULL;
    if (!sql)
        return;
    furrow__buffer_add_text(&p->text, sql);
    furrow__buffer_add_text(&p->text, where_format);
    question q = {.table = table,
                  .where = furrow__plan_take(p),
                  .message = message(p, table->name.name, text, column),
                  .mend = mend,
                  .is_loss = is_loss};
    ask(p, change, &q);
}

static void ask_rows(planner *p, const furrow__change *change, const char *text, const char *column,
                     const char *mend, bool is_loss)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    if (!table)
        return;
    question q = {.table = table,
                  .message = message(p, table->name.name, text, column),
                  .mend = mend,
                  .is_loss = is_loss};
    ask(p, change, &q);
}

/* ---- types ---- */

static void ask_values(planner *p, const furrow__change *change, const furrow__catalog_type *to)
{
    furrow__buffer where = {0};
    furrow__buffer_add_text(&where, " NOT IN (");
    for (size_t i = 0; i < to->value_count; i++) {
        furrow__buffer_add_text(&where, i ? ", " : "");
        furrow__sql_literal(&where, to->values[i]);
    }
    furrow__buffer_add_text(&where, ")");
    if (where.failed)
        furrow__plan_no_memory(p);
    else
        ask_column(p, change, change->name, where.text, "have another value in",
                   "update these rows first, in a revision of its own", false);
    furrow__buffer_done(&where);
}

static void ask_width(planner *p, const furrow__change *change, const furrow__catalog_type *from,
                      const furrow__catalog_type *to)
{
    char where[96];
    int64_t most = to->type == FURROW_TYPE_INT16   ? INT16_MAX
                   : to->type == FURROW_TYPE_INT32 ? INT32_MAX
                                                   : 0;
    int64_t least = -most - 1;
    if (to->type == FURROW_TYPE_DECIMAL && from->type == FURROW_TYPE_DECIMAL) {
        int digits = to->precision - to->scale + (p->sqlite ? from->scale : 0);
        if (digits >= 18 || to->precision - to->scale >= from->precision - from->scale)
            return;
        most = furrow__power10[digits] - 1;
        least = -most;
    }
    if (to->type == FURROW_TYPE_DECIMAL && furrow__type_is_integer(from)) {
        int64_t largest = from->type == FURROW_TYPE_INT16   ? INT16_MAX
                          : from->type == FURROW_TYPE_INT32 ? INT32_MAX
                                                            : INT64_MAX;
        most = furrow__power10[to->precision - to->scale] - 1;
        least = -most;
        if (most >= largest)
            return;
    }
    bool narrower = to->type == FURROW_TYPE_DECIMAL || furrow__type_is_integer(from);
    if (!most || !narrower || (from->type == to->type && to->type != FURROW_TYPE_DECIMAL))
        return;
    /* SQLite's decimals are units; PostgreSQL's have all the digits behind the point, too. */
    int nines = from->type == FURROW_TYPE_DECIMAL && !p->sqlite ? from->scale : 0;
    const char *behind = &"999999999999999999"[18 - nines], *point = nines ? "." : "";
    snprintf(where, sizeof where, " NOT BETWEEN %lld%s%s AND %lld%s%s", (long long)least, point,
             behind, (long long)most, point, behind);
    ask_column(p, change, change->name, where, "hold a number too large for the new type of",
               "update these rows first, in a revision of its own", false);
}

static void ask_length(planner *p, const furrow__change *change, const char *function,
                       const char *end, uint32_t length, const char *text)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *column =
        table ? furrow__plan_original_column(p, change->table, change->name) : NULL;
    if (!column)
        return;
    furrow__buffer_add_text(&p->text, function);
    furrow__buffer_add_text(&p->text, p->sqlite ? "" : "CAST(");
    furrow__sql_identifier(&p->text, column);
    furrow__buffer_add_text(&p->text, p->sqlite ? "" : " AS TEXT)");
    furrow__buffer_format(&p->text, "%s > %u", end, (unsigned)length);
    question q = {.table = table,
                  .where = furrow__plan_take(p),
                  .message = message(p, table->name.name, text, column),
                  .mend = "shorten these texts first, in a revision of its own"};
    ask(p, change, &q);
}

static void ask_type(planner *p, const furrow__change *change)
{
    const furrow__catalog_table *table = furrow__catalog_table_named(&p->now, change->table);
    const furrow__catalog_column *column =
        table ? furrow__catalog_column_named(table, change->name) : NULL;
    const furrow__catalog_type *to = &change->column.type;
    if (!column || change->backfill)
        return;
    const furrow__catalog_type *from = &column->type;
    const furrow__catalog_table *first = furrow__plan_original(p, change->table);
    const char *name = first ? furrow__plan_original_column(p, change->table, change->name) : NULL;
    const furrow__catalog_column *as_it_was =
        name ? furrow__catalog_column_named(first, name) : NULL;
    if (!as_it_was || as_it_was->type.type != from->type)
        return; /* the rows that can be asked are of another type still */
    const char *sql = quoted(p, name);
    const char *misfits = sql ? furrow__plan_misfits(p, change, from, sql) : NULL;
    if (misfits) {
        question q = {.table = first,
                      .where = misfits,
                      .message = message(p, first->name.name,
                                         "hold a value that the new type cannot hold in", name),
                      .mend = "update these rows first, in a revision of its own"};
        ask(p, change, &q);
    }
    bool shorter = to->max_length && (!from->max_length || from->max_length > to->max_length);
    bool smaller = to->max_size && (!from->max_size || from->max_size > to->max_size);
    if (to->type == FURROW_TYPE_ENUM)
        ask_values(p, change, to);
    ask_width(p, change, from, to);
    if (to->type == FURROW_TYPE_TEXT && shorter)
        ask_length(p, change, p->sqlite ? "length(" : "char_length(", ")", to->max_length,
                   "hold a longer text in");
    if (to->type == FURROW_TYPE_TEXT && smaller)
        ask_length(p, change, p->sqlite ? "length(CAST(" : "octet_length(",
                   p->sqlite ? " AS BLOB))" : ")", to->max_size, "hold a larger text in");
}

/* ---- constraints ---- */

/* The original names of a key's columns, quoted and with commas; NULL where one is new. */
static const char *key_columns(planner *p, furrow__table_name table, const char *const *columns,
                               size_t count, const char *alias, const char *behind)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = furrow__plan_original_column(p, table, columns[i]);
        if (!name) {
            furrow__buffer_clear(&p->text);
            return NULL;
        }
        furrow__buffer_add_text(&p->text, i ? (behind[0] ? " AND " : ", ") : "");
        furrow__buffer_add_text(&p->text, alias);
        furrow__sql_identifier(&p->text, name);
        furrow__buffer_add_text(&p->text, behind);
    }
    return furrow__plan_take(p);
}

/* The columns' names before everything, in the arena. */
static const char *const *original_names(planner *p, furrow__table_name table,
                                         const char *const *columns, size_t count)
{
    const char **names =
        furrow__arena_aligned(p->arena, (count + 1) * sizeof *names, _Alignof(char *));
    if (!names)
        furrow__plan_no_memory(p);
    for (size_t i = 0; names && i < count; i++)
        names[i] = furrow__plan_original_column(p, table, columns[i]);
    return names;
}

static void ask_unique(planner *p, const furrow__change *change, const char *name,
                       const char *const *columns, size_t count)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *list = table ? key_columns(p, change->table, columns, count, "", "") : NULL;
    const char *there =
        list ? key_columns(p, change->table, columns, count, "", " IS NOT NULL") : NULL;
    if (!list || !there)
        return;
    furrow__buffer_format(&p->text, "(SELECT count(*) FROM ");
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_format(&p->text, " WHERE %s GROUP BY %s HAVING count(*) > 1) AS twice", there,
                          list);
    question q = {.table = table,
                  .from = furrow__plan_take(p),
                  .unique = original_names(p, change->table, columns, count),
                  .unique_count = count,
                  .mend = "decide which of them stay, in a revision of its own"};
    furrow__buffer_add_text(&p->text, "%llu values of \"");
    furrow__buffer_add_text(&p->text, table->name.name);
    furrow__buffer_add_text(&p->text, "\" stand in several rows, and shall be unique");
    if (name)
        furrow__buffer_format(&p->text, " by \"%s\"", name);
    q.message = furrow__plan_take(p);
    furrow__buffer_format(&p->text, "SELECT %s FROM ", list);
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_format(&p->text, " WHERE %s GROUP BY %s HAVING count(*) > 1 ORDER BY %s LIMIT 5",
                          there, list, list);
    q.sample = furrow__plan_take(p);
    ask(p, change, &q);
}

static void ask_foreign_key(planner *p, const furrow__change *change)
{
    const furrow__catalog_constraint *c = &change->constraint;
    const furrow__catalog_table *table = furrow__plan_original(p, change->table),
                                *target = table ? furrow__plan_original(p, c->target) : NULL;
    const char *there =
        target ? key_columns(p, change->table, c->columns, c->count, "t.", " IS NOT NULL") : NULL;
    if (!there)
        return;
    furrow__buffer_format(&p->text, "%s AND NOT EXISTS (SELECT 1 FROM ", there);
    furrow__write_table_name(&p->text, p->dialect, target->name);
    furrow__buffer_add_text(&p->text, " AS u WHERE ");
    for (size_t i = 0; i < c->count; i++) {
        const char *own = furrow__plan_original_column(p, change->table, c->columns[i]),
                   *to = furrow__plan_original_column(p, c->target, c->target_columns[i]);
        if (!own || !to) {
            furrow__buffer_clear(&p->text);
            return;
        }
        furrow__buffer_add_text(&p->text, i ? " AND u." : "u.");
        furrow__sql_identifier(&p->text, to);
        furrow__buffer_add_text(&p->text, " = t.");
        furrow__sql_identifier(&p->text, own);
    }
    furrow__buffer_add_char(&p->text, ')');
    question q = {.table = table, .where = furrow__plan_take(p)};
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_add_text(&p->text, " AS t");
    q.from = furrow__plan_take(p);
    q.message =
        message(p, table->name.name, "refer to rows that are not there, of", target->name.name);
    q.mend = "delete these rows or set them to NULL first, in a revision of its own";
    ask(p, change, &q);
}

static void ask_check(planner *p, const furrow__change *change)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const furrow_model *model = table ? furrow__catalog_model(table, p->arena) : NULL;
    furrow__expression_error problem;
    if (!model)
        return;
    /* Over the columns as they were; where one is new or was renamed, nothing is asked. */
    const furrow__expression *parsed =
        furrow__expression_parse(change->constraint.expression, model, NULL,
                                 FURROW__EXPRESSION_FOR_CHECK, p->arena, &problem);
    if (!parsed)
        return;
    furrow__buffer_add_text(&p->text, "NOT (");
    furrow__sql_expression(&p->text, p->dialect, parsed, NULL);
    furrow__buffer_add_char(&p->text, ')');
    question q = {.table = table,
                  .where = furrow__plan_take(p),
                  .message = message(p, table->name.name, "do not hold", change->constraint.name),
                  .mend = "update these rows first, in a revision of its own"};
    ask(p, change, &q);
}

/* ---- telling ---- */

/* Behind "rows of "table" ", for one of them. */
static const struct {
    const char *many, *one;
} verbs[] = {{"have ", "has "},        {"hold ", "holds "},
             {"do not ", "does not "}, {"refer ", "refers "},
             {"stand ", "stands "},    {"would lose their ", "would lose its "}};

void furrow__preflight_write(furrow__buffer *out, const furrow__preflight *asked, int64_t count)
{
    const char *number = strstr(asked->message, "%llu");
    if (!number) {
        furrow__buffer_add_text(out, asked->message);
        return;
    }
    furrow__buffer_add(out, asked->message, (size_t)(number - asked->message));
    furrow__buffer_format(out, "%lld", (long long)count);
    const char *rest = number + 4;
    const char *of = count == 1 ? strstr(rest, "s of \"") : NULL;
    const char *verb = of ? strstr(of + 6, "\" ") : NULL;
    if (verb) {
        verb += 2;
        furrow__buffer_add(out, rest, (size_t)(of - rest));
        furrow__buffer_add(out, of + 1, (size_t)(verb - of - 1));
        rest = verb;
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            if (strncmp(verb, verbs[i].many, strlen(verbs[i].many)) == 0) {
                furrow__buffer_add_text(out, verbs[i].one);
                rest = verb + strlen(verbs[i].many);
                break;
            }
    }
    furrow__buffer_add_text(out, rest);
}

/* ---- all ---- */

#define LOSS_MEND                                                                                  \
    "if that is meant, write -- furrow: allow-data-loss above the statement, or allow it by "      \
    "--allow-data-loss"

static void ask_constraint(planner *p, const furrow__change *change)
{
    switch (change->constraint.kind) {
    case FURROW__CONSTRAINT_PRIMARY_KEY:
    case FURROW__CONSTRAINT_UNIQUE:
        ask_unique(p, change, change->constraint.name, change->constraint.columns,
                   change->constraint.count);
        break;
    case FURROW__CONSTRAINT_FOREIGN_KEY:
        ask_foreign_key(p, change);
        break;
    case FURROW__CONSTRAINT_CHECK:
        ask_check(p, change);
        break;
    }
}

static void ask_index(planner *p, const furrow__change *change)
{
    const furrow__catalog_index *index = &change->index;
    const char *columns[FURROW__CATALOG_KEY];
    if (!index->unique || index->where || index->count > FURROW__CATALOG_KEY)
        return;
    for (size_t i = 0; i < index->count; i++) {
        columns[i] = index->parts[i].column;
        if (!columns[i])
            return;
    }
    ask_unique(p, change, index->name, columns, index->count);
}

void furrow__plan_ask(planner *p, const furrow__change *change)
{
    if (p->status != FURROW_OK)
        return;
    switch (change->kind) {
    case FURROW__DROP_TABLE:
        ask_rows(p, change, "would be lost with the table", NULL, LOSS_MEND, true);
        break;
    case FURROW__DROP_COLUMN:
        ask_column(p, change, change->name, " IS NOT NULL", "would lose their value of", LOSS_MEND,
                   true);
        break;
    case FURROW__ADD_COLUMN:
        if (!change->column.nullable && !change->column.default_ && !change->backfill)
            ask_rows(p, change, "would have no value in the new column", change->column.name,
                     "give it a DEFAULT, or write USING (expression)", false);
        break;
    case FURROW__ALTER_COLUMN:
        if (change->alters == FURROW__ALTER_SET_NOT_NULL)
            ask_column(p, change, change->name, " IS NULL", "have no",
                       "update these rows first, in a revision of its own", false);
        else if (change->alters == FURROW__ALTER_TYPE)
            ask_type(p, change);
        break;
    case FURROW__ADD_CONSTRAINT:
        ask_constraint(p, change);
        break;
    case FURROW__CREATE_INDEX:
        ask_index(p, change);
        break;
    default:
        break;
    }
}
