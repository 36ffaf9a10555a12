/* SPDX-License-Identifier: MIT
 *
 * Evaluates conditions and orders as docs/models.md and query.h describe them. */
#include "evaluate.h"
#include "options.h"

#include <string.h>

__extension__ typedef __int128 wide;

#define READ(T, member)                                                                            \
    do {                                                                                           \
        T copied;                                                                                  \
        memcpy(&copied, field, sizeof copied);                                                     \
        return (cell){.member = copied};                                                           \
    } while (0)

cell field_cell(const furrow_column *column, const char *row)
{
    const char *field = row + column->offset;
    bool has = true;
    furrow_blob blob;
    furrow_decimal decimal;
    const char *bytes;
    if (column->flags & FURROW_COLUMN_OPT)
        memcpy(&has, row + column->has_offset, sizeof has);
    if (!has)
        return (cell){.null = true};
    switch (column->type) {
    case FURROW_TYPE_BOOL:
        READ(bool, integer);
    case FURROW_TYPE_INT16:
        READ(int16_t, integer);
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_ENUM:
    case FURROW_TYPE_DATE:
        READ(int32_t, integer);
    case FURROW_TYPE_FLOAT:
        READ(float, real);
    case FURROW_TYPE_DOUBLE:
        READ(double, real);
    case FURROW_TYPE_CHARS:
        return (cell){.text = field};
    case FURROW_TYPE_UUID:
        return (cell){.text = field, .size = sizeof(furrow_uuid)};
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        memcpy((void *)&bytes, field, sizeof bytes);
        return (cell){.text = bytes, .null = !bytes};
    case FURROW_TYPE_BLOB:
        memcpy(&blob, field, sizeof blob);
        return (cell){.text = blob.bytes, .size = blob.size, .null = !blob.bytes};
    case FURROW_TYPE_DECIMAL:
        memcpy(&decimal, field, sizeof decimal);
        return (cell){.integer = decimal.unscaled, .scale = decimal.scale};
    default:
        READ(int64_t, integer);
    }
}

static wide scaled(const cell *decimal)
{
    wide value = decimal->integer;
    for (int i = decimal->scale; i < 18; i++)
        value *= 10;
    return value;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

int cells_compare(const furrow_column *column, const cell *a, const cell *b)
{
    switch (column->type) {
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return COMPARE(a->real, b->real);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
    case FURROW_TYPE_JSON:
        return strcmp(a->text, b->text);
    case FURROW_TYPE_BLOB:
    case FURROW_TYPE_UUID: {
        int order = memcmp(a->text, b->text, a->size < b->size ? a->size : b->size);
        return order ? order : COMPARE(a->size, b->size);
    }
    case FURROW_TYPE_DECIMAL:
        return COMPARE(scaled(a), scaled(b));
    default:
        return COMPARE(a->integer, b->integer);
    }
}

/* Returns a value of a condition in the same form as field_cell. A value for a float column is
 * rounded to float. */
static cell operand(const furrow_column *column, const cell *value, char *bytes)
{
    cell out = *value;
    if (column->type == FURROW_TYPE_FLOAT)
        out.real = (double)(float)value->real;
    if (column->type == FURROW_TYPE_UUID) {
        cell_element(column, bytes, value);
        out = (cell){.text = bytes, .size = sizeof(furrow_uuid)};
    }
    return out;
}

cell cells_add(const furrow_column *column, const cell *a, const cell *b)
{
    char bytes[FIELD_SIZE];
    cell added = operand(column, b, bytes);
    wide sum = scaled(a) + scaled(&added);
    switch (column->type) {
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return (cell){.real = a->real + added.real};
    case FURROW_TYPE_DECIMAL:
        for (int i = column->scale; i < 18; i++)
            sum /= 10;
        return (cell){.integer = (int64_t)sum, .scale = column->scale};
    default:
        return (cell){.integer = (int64_t)((uint64_t)a->integer + (uint64_t)added.integer)};
    }
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b, bool ignore_case)
{
    return a == b || (ignore_case && lower(a) == lower(b));
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static bool like(const char *t, const char *pattern, bool ignore_case)
{
    if (!*pattern)
        return !*t;
    if (*pattern == '%') {
        do
            if (!is_continuation(*t) && like(t, pattern + 1, ignore_case))
                return true;
        while (*t++);
        return false;
    }
    if (!*t)
        return false;
    if (*pattern != '_')
        return same(*t, *pattern, ignore_case) && like(t + 1, pattern + 1, ignore_case);
    do
        t++;
    while (is_continuation(*t));
    return like(t, pattern + 1, ignore_case);
}

static bool starts(const char *t, const char *with, bool ignore_case)
{
    while (*with && same(*t, *with, ignore_case) && *t)
        t++, with++;
    return !*with;
}

static bool contains(const char *t, const char *part, bool ignore_case)
{
    do
        if (starts(t, part, ignore_case))
            return true;
    while (*t++);
    return false;
}

static bool is_within_range(const furrow_column *column, const cell *value)
{
    bool real = column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE;
    double number = real ? value->real : (double)scaled(value);
    double minimum = (double)column->minimum, maximum = (double)column->maximum;
    for (int i = column->scale; i < 18 && !real; i++)
        minimum *= 10, maximum *= 10;
    return (!(column->flags & FURROW_COLUMN_HAS_MIN) || number >= minimum) &&
           (!(column->flags & FURROW_COLUMN_HAS_MAX) || number <= maximum);
}

static size_t code_points(const char *t)
{
    size_t count = 0;
    for (; *t; t++)
        count += !is_continuation(*t);
    return count;
}

bool is_within_limits(const furrow_column *column, const cell *value)
{
    wide unit = 1;
    bool known = !column->enumeration;
    for (size_t i = 0; !known && i < column->enumeration->count; i++)
        known = column->enumeration->enumerators[i].value == value->integer;
    for (int i = column->scale; i < 18; i++)
        unit *= 10;
    if (!known || (column->type == FURROW_TYPE_DECIMAL && scaled(value) % unit))
        return false;
    if (column->type == FURROW_TYPE_CHARS && strlen(value->text) >= CHARS_SIZE)
        return false;
    if (column->type != FURROW_TYPE_TEXT && column->type != FURROW_TYPE_CHARS)
        return is_within_range(column, value);
    size_t length = code_points(value->text);
    return length >= column->min_length && (!column->max_length || length <= column->max_length);
}

static bool text_matches(enum furrow_op_ op, const char *t, const char *with)
{
    size_t length = strlen(t), size = strlen(with);
    switch (op) {
    case FURROW_OP_LIKE_:
        return like(t, with, false);
    case FURROW_OP_ILIKE_:
        return like(t, with, true);
    case FURROW_OP_CONTAINS_:
        return contains(t, with, false);
    case FURROW_OP_ICONTAINS_:
        return contains(t, with, true);
    case FURROW_OP_STARTS_WITH_:
        return starts(t, with, false);
    default:
        return size <= length && strcmp(t + length - size, with) == 0;
    }
}

static bool holds(enum furrow_op_ op, int order)
{
    switch (op) {
    case FURROW_OP_EQ_:
        return order == 0;
    case FURROW_OP_NE_:
        return order != 0;
    case FURROW_OP_LT_:
        return order < 0;
    case FURROW_OP_LE_:
        return order <= 0;
    case FURROW_OP_GT_:
        return order > 0;
    default:
        return order >= 0;
    }
}

bool is_related(const table *t, const char *row, const char *other)
{
    const built *child = t->b->is_child ? t->b : t->b->other;
    const char *child_row = t->b->is_child ? row : other,
               *parent_row = t->b->is_child ? other : row;
    bool same = true;
    for (uint16_t i = 0; i < child->foreign_key.count; i++) {
        const furrow_column *reference = &child->columns[child->reference[i]];
        cell a = field_cell(reference, child_row),
             b = field_cell(&child->other->columns[child->other->key[i]], parent_row);
        same &= !a.null && cells_compare(reference, &a, &b) == 0;
    }
    return same;
}

/* Returns the value of a column, or the number of related rows. */
static cell value_of(const table *t, const furrow_column *column, const char *row)
{
    int64_t count = 0;
    if (!(column->flags & FURROW_COLUMN_COUNT))
        return field_cell(column, row);
    for (size_t i = 0; i < t->other->count; i++)
        count += is_related(t, row, t->other->rows[i]);
    return (cell){.integer = count};
}

static bool in_array(const furrow_column *column, const condition *c, const cell *value)
{
    char bytes[FIELD_SIZE];
    for (size_t i = 0; i < c->count; i++) {
        cell element = operand(column, &c->values[i], bytes);
        float single = 0;
        if (column->type == FURROW_TYPE_FLOAT) { /* a float array has no number beyond FLT_MAX */
            cell_element(column, &single, &c->values[i]);
            element.real = (double)single;
        }
        if (cells_compare(column, value, &element) == 0)
            return true;
    }
    return false;
}

/* The logic of SQL: a comparison with NULL is unknown. */
enum truth { FALSE_, UNKNOWN, TRUE_ };

static enum truth truth_of(bool b)
{
    return b ? TRUE_ : FALSE_;
}

static enum truth compare_columns(const built *b, const condition *c, const cell *value,
                                  const char *row)
{
    cell other = field_cell(b->by_number[c->other], row);
    if (other.null)
        return UNKNOWN;
    return truth_of(holds((enum furrow_op_)(c->op - FURROW_OP_EQ_COLUMN_ + FURROW_OP_EQ_),
                          cells_compare(b->by_number[c->column], value, &other)));
}

static enum truth condition_truth(const table *t, const condition *c, const char *row)
{
    char bytes[2][FIELD_SIZE];
    const furrow_column *column = t->b->by_number[c->column];
    bool array = c->op == FURROW_OP_IN_ || c->op == FURROW_OP_NOT_IN_;
    cell value = value_of(t, column, row);
    if (c->op == FURROW_OP_IS_NULL_ || c->op == FURROW_OP_NOT_NULL_)
        return truth_of(value.null == (c->op == FURROW_OP_IS_NULL_));
    if (array && c->count == 0)
        return truth_of(c->op == FURROW_OP_NOT_IN_);
    if (value.null)
        return UNKNOWN;
    if (array)
        return truth_of(in_array(column, c, &value) == (c->op == FURROW_OP_IN_));
    if (c->op >= FURROW_OP_LIKE_ && c->op <= FURROW_OP_ENDS_WITH_)
        return truth_of(text_matches(c->op, value.text, c->values[0].text));
    if (c->op >= FURROW_OP_EQ_COLUMN_)
        return compare_columns(t->b, c, &value, row);
    cell low = operand(column, &c->values[0], bytes[0]);
    if (c->op != FURROW_OP_BETWEEN_)
        return truth_of(holds(c->op, cells_compare(column, &value, &low)));
    cell high = operand(column, &c->values[1], bytes[1]);
    return truth_of(cells_compare(column, &value, &low) >= 0 &&
                    cells_compare(column, &value, &high) <= 0);
}

static enum truth list_truth(const table *t, const query *q, size_t *at, const char *row,
                             enum furrow_op_ bracket);

/* Skips to the end of a bracket. */
static void skip_bracket(const query *q, size_t *at)
{
    for (int depth = 1; depth > 0 && *at < q->where_count; (*at)++)
        depth += q->where[*at].op == FURROW_OP_CLOSE_ ? -1 : is_bracket(&q->where[*at]);
}

/* Evaluates the bracket of a relationship. */
static enum truth relation_truth(const table *t, const query *q, size_t *at, const char *row,
                                 enum furrow_op_ op)
{
    bool any = false, every = true;
    for (size_t i = 0; i < t->other->count; i++) {
        size_t start = *at;
        const char *related = t->other->rows[i];
        if (!is_related(t, row, related))
            continue;
        bool meets = list_truth(t->other, q, &start, related, FURROW_OP_ALL_) == TRUE_;
        any |= meets;
        every &= meets;
    }
    skip_bracket(q, at);
    return truth_of(op == FURROW_OP_EVERY_ ? every : any == (op == FURROW_OP_HAS_));
}

/* Evaluates conditions up to the end of a bracket, or of the list. */
static enum truth list_truth(const table *t, const query *q, size_t *at, const char *row,
                             enum furrow_op_ bracket)
{
    enum truth all = TRUE_, any = FALSE_;
    while (*at < q->where_count) {
        const condition *c = &q->where[(*at)++];
        enum truth result;
        if (c->op == FURROW_OP_CLOSE_)
            break;
        if (is_relation(c))
            result = relation_truth(t, q, at, row, c->op);
        else if (is_bracket(c))
            result = list_truth(t, q, at, row, c->op);
        else if (!is_kept(t->b, c))
            continue;
        else
            result = condition_truth(t, c, row);
        all = result < all ? result : all;
        any = result > any ? result : any;
    }
    return bracket == FURROW_OP_ANY_   ? any
           : bracket == FURROW_OP_NOT_ ? (enum truth)(TRUE_ - all)
                                       : all;
}

bool row_matches(const table *t, const query *q, const char *row)
{
    size_t at = 0;
    return list_truth(t, q, &at, row, FURROW_OP_ALL_) == TRUE_;
}

const char *find_parent(const table *t, const char *row)
{
    for (size_t i = 0; i < t->other->count; i++)
        if (is_related(t, row, t->other->rows[i]))
            return t->other->rows[i];
    return NULL;
}

static cell sorting_value(const table *t, const sorting *order, const furrow_column *column,
                          const char *row)
{
    if (!order->through)
        return value_of(t, column, row);
    row = find_parent(t, row);
    return row ? value_of(t->other, column, row) : (cell){.null = true};
}

int rows_compare(const table *t, const query *q, const char *x, const char *y)
{
    for (size_t i = 0; i < q->order_count; i++) {
        const sorting *s = &q->orders[i];
        const furrow_column *column = (s->through ? t->b->other : t->b)->by_number[s->column];
        if (!column)
            continue;
        cell a = sorting_value(t, s, column, x), b = sorting_value(t, s, column, y);
        int order = a.null || b.null ? b.null - a.null : cells_compare(column, &a, &b);
        if (order != 0)
            return s->descending ? -order : order;
    }
    return 0;
}
