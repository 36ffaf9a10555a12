/* SPDX-License-Identifier: MIT
 *
 * Determines what a step may change. If the step renames a table or column, the new name is used.
 * Values that a data statement or a USING expression writes are not checked. After a downgrade, a
 * value or row can be missing in only two cases. In the first case, the revision's file documents
 * the loss: by `-- furrow: allow-data-loss`, or by a comment that begins with "loses:" or "cannot
 * bring back:" and names the table or column (contact, contact.phone). In the second case, the
 * schema after the upgrade had no place for the value or row.
 */
#include <string.h>

#include "migrate/revision/change_parts.h"
#include "migrate/prove/parts.h"
#include "scan/compare.h"
#include "sql/dialect.h"

/* Renames `table` and `column` in the same way as the change does. Returns false if the change
 * drops the table or column. */
static bool follow_change(const furrow__change *change, furrow__table_name *table,
                          const char **column)
{
    if (!furrow__table_names_are_equal(change->table, *table))
        return true;
    switch (change->kind) {
    case FURROW__DROP_TABLE:
        return false;
    case FURROW__RENAME_TABLE:
        table->name = change->new_name;
        return true;
    case FURROW__DROP_COLUMN:
        return !*column || strcmp(change->name, *column) != 0;
    case FURROW__RENAME_COLUMN:
        if (*column && strcmp(change->name, *column) == 0)
            *column = change->new_name;
        return true;
    default:
        return true;
    }
}

/* Replaces the names with the names that the table and column had before the first `count` changes.
 * Returns false if the table or column did not exist before these changes. */
static bool trace_back(const furrow__change_list *changes, size_t count, furrow__table_name *table,
                       const char **column)
{
    for (size_t i = count; i > 0; i--) {
        const furrow__change *change = &changes->items[i - 1];
        bool is_renamed = change->kind == FURROW__RENAME_TABLE && change->new_name &&
                          strcmp(change->new_name, table->name) == 0;
        if (is_renamed) {
            table->name = change->table.name;
            continue;
        }
        if (!furrow__table_names_are_equal(change->table, *table))
            continue;
        if (change->kind == FURROW__CREATE_TABLE)
            return false;
        if (change->kind == FURROW__RENAME_COLUMN && *column &&
            strcmp(change->new_name, *column) == 0)
            *column = change->name;
        if (change->kind == FURROW__ADD_COLUMN && *column &&
            strcmp(change->column.name, *column) == 0)
            return false;
    }
    return true;
}

typedef struct stepper {
    const furrow__catalog *before;
    furrow__step_table *tables;
    const furrow__dialect *dialect;
} stepper;

static furrow__step_table *table_at(stepper *s, furrow__table_name name)
{
    for (size_t i = 0; i < s->before->count; i++)
        if (s->tables[i].name.name && furrow__table_names_are_equal(s->tables[i].name, name))
            return &s->tables[i];
    return NULL;
}

static void drop_column(stepper *s, furrow__step_table *table, const char *column)
{
    const furrow__catalog_table *was = s->before->tables[table - s->tables];
    for (size_t i = 0; i < was->column_count; i++)
        if (table->columns[i] && strcmp(table->columns[i], column) == 0)
            table->columns[i] = NULL;
}

/* A data statement can change further rows and columns, because of foreign keys with CASCADE, SET
 * NULL or SET DEFAULT. Marks these rows and columns. */
static void follow_keys(stepper *s, const furrow__step_table *changed, bool removes_rows,
                        size_t depth)
{
    furrow__table_name target = s->before->tables[changed - s->tables]->name;
    for (size_t i = 0; i < s->before->count && depth; i++) {
        const furrow__catalog_table *table = s->before->tables[i];
        for (size_t k = 0; k < table->constraint_count; k++) {
            const furrow__catalog_constraint *key = &table->constraints[k];
            uint8_t rule = removes_rows ? key->on_delete : key->on_update;
            if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY || !s->tables[i].name.name ||
                !furrow__table_names_are_equal(key->target, target) || rule == FURROW_ACTION_NONE ||
                rule == FURROW_ACTION_RESTRICT)
                continue;
            bool is_new =
                removes_rows && rule == FURROW_ACTION_CASCADE && !s->tables[i].removes_rows;
            s->tables[i].removes_rows |= is_new;
            for (size_t c = 0; c < key->count && !(removes_rows && rule == FURROW_ACTION_CASCADE);
                 c++)
                for (size_t n = 0; n < table->column_count; n++)
                    if (strcmp(table->columns[n].name, key->columns[c]) == 0)
                        s->tables[i].columns[n] = NULL;
            if (is_new || !removes_rows)
                follow_keys(s, &s->tables[i], removes_rows, depth - 1);
        }
    }
}

static void write_data(stepper *s, const furrow__change *change)
{
    furrow__step_table *table = table_at(s, change->table);
    if (!table)
        return;
    if (change->data->kind == FURROW__DATA_DELETE) {
        table->removes_rows = true;
        follow_keys(s, table, true, s->before->count);
    } else if (change->data->kind == FURROW__DATA_UPDATE) {
        for (size_t i = 0; i < change->data->column_count; i++)
            drop_column(s, table, change->data->columns[i]);
        follow_keys(s, table, false, 4);
    } else {
        table->adds_rows = true;
    }
}

/* Marks the tables and columns that a block of SQL for one engine mentions, because the statements
 * of the block can write to them. */
static void write_engine(stepper *s, const furrow__engine_text *text)
{
    static const char *const words[] = {"UPDATE",   "DELETE", "INSERT", "REPLACE", "MERGE",
                                        "TRUNCATE", "COPY",   "SELECT", "DO",      "CALL"};
    for (size_t i = 0; i < text->count; i++) {
        bool writes = false;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            writes |= furrow__text_mentions(text->statements[i], words[w], s->dialect->syntax);
        for (size_t t = 0; writes && t < s->before->count; t++) {
            furrow__step_table *table = &s->tables[t];
            if (!table->name.name ||
                !furrow__text_mentions(text->statements[i], table->name.name, s->dialect->syntax))
                continue;
            table->removes_rows = table->adds_rows = true;
            for (size_t c = 0; c < s->before->tables[t]->column_count; c++)
                if (table->columns[c] &&
                    furrow__text_mentions(text->statements[i], table->columns[c],
                                          s->dialect->syntax))
                    table->columns[c] = NULL;
        }
    }
}

static bool is_real(const furrow__catalog_type *type)
{
    return !type->native && (type->type == FURROW_TYPE_FLOAT || type->type == FURROW_TYPE_DOUBLE);
}

/* Returns whether a change of a column's type can change its values. This is possible if the change
 * has USING, or if one of the two types is native or a real. */
static bool rewrites_values(const stepper *s, const furrow__step_table *table,
                            const furrow__change *change)
{
    const furrow__catalog_table *was = s->before->tables[table - s->tables];
    if (change->backfill || change->column.type.native)
        return true;
    for (size_t i = 0; i < was->column_count; i++)
        if (table->columns[i] && strcmp(table->columns[i], change->name) == 0) {
            const furrow__catalog_type *from = &was->columns[i].type;
            return from->native || is_real(from) != is_real(&change->column.type) ||
                   (is_real(from) && from->type != change->column.type.type);
        }
    return false;
}

static void apply_changes(stepper *s, const furrow__change_list *changes);

static void apply_change(stepper *s, const furrow__change *change)
{
    if (change->kind == FURROW__ENGINE) {
        for (size_t i = 0; i < change->engine_count; i++)
            if (change->engines[i].dialect == s->dialect)
                write_engine(s, &change->engines[i]);
        apply_changes(s, &change->effect);
        return;
    }
    furrow__step_table *table = table_at(s, change->table);
    if (!table)
        return;
    if (change->kind == FURROW__DATA) {
        write_data(s, change);
    } else if (change->kind == FURROW__DROP_TABLE) {
        table->name.name = NULL;
    } else if (change->kind == FURROW__RENAME_TABLE) {
        table->name.name = change->new_name;
    } else if (change->kind == FURROW__DROP_COLUMN ||
               (change->kind == FURROW__ALTER_COLUMN && change->alters == FURROW__ALTER_TYPE &&
                rewrites_values(s, table, change))) {
        drop_column(s, table, change->name);
    } else if (change->kind == FURROW__RENAME_COLUMN) {
        const furrow__catalog_table *was = s->before->tables[table - s->tables];
        for (size_t i = 0; i < was->column_count; i++)
            if (table->columns[i] && strcmp(table->columns[i], change->name) == 0)
                table->columns[i] = change->new_name;
    }
}

static void apply_changes(stepper *s, const furrow__change_list *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        apply_change(s, &changes->items[i]);
}

furrow__step_table *furrow__step_tables(const furrow__catalog *before,
                                        const furrow__change_list *changes,
                                        const furrow__dialect *dialect, furrow_arena *arena)
{
    stepper s = {.before = before, .dialect = dialect};
    s.tables = furrow__arena_aligned(arena, (before->count + 1) * sizeof *s.tables,
                                     _Alignof(furrow__step_table));
    if (!s.tables)
        return NULL;
    for (size_t i = 0; i < before->count; i++) {
        const furrow__catalog_table *table = before->tables[i];
        const char **columns = furrow__arena_aligned(
            arena, (table->column_count + 1) * sizeof *columns, _Alignof(char *));
        if (!columns)
            return NULL;
        for (size_t k = 0; k < table->column_count; k++)
            columns[k] = table->columns[k].name;
        s.tables[i] = (furrow__step_table){.name = table->name, .columns = columns};
    }
    apply_changes(&s, changes);
    return s.tables;
}

static furrow__allowance *allowance_named(const furrow__allowance_list *list,
                                          furrow__table_name table, const char *column)
{
    for (size_t i = 0; i < list->count; i++) {
        furrow__allowance *l = &list->items[i];
        if (furrow__table_names_are_equal(l->table, table) && !l->column == !column &&
            (!column || strcmp(l->column, column) == 0))
            return l;
    }
    return NULL;
}

static const char *keep(furrow__allowance_list *list, const char *text)
{
    return furrow__arena_text(list->arena, text, strlen(text));
}

bool furrow__allowances_add(furrow__allowance_list *list, furrow__table_name table,
                            const char *column, size_t count)
{
    furrow__allowance *there = allowance_named(list, table, column);
    if (there) {
        there->count = there->count > SIZE_MAX - count ? SIZE_MAX : there->count + count;
        return true;
    }
    furrow__allowance *more =
        furrow__arena_room(list->arena, list->items, list->count, &list->capacity, sizeof *more);
    if (!more)
        return false;
    list->items = more;
    /* The names are copied, because the list outlives the catalogs of a step. */
    furrow__allowance added = {.count = count};
    if (!(added.table.name = keep(list, table.name)) ||
        (table.schema && !(added.table.schema = keep(list, table.schema))) ||
        (column && !(added.column = keep(list, column))))
        return false;
    more[list->count++] = added;
    return true;
}

size_t furrow__allowances_find(const furrow__allowance_list *list, furrow__table_name table,
                               const char *column)
{
    const furrow__allowance *found = allowance_named(list, table, column);
    return found ? found->count : 0;
}

static bool follow_one(furrow__allowance_list *list, const furrow__change *change)
{
    size_t kept = 0;
    if (change->kind == FURROW__ENGINE)
        return furrow__allowances_rename(list, &change->effect);
    for (size_t i = 0; i < list->count; i++) {
        furrow__allowance l = list->items[i];
        if (!follow_change(change, &l.table, &l.column))
            continue;
        if (!(l.table.name = keep(list, l.table.name)) ||
            (l.column && !(l.column = keep(list, l.column))))
            return false;
        list->items[kept++] = l;
    }
    list->count = kept;
    return true;
}

bool furrow__allowances_rename(furrow__allowance_list *list, const furrow__change_list *changes)
{
    bool fine = true;
    for (size_t i = 0; i < changes->count && fine; i++)
        fine = follow_one(list, &changes->items[i]);
    return fine;
}

/* Allows differences in every table and column that a data statement writes. */
static bool allow_data(furrow__allowance_list *list, furrow__table_name table,
                       const furrow__change *change)
{
    bool fine = true;
    if (change->data->kind == FURROW__DATA_DELETE)
        return furrow__allowances_add(list, table, NULL, SIZE_MAX);
    for (size_t i = 0; i < change->data->column_count && fine; i++)
        fine = furrow__allowances_add(list, table, change->data->columns[i], SIZE_MAX);
    return fine;
}

/* Allows differences in columns and tables that the downgrade creates, because their old values are
 * lost. */
static bool allow_downgrade(furrow__allowance_list *list, const furrow__change_list *changes)
{
    bool fine = true;
    for (size_t i = 0; i < changes->count && fine; i++) {
        const furrow__change *change = &changes->items[i];
        fine = follow_one(list, change);
        if (!fine)
            break;
        if (change->kind == FURROW__ADD_COLUMN)
            fine = furrow__allowances_add(list, change->table, change->column.name, SIZE_MAX);
        else if (change->kind == FURROW__CREATE_TABLE)
            fine = furrow__allowances_add(list, change->table, NULL, SIZE_MAX);
        else if (change->kind == FURROW__DATA && change->allows_data_loss)
            fine = allow_data(list, change->table, change);
        else if (change->kind == FURROW__ALTER_COLUMN && change->allows_data_loss)
            fine = furrow__allowances_add(list, change->table, change->name, SIZE_MAX);
    }
    return fine;
}

/* Allows the differences that a statement of the upgrade causes, if the statement has the comment
 * allow-data-loss. */
static bool allow_upgrade(furrow__allowance_list *list, const furrow__change_list *changes)
{
    bool fine = true;
    for (size_t i = 0; i < changes->count && fine; i++) {
        const furrow__change *change = &changes->items[i];
        furrow__table_name table = change->table;
        const char *column = change->kind == FURROW__ALTER_COLUMN ? change->name : NULL;
        if (!change->allows_data_loss || !trace_back(changes, i, &table, &column))
            continue;
        if (change->kind == FURROW__DATA)
            fine = allow_data(list, table, change);
        else if (change->kind == FURROW__ALTER_COLUMN)
            fine = furrow__allowances_add(list, table, column, SIZE_MAX);
    }
    return fine;
}

/* Returns whether the rest of a comment line lists this name. */
static bool lists_name(const char *line, size_t size, const char *name)
{
    size_t length = strlen(name);
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && !strchr(" \t,;\r", line[end]))
            end++;
        size_t word = end - at;
        if (word && line[end - 1] == '.')
            word--;
        if (word == length && memcmp(line + at, name, length) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

/* Returns the text after "loses:" or "cannot bring back:". Returns NULL if the line has neither.
 * *size is the size of the line; it is set to the size of the returned text. */
static const char *documented_loss(const char *line, size_t *size)
{
    static const char *const words[] = {"loses:", "cannot bring back:"};
    size_t begin = 2 + (*size > 2 ? strspn(line + 2, " ") : 0);
    for (size_t i = 0; i < 2 && *size > begin && memcmp(line, "--", 2) == 0; i++) {
        size_t length = strlen(words[i]);
        if (*size - begin <= length || memcmp(line + begin, words[i], length) != 0)
            continue;
        *size -= begin + length;
        return line + begin + length;
    }
    return NULL;
}

static size_t line_size(const furrow__revision *revision, size_t at)
{
    const char *newline = memchr(revision->text + at, '\n', revision->size - at);
    return newline ? (size_t)(newline - revision->text) - at : revision->size - at;
}

static bool file_documents(const furrow__revision *revision, const char *name)
{
    for (size_t at = 0, size; at < revision->size; at += size + 1) {
        size = line_size(revision, at);
        size_t rest = size;
        const char *rest_of_line = documented_loss(revision->text + at, &rest);
        if (rest_of_line && lists_name(rest_of_line, rest, name))
            return true;
    }
    return false;
}

bool furrow__loss_is_documented(const furrow__revision *revision, furrow__file_location location)
{
    bool found = false;
    uint32_t line = 1;
    for (size_t at = 0, size; at < revision->size && line < location.line; at += size + 1, line++) {
        size = line_size(revision, at);
        size_t rest = size;
        const char *text = revision->text + at;
        if (documented_loss(text, &rest))
            found = true;
        else if (memchr(text, ';', size) && memcmp(text, "--", 2) != 0)
            found = false; /* the previous statement ends on this line, so the comment belongs to
                              that statement */
    }
    return found;
}

static bool documents(const furrow__revision *revision, furrow__table_name table,
                      const char *column)
{
    furrow__buffer name = {0};
    if (table.schema)
        furrow__buffer_format(&name, "%s.", table.schema);
    furrow__buffer_format(&name, "%s%s%s", table.name, column ? "." : "", column ? column : "");
    bool found = !name.failed && file_documents(revision, name.text);
    furrow__buffer_done(&name);
    return found;
}

/* Allows differences in the tables and columns that comments name. The names can be those before or
 * after the upgrade. */
static bool allow_documented(furrow__allowance_list *list, const furrow__revision_step *step,
                             const furrow__step_table *tables)
{
    const furrow__revision *revision = step->revision;
    bool fine = true;
    for (size_t i = 0; i < step->after->count && fine; i++) {
        const furrow__catalog_table *table = step->after->tables[i];
        const furrow__step_table *later = &tables[i];
        bool rows = documents(revision, table->name, NULL) ||
                    (later->name.name && documents(revision, later->name, NULL));
        if (rows)
            fine = furrow__allowances_add(list, table->name, NULL, SIZE_MAX);
        for (size_t k = 0; k < table->column_count && fine; k++)
            if (rows || documents(revision, table->name, table->columns[k].name) ||
                (later->name.name && later->columns[k] &&
                 documents(revision, later->name, later->columns[k])))
                fine = furrow__allowances_add(list, table->name, table->columns[k].name, SIZE_MAX);
    }
    return fine;
}

/* If rows are documented as lost, other rows that refer to them can be lost or changed, too. Allows
 * differences in these other rows. */
static bool allow_referring(furrow__allowance_list *list, const furrow__catalog *catalog)
{
    bool fine = true, more = true;
    while (more && fine) {
        more = false;
        for (size_t i = 0; i < catalog->count; i++)
            for (size_t k = 0; k < catalog->tables[i]->constraint_count && fine; k++) {
                const furrow__catalog_table *table = catalog->tables[i];
                const furrow__catalog_constraint *key = &table->constraints[k];
                if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
                    furrow__allowances_find(list, key->target, NULL) != SIZE_MAX ||
                    furrow__allowances_find(list, table->name, NULL) == SIZE_MAX)
                    continue;
                fine = furrow__allowances_add(list, table->name, NULL, SIZE_MAX);
                for (size_t c = 0; c < key->count && fine; c++)
                    fine = furrow__allowances_add(list, table->name, key->columns[c], SIZE_MAX);
                more = true;
            }
    }
    return fine;
}

bool furrow__allowances_add_step(furrow__allowance_list *list, const furrow__revision_step *step,
                                 furrow_arena *scratch)
{
    const furrow__step_table *tables =
        furrow__step_tables(step->after, &step->revision->upgrade, NULL, scratch);
    return tables && allow_downgrade(list, &step->revision->downgrade) &&
           allow_upgrade(list, &step->revision->upgrade) && allow_documented(list, step, tables) &&
           allow_referring(list, step->after);
}
