/* SPDX-License-Identifier: MIT
 *
 * Random models as data. */
#include "differ.h"

#include <stdlib.h>
#include <string.h>

static built *last;

bool is_now(const furrow_column *column)
{
    return (column->flags & FURROW_COLUMN_TOUCH) ||
           (column->default_ && strcmp(column->default_, "now") == 0);
}

bool is_ordered(const furrow_column *column)
{
    return column->type != FURROW_TYPE_JSON && !is_now(column);
}

bool is_number(const furrow_column *column)
{
    return (column->type >= FURROW_TYPE_INT16 && column->type <= FURROW_TYPE_DOUBLE) ||
           column->type == FURROW_TYPE_DECIMAL;
}

bool is_text(const furrow_column *column)
{
    return column->type == FURROW_TYPE_TEXT || column->type == FURROW_TYPE_CHARS;
}

/* The enumerators have one order by name, another order by value, and a third order in the list. */
static void plan_enums(plan *p)
{
    static const furrow_enumerator moods[] = {{"MILD", 1},        {"ANGRY", 3},
                                              {"Z", -2147483647}, {"BORED", 2147483647},
                                              {"CALM", 0},        {"a", -5}};
    static const furrow_enumerator sizes[] = {
        {"ZERO", 0}, {"LARGE", 2147483647}, {"MEDIUM", 9}, {"SMALL", 2}};
    memcpy(p->enumerators[0], moods, sizeof moods);
    memcpy(p->enumerators[1], sizes, sizeof sizes);
    p->enums[0] = (furrow_enum){"mood", p->enumerators[0], 6};
    p->enums[1] = (furrow_enum){"size", p->enumerators[1], 4};
}

static uint32_t size_of(uint8_t type)
{
    static const uint32_t sizes[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = sizeof(bool),
        [FURROW_TYPE_INT16] = sizeof(int16_t),
        [FURROW_TYPE_INT32] = sizeof(int32_t),
        [FURROW_TYPE_INT64] = sizeof(int64_t),
        [FURROW_TYPE_FLOAT] = sizeof(float),
        [FURROW_TYPE_DOUBLE] = sizeof(double),
        [FURROW_TYPE_TEXT] = sizeof(char *),
        [FURROW_TYPE_CHARS] = CHARS_SIZE,
        [FURROW_TYPE_BLOB] = sizeof(furrow_blob),
        [FURROW_TYPE_TIME] = sizeof(furrow_time),
        [FURROW_TYPE_DATE] = sizeof(furrow_date),
        [FURROW_TYPE_UUID] = sizeof(furrow_uuid),
        [FURROW_TYPE_DECIMAL] = sizeof(furrow_decimal),
        [FURROW_TYPE_JSON] = sizeof(furrow_json),
        [FURROW_TYPE_ENUM] = sizeof(int32_t),
    };
    return sizes[type];
}

static void column_type(plan *p, furrow_column *c, uint8_t type, source *r)
{
    static const struct {
        uint8_t precision;
        int8_t scale;
    } decimals[] = {{5, 0}, {12, 2}, {18, 4}, {18, 18}, {4, 2}};
    c->type = type;
    c->size = size_of(type);
    uint32_t which = below(r, 5);
    if (type == FURROW_TYPE_DECIMAL) {
        c->precision = decimals[which].precision;
        c->scale = decimals[which].scale;
    }
    if (type == FURROW_TYPE_ENUM) {
        c->enumeration = &p->enums[which % 2];
        c->flags |= which % 2 ? FURROW_COLUMN_UNSIGNED : 0;
    }
}

/* Returns a default that the column can have. If a field that is zero in C is a value of the
 * column, this value is the only possible default. */
static const char *random_default(const plan *p, const furrow_column *c, source *r)
{
    static const char *const integers[] = {"0", "-1", "7"}, *const reals[] = {"0.1", "-2.5", "0.3"};
    bool opt = c->flags & FURROW_COLUMN_OPT;
    uint32_t i = below(r, 3);
    switch (c->type) {
    case FURROW_TYPE_BOOL:
        return opt ? "TRUE" : "FALSE";
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
        return opt ? integers[i] : "0";
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return opt ? reals[i] : "0";
    case FURROW_TYPE_TEXT:
        return i ? "'a'" : "'it''s \\ ?'";
    case FURROW_TYPE_TIME:
        return opt && i ? "'2000-01-01T00:00:00.1Z'" : "now";
    case FURROW_TYPE_DATE:
        return opt ? "'2000-02-29'" : NULL;
    case FURROW_TYPE_UUID:
        return opt ? "'11111111-1111-1111-1111-111111111111'" : NULL;
    case FURROW_TYPE_DECIMAL:
        return opt ? "0" : NULL;
    case FURROW_TYPE_JSON:
        return "'{\"a\": [1, null]}'";
    case FURROW_TYPE_ENUM:
        return !opt ? NULL : c->enumeration == &p->enums[0] ? "'a'" : "'MEDIUM'";
    default:
        return NULL;
    }
}

cell default_value(const furrow_column *column)
{
    /* The elements contain a value for each type that has the default. */
    static const struct {
        const char *expression;
        cell value;
    } defaults[] = {
        {"TRUE", {.integer = 1}},
        {"-1", {.integer = -1}},
        {"7", {.integer = 7}},
        {"0.1", {.real = 0.1}},
        {"-2.5", {.real = -2.5}},
        {"0.3", {.real = 0.3}},
        {"'a'", {.text = "a", .integer = -5}},
        {"'it''s \\ ?'", {.text = "it's \\ ?"}},
        {"now", {.integer = PRESENT}},
        {"'2000-01-01T00:00:00.1Z'", {.integer = INT64_C(946684800100000)}},
        {"'2000-02-29'", {.integer = 11016}},
        {"'11111111-1111-1111-1111-111111111111'", {.integer = 0x11}},
        {"'{\"a\": [1, null]}'", {.text = "{\"a\": [1, null]}"}},
        {"'MEDIUM'", {.integer = 9}},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        if (strcmp(defaults[i].expression, column->default_) == 0)
            return defaults[i].value;
    return (cell){.scale = column->scale};
}

static void random_limits(furrow_column *c, source *r)
{
    if (is_text(c)) {
        c->min_length = chance(r, 30) ? 1 : 0;
        c->max_length = chance(r, 50) ? 4 : 0;
    } else if (is_number(c)) {
        c->minimum = c->type == FURROW_TYPE_DECIMAL ? -150 : -2;
        c->maximum = c->type == FURROW_TYPE_DECIMAL ? 2499 : 100;
        c->flags |= (uint16_t)((chance(r, 50) ? FURROW_COLUMN_HAS_MIN : 0) |
                               (chance(r, 50) ? FURROW_COLUMN_HAS_MAX : 0));
    }
}

/* A check that only the database evaluates. */
static void random_check(plan *p, uint16_t number, source *r)
{
    static const char *const values[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_INT16] = "7",   [FURROW_TYPE_INT32] = "7",
        [FURROW_TYPE_INT64] = "7",   [FURROW_TYPE_DOUBLE] = "1.5",
        [FURROW_TYPE_TEXT] = "'a'",  [FURROW_TYPE_CHARS] = "'a'",
        [FURROW_TYPE_DECIMAL] = "1", [FURROW_TYPE_DATE] = "'1970-01-01'",
        [FURROW_TYPE_BOOL] = "TRUE",
    };
    furrow_column *c = &p->columns[number];
    const char *value = c->type == FURROW_TYPE_ENUM ? c->enumeration == p->enums ? "'a'" : "'SMALL'"
                                                    : values[c->type];
    if (!value || !chance(r, 15))
        return;
    snprintf(p->checks[number], sizeof p->checks[number], "%s <> %s", c->name, value);
    c->check = p->checks[number];
}

static void plain_column(plan *p, uint16_t number, source *r)
{
    furrow_column *c = &p->columns[number];
    column_type(p, c, (uint8_t)(1 + below(r, FURROW_TYPE_COUNT_ - 1)), r);
    bool pointer =
        c->type == FURROW_TYPE_TEXT || c->type == FURROW_TYPE_BLOB || c->type == FURROW_TYPE_JSON;
    if (c->type != FURROW_TYPE_CHARS && chance(r, 50))
        c->flags |= FURROW_COLUMN_NULLABLE | (pointer ? 0 : FURROW_COLUMN_OPT);
    if (chance(r, 40))
        c->default_ = random_default(p, c, r);
    else if (chance(r, 25))
        random_limits(c, r);
    else
        random_check(p, number, r);
    if (c->type == FURROW_TYPE_TIME && chance(r, 20))
        c->flags |= FURROW_COLUMN_TOUCH;
    p->unique[number] = is_ordered(c) && chance(r, 15) && c->type != FURROW_TYPE_BOOL;
    p->indexed[number] = !p->unique[number] && is_ordered(c) && chance(r, 20);
}

static void plan_key(plan *p, source *r)
{
    static const uint8_t types[] = {FURROW_TYPE_TEXT, FURROW_TYPE_UUID,    FURROW_TYPE_CHARS,
                                    FURROW_TYPE_DATE, FURROW_TYPE_ENUM,    FURROW_TYPE_INT32,
                                    FURROW_TYPE_TIME, FURROW_TYPE_DECIMAL, FURROW_TYPE_INT16,
                                    FURROW_TYPE_BOOL};
    p->assigned = chance(r, 45);
    p->key_count = p->assigned || chance(r, 50) ? 1 : 2;
    for (uint16_t i = 0; i < p->key_count; i++) {
        uint8_t type = p->assigned ? (uint8_t)(FURROW_TYPE_INT16 + below(r, 3))
                                   : types[below(r, p->key_count == 1 ? 5 : 10)];
        p->columns[i].flags =
            (uint16_t)(FURROW_COLUMN_PRIMARY_KEY | (p->assigned ? FURROW_COLUMN_ASSIGNED : 0));
        column_type(p, &p->columns[i], type, r);
    }
}

/* Adds a reference to the parent's key. */
static void plan_reference(plan *p, const plan *parent, source *r)
{
    static const uint8_t actions[] = {FURROW_ACTION_NONE, FURROW_ACTION_RESTRICT,
                                      FURROW_ACTION_CASCADE, FURROW_ACTION_SET_NULL};
    bool nullable = chance(r, 60);
    p->is_child = true;
    p->refers_to_assigned = parent->assigned;
    p->reference_count = parent->key_count;
    for (uint16_t i = 0; i < p->reference_count; i++) {
        furrow_column *c = &p->columns[p->key_count + i];
        *c = parent->columns[i];
        c->flags &= FURROW_COLUMN_UNSIGNED;
        nullable &= c->type != FURROW_TYPE_CHARS;
    }
    for (uint16_t i = 0; i < p->reference_count && nullable; i++) {
        furrow_column *c = &p->columns[p->key_count + i];
        c->flags |= FURROW_COLUMN_NULLABLE | (c->type == FURROW_TYPE_TEXT ? 0 : FURROW_COLUMN_OPT);
    }
    p->on_delete = actions[below(r, nullable ? 4 : 3)];
    p->unique[p->key_count] = p->reference_count == 1 && chance(r, 15);
    p->indexed[p->key_count] = !p->unique[p->key_count] && chance(r, 50);
}

static void plan_pair(plan *p, source *r)
{
    uint16_t first = (uint16_t)(p->key_count + p->reference_count),
             plain = (uint16_t)(p->count - first);
    p->pair[0] = (uint16_t)(first + below(r, plain));
    p->pair[1] = (uint16_t)(first + below(r, plain));
    for (int i = 0; i < 2; i++)
        if (!chance(r, 50) || !is_ordered(&p->columns[p->pair[i]]) ||
            (p->columns[p->pair[i]].flags & FURROW_COLUMN_VERSION))
            p->pair[0] = p->pair[1];
}

static void plan_make(plan *p, const plan *parent, source *r)
{
    *p = (plan){0};
    plan_enums(p);
    plan_key(p, r);
    if (parent)
        plan_reference(p, parent, r);
    uint16_t first = (uint16_t)(p->key_count + p->reference_count);
    p->count = (uint16_t)(first + 1 + below(r, (uint32_t)(MAX_COLUMNS - 1 - first)));
    bool version = chance(r, 25) && p->count < MAX_COLUMNS;
    for (uint16_t i = 0; i < p->count; i++) {
        furrow_column *c = &p->columns[i];
        snprintf(p->names[i], sizeof p->names[i], "%c%02d",
                 i < p->key_count ? 'k'
                 : i < first      ? 'r'
                                  : 'c',
                 i);
        c->name = c->field = p->names[i];
        if (i >= first)
            plain_column(p, i, r);
    }
    if (version) {
        uint16_t i = p->count++;
        snprintf(p->names[i], sizeof p->names[i], "v%02d", i);
        p->columns[i] = (furrow_column){
            .name = p->names[i], .field = p->names[i], .flags = FURROW_COLUMN_VERSION};
        column_type(p, &p->columns[i], FURROW_TYPE_INT32, r);
    }
    plan_pair(p, r);
}

void plans_make(plan plans[2], uint64_t seed, uint64_t number)
{
    source r = source_make(seed, number, 1000);
    plan_make(&plans[0], NULL, &r);
    plan_make(&plans[1], &plans[0], &r);
    plans[0].counted = !plans[1].unique[plans[1].key_count];
    plans[0].columns[COUNTED] = (furrow_column){.name = "children",
                                                .field = "children",
                                                .type = FURROW_TYPE_INT64,
                                                .size = sizeof(int64_t),
                                                .flags = FURROW_COLUMN_COUNT};
}

bool is_reference(const plan *p, uint16_t number)
{
    return number >= p->key_count && number < p->key_count + p->reference_count;
}

/* A built model begins with its model. */
static const built *built_of(const furrow_column *column)
{
    return (const built *)(const void *)column->model;
}

int key_table(const furrow_column *column)
{
    const built *b = built_of(column);
    return b->is_child && (column->flags & FURROW_COLUMN_ASSIGNED);
}

bool is_assigned_key(const furrow_column *column)
{
    const built *b = built_of(column);
    bool reference = b->is_child && (b->reference[0] == column->index) &&
                     b->other->model.assigned != FURROW_NO_COLUMN &&
                     !(column->flags & FURROW_COLUMN_COUNT);
    return reference || (column->flags & FURROW_COLUMN_ASSIGNED);
}

static void add_index(built *b, const plan *p, const uint16_t *numbers, uint16_t count, bool unique)
{
    uint16_t at = b->model.index_count;
    for (uint16_t i = 0; i < count; i++) {
        if (!b->by_number[numbers[i]])
            return;
        b->index_columns[at][i] = b->by_number[numbers[i]]->index;
    }
    snprintf(b->index_names[at], sizeof b->index_names[at], "%s_%s%s_%s", b->table,
             p->columns[numbers[0]].name, count > 1 ? p->columns[numbers[1]].name : "",
             unique ? "key" : "idx");
    b->indexes[at] = (furrow_index){.name = b->index_names[at],
                                    .columns = b->index_columns[at],
                                    .count = count,
                                    .unique = unique};
    b->model.index_count++;
}

static built *plan_build(const plan *p, uint32_t dropped)
{
    static unsigned tables;
    built *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    b->previous = last;
    last = b;
    snprintf(b->table, sizeof b->table, "t%u", ++tables);
    b->model = (furrow_model){.format = FURROW_FORMAT_VERSION,
                              .name = p->is_child ? "child" : "row",
                              .table = b->table,
                              .size = ROW_SIZE,
                              .columns = b->columns,
                              .indexes = b->indexes,
                              .primary_key = b->key,
                              .primary_key_count = p->key_count,
                              .assigned = p->assigned ? 0 : FURROW_NO_COLUMN,
                              .version = FURROW_NO_COLUMN};
    for (uint16_t i = 0; i < p->count; i++) {
        if (dropped & (UINT32_C(1) << i))
            continue;
        uint16_t index = b->model.column_count++;
        furrow_column *c = &b->columns[index];
        *c = p->columns[i];
        c->model = &b->model;
        c->index = index;
        c->offset = (uint32_t)index * FIELD_SIZE;
        c->has_offset = c->flags & FURROW_COLUMN_OPT ? c->offset + HAS_OFFSET : 0;
        b->by_number[i] = c;
        if (i < p->key_count)
            b->key[i] = index;
        if (c->flags & FURROW_COLUMN_VERSION)
            b->model.version = index;
    }
    for (uint16_t i = 0; i < p->count; i++)
        if (p->unique[i] || p->indexed[i])
            add_index(b, p, &i, 1, p->unique[i]);
    if (p->pair[0] != p->pair[1])
        add_index(b, p, p->pair, 2, true);
    b->is_child = p->is_child;
    for (uint16_t i = 0; i < p->reference_count; i++)
        b->reference[i] = b->by_number[p->key_count + i]->index;
    return b;
}

static void build_relations(built *parent, built *child, const plan plans[2])
{
    uint16_t count = plans[1].reference_count;
    child->foreign_key = (furrow_foreign_key){.name = "reference",
                                              .columns = child->reference,
                                              .target = &parent->model,
                                              .target_columns = parent->key,
                                              .count = count,
                                              .on_delete = plans[1].on_delete};
    child->model.foreign_keys = &child->foreign_key;
    child->model.foreign_key_count = 1;
    child->relation = (furrow_relation){.field = "parent",
                                        .model = &child->model,
                                        .target = &parent->model,
                                        .columns = child->reference,
                                        .target_columns = parent->key,
                                        .count = count,
                                        .kind = FURROW_RELATION_TO_ONE,
                                        .offset = RELATION_OFFSET,
                                        .count_column = &child->counted};
    parent->relation = (furrow_relation){.field = plans[0].counted ? "children" : "child",
                                         .model = &parent->model,
                                         .target = &child->model,
                                         .columns = parent->key,
                                         .target_columns = child->reference,
                                         .count = count,
                                         .kind = plans[0].counted ? FURROW_RELATION_TO_MANY
                                                                  : FURROW_RELATION_ONE_TO_ONE,
                                         .offset = RELATION_OFFSET,
                                         .count_column = &parent->counted};
    if (plans[0].counted)
        parent->by_number[COUNTED] = &parent->counted;
}

built *plans_build(const plan plans[2], const uint32_t dropped[2])
{
    built *both[2];
    for (int i = 0; i < 2; i++)
        both[i] = plan_build(&plans[i], dropped[i]);
    build_relations(both[0], both[1], plans);
    for (int i = 0; i < 2; i++) {
        built *b = both[i];
        b->other = both[1 - i];
        b->counted = plans[0].columns[COUNTED];
        b->counted.model = &b->model;
        b->model.relations = &b->relation;
        b->model.relation_count = 1;
        both[0]->models[i] = &b->model;
    }
    both[0]->schema = (furrow_schema){FURROW_FORMAT_VERSION, "differ", both[0]->models, 2};
    return both[0];
}

void built_free_all(void)
{
    while (last) {
        built *previous = last->previous;
        free(last);
        last = previous;
    }
}
