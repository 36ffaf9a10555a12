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
#include "migrate/plan/parts.h"
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

/* The largest integer of a type; 0 for others. */
static int64_t largest(const furrow__catalog_type *type)
{
    return !furrow__type_is_integer(type)    ? 0
           : type->type == FURROW_TYPE_INT16 ? INT16_MAX
           : type->type == FURROW_TYPE_INT32 ? INT32_MAX
                                             : INT64_MAX;
}

/* What the new type has room for, as the old type's column has it: SQLite's decimals are units,
 * PostgreSQL's have all the digits behind the point, too. False where it has room for all. */
static bool write_room(furrow__buffer *out, const furrow__catalog_type *from,
                       const furrow__catalog_type *to, bool sqlite)
{
    bool decimals = from->type == FURROW_TYPE_DECIMAL && to->type == FURROW_TYPE_DECIMAL;
    int room = to->precision - to->scale;
    if (decimals && room < from->precision - from->scale) {
        int nines = sqlite ? 0 : from->scale;
        long long most = furrow__power10[room + (sqlite ? from->scale : 0)] - 1;
        const char *behind = &"999999999999999999"[18 - nines], *point = nines ? "." : "";
        furrow__buffer_format(out, " NOT BETWEEN -%lld%s%s AND %lld%s%s", most, point, behind, most,
                              point, behind);
        return true;
    }
    int64_t most = to->type == FURROW_TYPE_DECIMAL ? furrow__power10[room] - 1 : largest(to);
    if (decimals || !largest(from) || most >= largest(from) ||
        (to->type != FURROW_TYPE_DECIMAL && !largest(to)))
        return false;
    furrow__buffer_format(out, " NOT BETWEEN %lld AND %lld",
                          (long long)(to->type == FURROW_TYPE_DECIMAL ? -most : -most - 1),
                          (long long)most);
    return true;
}

static void ask_width(planner *p, const furrow__change *change, const furrow__catalog_type *from,
                      const furrow__catalog_type *to)
{
    furrow__buffer where = {0};
    if (write_room(&where, from, to, p->sqlite)) {
        if (where.failed)
            furrow__plan_no_memory(p);
        else
            ask_column(p, change, change->name, where.text,
                       "hold a number too large for the new type of",
                       "update these rows first, in a revision of its own", false);
    }
    furrow__buffer_done(&where);
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

/* ---- expressions over the rows as they are ---- */

/* Whether each column in it has the name and the kind of values that it had before everything. */
static bool reads_as_before(const planner *p, furrow__table_name table,
                            const furrow__catalog_table *original, const furrow__expression *n)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN) {
        const furrow__catalog_table *now = furrow__catalog_table_named(&p->now, table);
        const char *name = furrow__plan_original_column(p, table, n->column->name);
        const furrow__catalog_column *a =
                                         name ? furrow__catalog_column_named(original, name) : NULL,
                                     *b = now ? furrow__catalog_column_named(now, n->column->name)
                                              : NULL;
        return a && b && strcmp(name, b->name) == 0 && a->type.type == b->type.type &&
               a->type.scale == b->type.scale && !a->type.native == !b->type.native;
    }
    for (size_t i = 0; i < n->argument_count; i++)
        if (!reads_as_before(p, table, original, n->arguments[i]))
            return false;
    return true;
}

/* Canonical text as SQL over the rows as they are, into p->text; false where it needs a column that
 * is new, was renamed, or is of another type by now. */
static bool write_over_rows(planner *p, furrow__table_name table, const char *text,
                            furrow__expression_use use)
{
    const furrow__catalog_table *original = furrow__plan_original(p, table);
    const furrow_model *model = original ? furrow__catalog_model(original, p->arena) : NULL;
    furrow__expression_error problem;
    if (!model)
        return false;
    const furrow__expression *parsed =
        furrow__expression_parse(text, model, NULL, use, p->arena, &problem);
    if (!parsed || !reads_as_before(p, table, original, parsed))
        return false;
    furrow__sql_expression(&p->text, p->dialect, parsed, NULL);
    return true;
}

/* ---- keys of expressions, of some rows, of columns that are new ---- */

/* What rows have in a column that this revision adds, where all have the same. */
static const furrow__plan_column *added_column(const planner *p, furrow__table_name table,
                                               const char *name)
{
    for (size_t i = p->added_count; i > 0; i--)
        if (furrow__table_names_are_equal(p->added[i - 1].table, table) &&
            strcmp(p->added[i - 1].name, name) == 0)
            return &p->added[i - 1];
    return NULL;
}

/* The parts that tell rows apart, with commas; "" where nothing does. False where that is not
 * known, or where no row has a key. */
static bool write_parts(planner *p, furrow__table_name table, const furrow__catalog_index *index)
{
    bool first = true;
    for (size_t i = 0; i < index->count; i++) {
        const furrow__index_part *part = &index->parts[i];
        const char *name =
            part->column ? furrow__plan_original_column(p, table, part->column) : NULL;
        const furrow__plan_column *added =
            part->column && !name ? added_column(p, table, part->column) : NULL;
        if (added && added->is_constant)
            continue;
        if (part->column && !name)
            return false;
        furrow__buffer_add_text(&p->text, first ? "" : ", ");
        first = false;
        if (name)
            furrow__sql_identifier(&p->text, name);
        else if (!write_over_rows(p, table, part->expression, FURROW__EXPRESSION_FOR_INDEX))
            return false;
    }
    return true;
}

/* Rows that have the key of another, as a condition: also where one column has not all that a key
 * is made of. */
static void ask_same_keys(planner *p, const furrow__change *change,
                          const furrow__catalog_index *index)
{
    const furrow__catalog_table *table = furrow__plan_original(p, change->table);
    const char *where = NULL, *parts = NULL;
    bool known = table != NULL;
    if (known && index->where) {
        known = write_over_rows(p, change->table, index->where, FURROW__EXPRESSION_FOR_WHERE);
        where = known ? furrow__plan_take(p) : NULL;
    }
    known = known && write_parts(p, change->table, index);
    if (known)
        parts = furrow__plan_take(p);
    furrow__buffer_clear(&p->text);
    if (!parts || (index->where && !where))
        return;
    furrow__buffer_format(&p->text, "%s%s%s", where ? "(" : "", where ? where : "",
                          where ? ") AND " : "");
    if (parts[0])
        furrow__buffer_format(&p->text, "(%s) IN (SELECT %s FROM ", parts, parts);
    else
        furrow__buffer_add_text(&p->text, "1 < (SELECT count(*) FROM ");
    furrow__write_table_name(&p->text, p->dialect, table->name);
    furrow__buffer_format(&p->text, "%s%s", where ? " WHERE " : "", where ? where : "");
    if (parts[0])
        furrow__buffer_format(&p->text, " GROUP BY %s HAVING count(*) > 1", parts);
    furrow__buffer_add_char(&p->text, ')');
    question q = {.table = table,
                  .where = furrow__plan_take(p),
                  .message =
                      message(p, table->name.name, "have the key of another row in", index->name),
                  .mend = parts[0] ? "decide which of them stay, in a revision of its own"
                                   : "give each row another value: ADD COLUMN ... USING "
                                     "(expression)"};
    ask(p, change, &q);
}

static void ask_key(planner *p, const furrow__change *change, const furrow__catalog_index *index)
{
    const char *columns[FURROW__CATALOG_KEY];
    bool plain = !index->where;
    if (index->count > FURROW__CATALOG_KEY)
        return;
    for (size_t i = 0; i < index->count; i++) {
        columns[i] = index->parts[i].column;
        plain = plain && columns[i] &&
                furrow__plan_original_column(p, change->table, columns[i]) != NULL;
    }
    if (plain)
        ask_unique(p, change, index->name, columns, index->count);
    else
        ask_same_keys(p, change, index);
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
    furrow__buffer_add_text(&p->text, "NOT (");
    if (!table || !write_over_rows(p, change->table, change->constraint.expression,
                                   FURROW__EXPRESSION_FOR_CHECK)) {
        furrow__buffer_clear(&p->text);
        return;
    }
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
    furrow__index_part parts[FURROW__CATALOG_KEY];
    furrow__catalog_index key = {.name = change->constraint.name,
                                 .parts = parts,
                                 .count = change->constraint.count,
                                 .unique = true};
    switch (change->constraint.kind) {
    case FURROW__CONSTRAINT_PRIMARY_KEY:
    case FURROW__CONSTRAINT_UNIQUE:
        for (size_t i = 0; i < key.count && i < FURROW__CATALOG_KEY; i++)
            parts[i] = (furrow__index_part){.column = change->constraint.columns[i]};
        ask_key(p, change, &key);
        break;
    case FURROW__CONSTRAINT_FOREIGN_KEY:
        ask_foreign_key(p, change);
        break;
    case FURROW__CONSTRAINT_CHECK:
        ask_check(p, change);
        break;
    }
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
        if (change->index.unique)
            ask_key(p, change, &change->index);
        break;
    default:
        break;
    }
}
