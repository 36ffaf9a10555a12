/* SPDX-License-Identifier: MIT
 * Preflight checks for a change to a later storage version: they count the values that the new
 * checks would refuse, even after the conversion that the rebuild makes. */
#include <string.h>

#include "base/text.h"
#include "dialect/sqlite/sqlite.h"
#include "migrate/plan/preflight_parts.h"

#define HINT                                                                                       \
    "correct these values first with UPDATE, or in a revision before this one: "                   \
    "docs/migrations.md describes the forms"

static bool has_check(const furrow__catalog_table *table,
                      const furrow__catalog_constraint *constraint)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        if (c->of_column && strcmp(c->of_column, constraint->of_column) == 0 &&
            strcmp(c->expression, constraint->expression) == 0)
            return true;
    }
    return false;
}

/* Writes a condition that is true for the values that the check rejects. If the check requires a
 * type's stored form, a value is rejected only if it does not have that form after the conversion
 * either. */
static void write_refused(furrow__planner *p, const furrow__catalog_constraint *check,
                          const furrow__catalog_column *column)
{
    const char *quoted = furrow__plan_quote(p, column->name);
    furrow_type type = column->type.type;
    furrow__buffer form = {0};
    if (!quoted)
        return;
    bool is_form = furrow__sqlite_write_form(&form, type, "furrow_value") != NULL;
    furrow__buffer_format(&p->text, "%s IS NOT NULL AND NOT (%s)", quoted, check->expression);
    if (is_form && furrow__buffer_text(&form)) {
        furrow__buffer_format(&p->text, " AND NOT (SELECT %s FROM (SELECT ", form.text);
        furrow__sqlite_write_to_form(&p->text, type, quoted);
        furrow__buffer_add_text(&p->text, " AS furrow_value))");
    }
    furrow__buffer_done(&form);
}

void furrow__sqlite_ask_storage(furrow__planner *p, const furrow__change *change,
                                const furrow__catalog_table *before,
                                const furrow__catalog_table *after)
{
    static const furrow__wording wording = {"holds a value that is not valid for the type of",
                                            "hold a value that is not valid for the type of"};
    const furrow__catalog_table *table = furrow__catalog_table_named(p->before, after->name);
    for (size_t i = 0; table && i < after->constraint_count && p->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *check = &after->constraints[i];
        const furrow__catalog_column *column =
            check->of_column ? furrow__catalog_column_named(table, check->of_column) : NULL;
        if (!column || has_check(before, check))
            continue;
        write_refused(p, check, column);
        furrow__plan_question q = {
            .table = table,
            .where = furrow__plan_take(p),
            .message = furrow__plan_message(p, table->name.name, wording, column->name),
            .hint = HINT};
        furrow__plan_add_question(p, change, &q);
    }
}
