/* SPDX-License-Identifier: MIT
 *
 * Prints a program as a model and calls in C. */
#include "options.h"

static const char *type_name(const furrow_column *c)
{
    static const char *const names[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "bool",         [FURROW_TYPE_INT16] = "int16_t",
        [FURROW_TYPE_INT32] = "int32_t",     [FURROW_TYPE_INT64] = "int64_t",
        [FURROW_TYPE_FLOAT] = "float",       [FURROW_TYPE_DOUBLE] = "double",
        [FURROW_TYPE_TEXT] = "const char *", [FURROW_TYPE_CHARS] = "char[9]",
        [FURROW_TYPE_BLOB] = "furrow_blob",  [FURROW_TYPE_TIME] = "furrow_time",
        [FURROW_TYPE_DATE] = "furrow_date",  [FURROW_TYPE_UUID] = "furrow_uuid",
        [FURROW_TYPE_JSON] = "furrow_json",  [FURROW_TYPE_DECIMAL] = "furrow_decimal",
    };
    return c->type == FURROW_TYPE_ENUM ? c->enumeration->name : names[c->type];
}

static void print_enum(text *out, const furrow_enum *e)
{
    text_add(out, "enum %s {", e->name);
    for (size_t i = 0; i < e->count; i++)
        text_add(out, "%s %s = %lld", i ? "," : "", e->enumerators[i].name,
                 (long long)e->enumerators[i].value);
    text_add(out, " };\n");
}

static void print_reference(text *out, const built *b, const furrow_column *c)
{
    static const char *const actions[] = {"no_action", "restrict", "cascade", "set_null"};
    for (uint16_t i = 0; i < b->foreign_key.count; i++)
        if (b->reference[i] == c->index)
            text_add(out, "references(row.%s) on_delete(%s) ",
                     b->other->columns[b->other->key[i]].name, actions[b->foreign_key.on_delete]);
}

static void print_column(text *out, const built *b, const furrow_column *c)
{
    const char *kind = c->type == FURROW_TYPE_ENUM ? "enum " : "";
    if (c->flags & FURROW_COLUMN_OPT)
        text_add(out, "    furrow_opt(%s%s) %s FURROW(", kind, type_name(c), c->name);
    else
        text_add(out, "    %s%s %s FURROW(", kind, type_name(c), c->name);
    if (c->flags & FURROW_COLUMN_PRIMARY_KEY)
        text_add(out, "primary_key ");
    print_reference(out, b, c);
    if ((c->flags & FURROW_COLUMN_NULLABLE) && !(c->flags & FURROW_COLUMN_OPT))
        text_add(out, "nullable ");
    if (c->flags & FURROW_COLUMN_VERSION)
        text_add(out, "version ");
    if (c->flags & FURROW_COLUMN_TOUCH)
        text_add(out, "touch ");
    if (c->default_)
        text_add(out, "default(%s) ", c->default_);
    if (c->check)
        text_add(out, "check(\"%s\") ", c->check);
    if (c->type == FURROW_TYPE_DECIMAL)
        text_add(out, "decimal(%d, %d) ", c->precision, c->scale);
    if (c->min_length || c->max_length)
        text_add(out, "min_length(%u) max_length(%u) ", c->min_length, c->max_length);
    if (c->flags & (FURROW_COLUMN_HAS_MIN | FURROW_COLUMN_HAS_MAX))
        text_add(out, "range(%s%lld, %s%lld) ", c->flags & FURROW_COLUMN_HAS_MIN ? "" : "not ",
                 (long long)c->minimum, c->flags & FURROW_COLUMN_HAS_MAX ? "" : "not ",
                 (long long)c->maximum);
    if (out->bytes[out->length - 1] == ' ')
        out->length--;
    text_add(out, ");\n");
}

static void print_model(text *out, const built *b)
{
    for (uint16_t i = 0; i < b->model.column_count; i++) {
        bool printed = false;
        for (uint16_t j = 0; j < i; j++)
            printed |= b->columns[j].enumeration == b->columns[i].enumeration;
        if (b->columns[i].enumeration && !printed)
            print_enum(out, b->columns[i].enumeration);
    }
    text_add(out, "struct %s {\n", b->model.name);
    for (uint16_t i = 0; i < b->model.column_count; i++)
        print_column(out, b, &b->columns[i]);
    text_add(out, "} FURROW(");
    for (uint16_t i = 0; i < b->model.index_count; i++) {
        const furrow_index *index = &b->indexes[i];
        text_add(out, "%s%s(", i ? ", " : "", index->unique ? "unique" : "index");
        for (uint16_t c = 0; c < index->count; c++)
            text_add(out, "%s%s", c ? ", " : "", b->columns[index->columns[c]].name);
        text_add(out, ")");
    }
    text_add(out, ");\n");
}

static void print_cell(text *out, const furrow_column *column, const cell *value)
{
    if (value->parent)
        text_add(out, "(key of parent %d, or ", value->parent);
    text_add_cell(out, column, value);
    if (value->parent)
        text_add(out, ")");
}

static void print_row(text *out, const built *b, const cell *cells, uint32_t only)
{
    bool comma = false;
    text_add(out, "{");
    for (int i = 0; i < MAX_COLUMNS; i++) {
        if (!b->by_number[i] || !(only & (UINT32_C(1) << i)))
            continue;
        text_add(out, "%s.%s = ", comma ? ", " : "", b->by_number[i]->name);
        print_cell(out, b->by_number[i], &cells[i]);
        comma = true;
    }
    text_add(out, "}");
}

static void print_condition(text *out, const built *b, const condition *c)
{
    static const char *const names[] = {
        [FURROW_OP_EQ_] = "eq",
        [FURROW_OP_NE_] = "ne",
        [FURROW_OP_LT_] = "lt",
        [FURROW_OP_LE_] = "le",
        [FURROW_OP_GT_] = "gt",
        [FURROW_OP_GE_] = "ge",
        [FURROW_OP_BETWEEN_] = "between",
        [FURROW_OP_IN_] = "in",
        [FURROW_OP_NOT_IN_] = "not_in",
        [FURROW_OP_LIKE_] = "like",
        [FURROW_OP_ILIKE_] = "ilike",
        [FURROW_OP_CONTAINS_] = "contains",
        [FURROW_OP_ICONTAINS_] = "icontains",
        [FURROW_OP_STARTS_WITH_] = "starts_with",
        [FURROW_OP_ENDS_WITH_] = "ends_with",
        [FURROW_OP_IS_NULL_] = "is_null",
        [FURROW_OP_NOT_NULL_] = "not_null",
        [FURROW_OP_EQ_COLUMN_] = "eq_column",
        [FURROW_OP_NE_COLUMN_] = "ne_column",
        [FURROW_OP_LT_COLUMN_] = "lt_column",
        [FURROW_OP_LE_COLUMN_] = "le_column",
        [FURROW_OP_GT_COLUMN_] = "gt_column",
        [FURROW_OP_GE_COLUMN_] = "ge_column",
        [FURROW_OP_ANY_] = "any",
        [FURROW_OP_ALL_] = "all",
        [FURROW_OP_NOT_] = "not",
        [FURROW_OP_HAS_] = "has",
        [FURROW_OP_NONE_OF_] = "none",
        [FURROW_OP_EVERY_] = "every",
    };
    const furrow_column *column = b->by_number[c->column], *other = b->by_number[c->other];
    bool comparison = c->op >= FURROW_OP_EQ_COLUMN_ && c->op <= FURROW_OP_GE_COLUMN_;
    if (c->op == FURROW_OP_CLOSE_)
        text_add(out, "), ");
    else if (c->op >= FURROW_OP_ANY_)
        text_add(out, "furrow_%s(%s", names[c->op],
                 c->op >= FURROW_OP_HAS_ ? b->is_child ? "parent, " : "children, " : "");
    else if (column && (!comparison || other)) {
        text_add(out, "furrow_%s(%s", names[c->op], column->name);
        if (comparison)
            text_add(out, ", %s", other->name);
        for (size_t i = 0; i < c->count; i++) {
            text_add(out, ", ");
            print_cell(out, column, &c->values[i]);
        }
        text_add(out, "), ");
    }
}

static void print_where(text *out, const built *b, const query *q)
{
    const built *models[MAX_CONDITIONS];
    if (q->where_count == 0)
        return;
    options_models(b, q, models);
    text_add(out, ", .where = {");
    for (size_t i = 0; i < q->where_count; i++)
        print_condition(out, models[i], &q->where[i]);
    text_add(out, "}");
}

static void print_order(text *out, const built *b, const query *q)
{
    if (q->order_count == 0)
        return;
    text_add(out, ", .order_by = {");
    for (size_t i = 0; i < q->order_count; i++) {
        const sorting *o = &q->orders[i];
        const furrow_column *column = (o->through ? b->other : b)->by_number[o->column];
        if (column)
            text_add(out, "furrow_%s%s(%s), ", o->descending ? "desc" : "asc",
                     o->through ? "_through" : "", column->name);
    }
    text_add(out, "}");
}

static void print_related(text *out, const built *b, const step *s)
{
    static const char *const names[] = {"with", "then load", "then load for each row",
                                        "stream with", "then count"};
    text_add(out, ", %s %s%s", names[s->loading], b->relation.field,
             s->back ? " and their relationship" : "");
    print_where(out, b->other, &s->related);
    print_order(out, b->other, &s->related);
    if (s->related.limit)
        text_add(out, ", .limit = %lld", (long long)s->related.limit);
}

static void print_set(text *out, const built *b, const step *s)
{
    if (s->set_count == 0)
        return;
    text_add(out, ", .set = {");
    for (size_t i = 0; i < s->set_count; i++) {
        const assignment *a = &s->set[i];
        const furrow_column *column = b->by_number[a->column];
        if (!column)
            continue;
        text_add(out, "furrow_%s(%s",
                 a->op == FURROW_OP_SET_        ? "set"
                 : a->op == FURROW_OP_SET_NULL_ ? "set_null"
                                                : "increment",
                 column->name);
        if (a->op != FURROW_OP_SET_NULL_) {
            text_add(out, ", ");
            print_cell(out, column, &a->value);
        }
        text_add(out, "), ");
    }
    text_add(out, "}");
}

static void print_columns(text *out, const built *b, const char *name, uint32_t columns)
{
    text_add(out, ", .%s = {", name);
    for (int i = 0; i < MAX_COLUMNS; i++)
        if (b->by_number[i] && (columns & (UINT32_C(1) << i)))
            text_add(out, "%s, ", b->by_number[i]->name);
    text_add(out, "}");
}

static void print_numbers(text *out, const step *s)
{
    if (s->kind == PAGES)
        text_add(out, ", .page_size = %lld", (long long)s->page_size);
    if (s->query.limit && s->kind != FIRST)
        text_add(out, ", .limit = %lld", (long long)s->query.limit);
    if (s->query.offset)
        text_add(out, ", .offset = %lld", (long long)s->query.offset);
    if (s->kind == UPDATE_WHERE || s->kind == DELETE_WHERE)
        text_add(out, ", .all_rows = %s", s->all_rows ? "true" : "false");
}

static const char *const kind_names[KINDS + 1] = {
    [INSERT] = "insert",
    [INSERT_MANY] = "insert_many",
    [UPSERT] = "upsert",
    [GET] = "get",
    [GET_MANY] = "get_many",
    [REFRESH] = "refresh",
    [UPDATE] = "update",
    [DELETE] = "delete",
    [FIND] = "find",
    [PAGES] = "find",
    [FIRST] = "first",
    [STREAM] = "stream",
    [COUNT] = "count",
    [EXISTS] = "exists",
    [LOAD] = "find",
    [AGGREGATE] = "aggregate",
    [UPDATE_WHERE] = "update_where",
    [DELETE_WHERE] = "delete_where",
    [BEGIN] = "savepoint_begin",
    [END] = "savepoint_end",
    [UNDO] = "savepoint_rollback",
    [COMMIT] = "commit",
    [ROLLBACK] = "rollback",
    [KINDS] = "nothing",
};

void step_print(text *out, const built *b, const step *s)
{
    static const char *const aggregates[] = {"", "sum", "min", "max", "avg"};
    text_add(out, "%s%s(s",
             s->kind >= BEGIN ? ""
             : s->table       ? "child_"
                              : "row_",
             s->kind == AGGREGATE ? aggregates[s->aggregate] : kind_names[s->kind]);
    if (s->kind <= UPDATE || s->kind == DELETE || s->kind == FIRST)
        text_add(out, ", kept[%d]", s->slot);
    if (s->kind == AGGREGATE && b->by_number[s->column])
        text_add(out, ", %s", b->by_number[s->column]->name);
    for (size_t i = 0; i < s->row_count && s->kind != STREAM; i++) {
        text_add(out, ", ");
        print_row(out, b, s->rows[i],
                  s->kind == UPDATE                       ? s->only | 3
                  : s->kind == GET || s->kind == GET_MANY ? 3
                                                          : UINT32_MAX);
    }
    if (s->kind == UPSERT && s->conflict)
        print_columns(out, b, "conflict", s->conflict);
    if (s->kind == UPDATE && s->partial)
        print_columns(out, b, "only", s->only);
    print_where(out, b, &s->query);
    print_order(out, b, &s->query);
    if (s->kind != STREAM)
        print_set(out, b, s);
    print_numbers(out, s);
    if (s->kind == LOAD)
        print_related(out, b, s);
    text_add(out, ");");
    if (s->kind == STREAM && s->inner != KINDS) {
        text_add(out, " after row %d%s: %s ", s->slot % 2, s->partial ? ", in a savepoint" : "",
                 kind_names[s->inner]);
        print_row(out, b, s->rows[0], UINT32_MAX);
        print_set(out, b, s);
    }
    if (s->guarded && s->kind < BEGIN)
        text_add(out, " /* in a savepoint */");
    text_add(out, "\n");
}

void program_print(text *out, const program *p)
{
    const built *b = plans_build(p->plans, p->dropped);
    print_model(out, b);
    print_model(out, b->other);
    for (int i = 0; i < p->count; i++)
        if (!p->removed[i]) {
            text_add(out, "%2d  ", i);
            step_print(out, p->steps[i].table ? b->other : b, &p->steps[i]);
        }
}
