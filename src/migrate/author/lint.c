/* SPDX-License-Identifier: MIT
 * Decides which lint rules apply to a change. See lint.h. */
#include "migrate/author/lint.h"

#include <string.h>

#include "base/text.h"
#include "migrate/author/diff_parts.h"
#include "migrate/plan/plan.h"

typedef struct linter {
    furrow__lint_list *out;
    furrow__lint_finding *items;
    size_t capacity;
    const furrow__dialect *dialect;
    furrow__catalog now; /* the schema after the changes so far */
    furrow__table_name *new_tables;
    size_t new_count, new_capacity;
    furrow__table_name changed; /* the first existing table that the revision changes */
    bool has_changed, has_reported_several;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status;
    const furrow__change *change;
} linter;

static void no_memory(linter *l)
{
    if (l->status == FURROW_OK)
        l->status = furrow__fail(l->error, FURROW_NOMEM, "out of memory");
}

static bool is_ignored(const char *ignores, const char *code)
{
    size_t size = strlen(code);
    for (const char *at = ignores; at && (at = strstr(at, code)) != NULL; at += size)
        if ((at == ignores || at[-1] == ' ') && (at[size] == ' ' || !at[size]))
            return true;
    return false;
}

static void add(linter *l, furrow__lint_finding finding)
{
    furrow__lint_finding *items =
        furrow__arena_room(l->arena, l->items, l->out->count, &l->capacity, sizeof *items);
    if (!items) {
        no_memory(l);
        return;
    }
    l->out->items = l->items = items;
    l->items[l->out->count++] = finding;
}

static void find(linter *l, const char *code, furrow__table_name table, const char *part)
{
    const furrow__lint_rule *rule = furrow__lint_rule_named(code, l->dialect);
    if (l->status != FURROW_OK || !rule || is_ignored(l->change->ignores, code))
        return;
    furrow__buffer about = {0};
    if (table.name)
        furrow__catalog_write_table_name(&about, table);
    if (part) {
        furrow__buffer_add_text(&about, table.name ? "." : "");
        furrow__catalog_write_name(&about, part);
    }
    const char *kept = furrow__buffer_take(&about, l->arena);
    if (kept)
        add(l, (furrow__lint_finding){rule, l->change->place, kept});
    else
        no_memory(l);
}

static bool is_new(const linter *l, furrow__table_name name)
{
    for (size_t i = 0; i < l->new_count; i++)
        if (furrow__table_names_are_equal(l->new_tables[i], name))
            return true;
    return false;
}

static void note_new(linter *l, furrow__table_name name)
{
    furrow__table_name *names =
        furrow__arena_room(l->arena, l->new_tables, l->new_count, &l->new_capacity, sizeof *names);
    if (!names) {
        no_memory(l);
        return;
    }
    l->new_tables = names;
    l->new_tables[l->new_count++] = name;
}

static void note_changed(linter *l, furrow__table_name name)
{
    if (is_new(l, name))
        return;
    if (l->has_changed && !furrow__table_names_are_equal(l->changed, name) &&
        !l->has_reported_several) {
        l->has_reported_several = true;
        find(l, "PG110", name, NULL);
    }
    if (!l->has_changed)
        l->changed = name;
    l->has_changed = true;
}

static void check_name(linter *l, furrow__table_name table, const char *part)
{
    const char *name = part ? part : table.name;
    bool plain = !(name[0] >= '0' && name[0] <= '9') && !furrow__catalog_is_keyword(name);
    for (const char *c = name; *c && plain; c++)
        plain = *c == '_' || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
    if (!plain)
        find(l, "CD107", table, part);
}

static bool begins_with(const furrow__catalog_index *index, const char *const *columns,
                        size_t count)
{
    if (index->where || index->count < count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!index->parts[i].column || !furrow__names_have(columns, count, index->parts[i].column))
            return false;
    return true;
}

static bool has_index(const furrow__catalog_table *table, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (begins_with(&table->indexes[i], columns, count))
            return true;
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        size_t found = 0;
        if (c->kind != FURROW__CONSTRAINT_PRIMARY_KEY && c->kind != FURROW__CONSTRAINT_UNIQUE)
            continue;
        while (found < count && found < c->count &&
               furrow__names_have(columns, count, c->columns[found]))
            found++;
        if (found == count)
            return true;
    }
    return false;
}

/* Checks a foreign key or unique constraint. `last` is the schema after all changes. It is needed
 * because the revision can create the index of a foreign key later. */
static void check_key(linter *l, furrow__table_name name, const furrow__catalog_constraint *c,
                      const furrow__catalog *last)
{
    const furrow__catalog_table *table = furrow__catalog_table_named(last, name);
    if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY) {
        if (table && !has_index(table, c->columns, c->count))
            find(l, "CD101", name, c->name);
        /* ON DELETE CASCADE of a new table is not reported: the model requests it explicitly. */
        if (c->on_delete == FURROW_ACTION_CASCADE && !is_new(l, name))
            find(l, "CD103", name, c->name);
    }
    for (size_t i = 0; table && c->kind == FURROW__CONSTRAINT_UNIQUE && i < c->count; i++) {
        const furrow__catalog_column *column = furrow__catalog_column_named(table, c->columns[i]);
        if (column && column->nullable) {
            find(l, "CD105", name, c->name);
            return;
        }
    }
}

static void check_new_table(linter *l, const furrow__catalog *last)
{
    const furrow__catalog_table *table = l->change->new_table;
    const furrow__catalog_table *whole = furrow__catalog_table_named(last, table->name);
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    note_new(l, table->name);
    check_name(l, table->name, NULL);
    if (!(whole ? furrow__catalog_primary_key(whole) : key))
        find(l, "CD102", table->name, NULL);
    for (size_t i = 0; i < table->column_count; i++) {
        const furrow__catalog_column *column = &table->columns[i];
        check_name(l, table->name, column->name);
        if (key && key->count == 1 && strcmp(key->columns[0], column->name) == 0 &&
            (column->type.type == FURROW_TYPE_INT32 || column->type.type == FURROW_TYPE_INT16) &&
            column->assigned)
            find(l, "PG111", table->name, column->name);
    }
    for (size_t i = 0; i < table->constraint_count; i++)
        check_key(l, table->name, &table->constraints[i], last);
}

static bool is_narrower(const furrow__catalog_type *from, const furrow__catalog_type *to)
{
    if (from->native || to->native)
        return false;
    if (furrow__type_is_integer(from) && furrow__type_is_integer(to))
        return to->type < from->type;
    if (from->type != to->type)
        return from->type == FURROW_TYPE_DOUBLE && to->type == FURROW_TYPE_FLOAT;
    if (from->type == FURROW_TYPE_DECIMAL)
        return to->scale < from->scale || to->precision - to->scale < from->precision - from->scale;
    return (to->max_length && (!from->max_length || to->max_length < from->max_length)) ||
           (to->max_size && (!from->max_size || to->max_size < from->max_size));
}

static void check_type(linter *l, const furrow__catalog_column *column)
{
    const furrow__change *change = l->change;
    const furrow__catalog_type *from = &column->type, *to = &change->column.type;
    bool another = from->native || to->native || from->type != to->type;
    bool integers = furrow__type_is_integer(from) && furrow__type_is_integer(to);
    if (is_narrower(from, to))
        find(l, "DS103", change->table, change->name);
    if (another && !integers)
        find(l, "BC104", change->table, change->name);
    if (change->backfill)
        find(l, "MF108", change->table, change->name);
    bool to_text = to->type == FURROW_TYPE_TEXT && from->type == FURROW_TYPE_ENUM;
    bool decimals = from->type == FURROW_TYPE_DECIMAL && to->type == FURROW_TYPE_DECIMAL;
    if ((another && !to_text) || (decimals && from->scale != to->scale) || change->backfill)
        find(l, "PG106", change->table, change->name);
    if (from->type != FURROW_TYPE_ENUM || to->type != FURROW_TYPE_ENUM)
        return;
    for (size_t i = 0; i < from->value_count; i++)
        if (!furrow__names_have(to->values, to->value_count, from->values[i])) {
            find(l, "DS104", change->table, change->name);
            break;
        }
    for (size_t i = 0; i < to->value_count; i++)
        if (!furrow__names_have(from->values, from->value_count, to->values[i])) {
            find(l, "BC106", change->table, change->name);
            break;
        }
}

/* Returns whether the column has a default in the schema after all changes. */
static bool has_default_at_last(const linter *l, const furrow__catalog *last)
{
    const furrow__catalog_table *table = furrow__catalog_table_named(last, l->change->table);
    const furrow__catalog_column *column =
        table ? furrow__catalog_column_named(table, l->change->name) : NULL;
    return column && column->default_;
}

static void check_alter(linter *l, const furrow__catalog_table *table, const furrow__catalog *last)
{
    const furrow__change *change = l->change;
    const furrow__catalog_column *column = furrow__catalog_column_named(table, change->name);
    if (!column)
        return;
    switch (change->alters) {
    case FURROW__ALTER_TYPE:
        check_type(l, column);
        break;
    case FURROW__ALTER_SET_NOT_NULL:
        find(l, "MF102", change->table, change->name);
        find(l, "PG105", change->table, change->name);
        break;
    case FURROW__ALTER_DROP_NOT_NULL:
        find(l, "BC105", change->table, change->name);
        break;
    case FURROW__ALTER_DROP_DEFAULT:
        if (!column->nullable && !has_default_at_last(l, last))
            find(l, "BC103", change->table, change->name);
        break;
    default:
        break;
    }
}

static void check_constraint(linter *l, const furrow__catalog *last)
{
    static const char *const codes[] = {"", "MF107", "MF103", "MF106", "MF105"};
    const furrow__change *change = l->change;
    const furrow__catalog_constraint *c = &change->constraint;
    check_key(l, change->table, c, last);
    if (is_new(l, change->table))
        return;
    find(l, codes[c->kind], change->table, c->name);
    if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY)
        find(l, "PG103", change->table, c->name);
    else if (c->kind == FURROW__CONSTRAINT_CHECK)
        find(l, "PG104", change->table, c->name);
    else
        find(l, "PG107", change->table, c->name);
}

static void check_dropped_constraint(linter *l, const furrow__catalog_table *table,
                                     const furrow__catalog *last)
{
    const furrow__change *change = l->change;
    const furrow__catalog_constraint *c = furrow__catalog_constraint_named(table, change->name);
    const furrow__catalog_table *whole = furrow__catalog_table_named(last, change->table);
    if (!c)
        return;
    if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY && whole && !furrow__catalog_primary_key(whole))
        find(l, "DS107", change->table, change->name);
    else if (c->kind != FURROW__CONSTRAINT_PRIMARY_KEY && whole &&
             !furrow__catalog_constraint_named(whole, change->name))
        find(l, "CD106", change->table, change->name);
    if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY)
        find(l, "PG112", change->table, change->name);
}

static void check_index(linter *l, const furrow__catalog *last)
{
    const furrow__change *change = l->change;
    const furrow__catalog_index *index = &change->index;
    const furrow__catalog_table *whole = furrow__catalog_table_named(last, change->table);
    bool plain = !index->where && !index->unique;
    for (size_t i = 0; whole && plain && i < whole->index_count; i++) {
        const furrow__catalog_index *other = &whole->indexes[i];
        bool covers =
            strcmp(other->name, index->name) != 0 && !other->where && other->count >= index->count;
        for (size_t j = 0; covers && j < index->count; j++)
            covers = other->parts[j].column && index->parts[j].column &&
                     other->parts[j].descending == index->parts[j].descending &&
                     strcmp(other->parts[j].column, index->parts[j].column) == 0;
        if (covers) {
            find(l, "CD104", change->table, index->name);
            break;
        }
    }
    if (is_new(l, change->table))
        return;
    if (!change->concurrently)
        find(l, "PG101", change->table, index->name);
    find(l, "SL103", change->table, index->name);
    if (index->unique)
        find(l, "MF104", change->table, index->name);
}

static void check_dropped_index(linter *l)
{
    const furrow__change *change = l->change;
    furrow__catalog_table *owner;
    furrow__table_name name = {change->table.schema, change->name};
    if (furrow__catalog_find_index(&l->now, name, &owner) && !is_new(l, owner->name) &&
        !change->concurrently)
        find(l, "PG102", owner->name, change->name);
}

static void check_data(linter *l)
{
    const furrow__change *change = l->change;
    if (is_new(l, change->table))
        return;
    if (change->data->kind == FURROW__DATA_DELETE && !change->data->where)
        find(l, "DS105", change->table, NULL);
    if (change->data->kind == FURROW__DATA_UPDATE && !change->data->where)
        find(l, "DS106", change->table, NULL);
    if (l->has_changed)
        find(l, "PG109", change->table, NULL);
}

static void check_column(linter *l)
{
    const furrow__change *change = l->change;
    const furrow__catalog_column *column = &change->column;
    check_name(l, change->table, column->name);
    if (is_new(l, change->table))
        return;
    if (!column->nullable && !column->default_ && !change->backfill)
        find(l, "MF101", change->table, column->name);
    if (change->backfill)
        find(l, "PG108", change->table, column->name);
}

static void check_change(linter *l, const furrow__catalog *last)
{
    const furrow__change *change = l->change;
    const furrow__catalog_table *table =
        change->table.name ? furrow__catalog_table_named(&l->now, change->table) : NULL;
    bool old = table && !is_new(l, change->table);
    switch (change->kind) {
    case FURROW__CREATE_TABLE:
        check_new_table(l, last);
        return;
    case FURROW__DROP_TABLE:
        if (old)
            find(l, "DS101", change->table, NULL);
        break;
    case FURROW__RENAME_TABLE:
        check_name(l, (furrow__table_name){change->table.schema, change->new_name}, NULL);
        if (old)
            find(l, "BC101", change->table, NULL);
        break;
    case FURROW__ADD_COLUMN:
        check_column(l);
        break;
    case FURROW__DROP_COLUMN:
        if (old)
            find(l, "DS102", change->table, change->name);
        break;
    case FURROW__RENAME_COLUMN:
        check_name(l, change->table, change->new_name);
        if (old)
            find(l, "BC102", change->table, change->name);
        break;
    case FURROW__ALTER_COLUMN:
        if (old)
            check_alter(l, table, last);
        break;
    case FURROW__ADD_CONSTRAINT:
        check_constraint(l, last);
        break;
    case FURROW__DROP_CONSTRAINT:
        if (old)
            check_dropped_constraint(l, table, last);
        break;
    case FURROW__CREATE_INDEX:
        check_index(l, last);
        return;
    case FURROW__DROP_INDEX:
        check_dropped_index(l);
        return;
    case FURROW__DATA:
        check_data(l);
        return;
    default:
        return;
    }
    if (old)
        note_changed(l, change->table);
}

static void check_list(linter *l, const furrow__change_list *changes, const furrow__catalog *last)
{
    for (size_t i = 0; i < changes->count && l->status == FURROW_OK; i++) {
        l->change = &changes->items[i];
        if (l->change->kind == FURROW__ENGINE) {
            bool own = false;
            for (size_t j = 0; j < l->change->engine_count; j++)
                own |= l->change->engines[j].dialect == l->dialect;
            if (own) /* a person wrote these statements, so lint does not check them */
                l->status = furrow__change_apply(&l->now, l->change, l->error);
            else
                check_list(l, &l->change->effect, last);
            continue;
        }
        check_change(l, last);
        if (l->status == FURROW_OK)
            l->status = furrow__change_apply(&l->now, l->change, l->error);
    }
}

/* Reports the tables that must be rebuilt. Only the plan shows which tables these are. */
static void check_rebuilds(linter *l, const furrow__catalog *before,
                           const furrow__change_list *changes)
{
    furrow__plan plan;
    furrow_error own = {0};
    furrow_status status = furrow__plan_make(
        &plan, &(furrow__plan_input){l->dialect, before, changes}, l->arena, &own);
    if (status == FURROW_NOMEM)
        no_memory(l);
    for (size_t i = 0; status == FURROW_OK && i < plan.count; i++)
        if (plan.actions[i].kind == FURROW__ACTION_REBUILD) {
            l->change = plan.actions[i].changes[0];
            find(l, "SL101", plan.actions[i].table, NULL);
        }
}

/* Checks the rules that concern a whole revision. Findings are reported at the first statement of
 * the revision. */
static void check_no_transaction(linter *l, const furrow__change_list *changes)
{
    l->change = &changes->items[0];
    find(l, "SL102", (furrow__table_name){NULL, NULL}, NULL);
    if (changes->count > 1)
        find(l, "PG113", (furrow__table_name){NULL, NULL}, NULL);
}

furrow_status furrow__lint_changes(furrow__lint_list *out, const furrow__lint_input *input,
                                   furrow_arena *arena, furrow_error *error)
{
    furrow__catalog last;
    furrow_error own = {0};
    linter l = {
        .out = out, .dialect = input->dialect, .arena = arena, .error = error ? error : &own};
    *out = (furrow__lint_list){0};
    l.status = furrow__catalog_copy(&l.now, input->before, arena, l.error);
    if (l.status == FURROW_OK)
        l.status = furrow__catalog_copy(&last, input->before, arena, l.error);
    if (l.status == FURROW_OK)
        l.status = furrow__changes_apply(&last, input->changes, l.error);
    if (l.status == FURROW_OK)
        check_list(&l, input->changes, &last);
    if (l.status == FURROW_OK)
        check_rebuilds(&l, input->before, input->changes);
    if (l.status == FURROW_OK && input->no_transaction && input->changes->count)
        check_no_transaction(&l, input->changes);
    if (l.status != FURROW_OK)
        *out = (furrow__lint_list){0};
    return l.status;
}

void furrow__lint_write(furrow__buffer *out, const furrow__lint_list *list, const char *file)
{
    for (size_t i = 0; i < list->count; i++) {
        const furrow__lint_finding *f = &list->items[i];
        furrow__buffer_format(out, "%s:%u:%u: warning: %s: %s%s%s\n", file,
                              (unsigned)f->location.line, (unsigned)f->location.column,
                              f->rule->code, f->rule->what, f->about[0] ? ": " : "", f->about);
        furrow__buffer_format(out, "    why: %s\n    help: %s\n", f->rule->why, f->rule->instead);
    }
}
