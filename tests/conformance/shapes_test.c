/* SPDX-License-Identifier: MIT
 *
 * Tests what is stored by each verb that writes a whole row: for every type of field, for empty
 * fields (zero or NULL) and fields with a value, and with every kind of default. The rules of the
 * verbs are in `wanted`; the tests run them over all columns of the model `shape`.
 */
#include <math.h>
#include <time.h>

#include <furrow/generated.h>

#include "conformance.h"
#include "shapes.furrow.h"

enum { COLUMNS = 128 };

typedef enum verb {
    INSERT,
    INSERT_MANY,
    INSERT_MANY_SHAPES, /* together with a row that leaves out different columns */
    INSERT_WITH,
    UPSERT_NEW,    /* no row has the key */
    UPSERT_BY_KEY, /* a row with the same primary key exists */
    UPSERT_BY_NAME,
    UPDATE,
    UPDATE_ONLY,
    VERB_COUNT
} verb;

static bool is_insert(verb v)
{
    return v <= UPSERT_NEW;
}

static bool is_conflict(verb v)
{
    return v == UPSERT_BY_KEY || v == UPSERT_BY_NAME;
}

static bool is_now(const furrow_column *c)
{
    return c->default_ && strcmp(c->default_, "now") == 0;
}

static bool is_pointer(const furrow_column *c)
{
    return c->type == FURROW_TYPE_TEXT || c->type == FURROW_TYPE_JSON;
}

/* Returns whether the test writes values to the column, which is not the key, the name or the
 * version. */
static bool is_tested(const furrow_column *c)
{
    return c->index > FURROW_COLUMN_(SHAPE.revision)->index;
}

static void *at(const furrow_column *c, const void *row)
{
    return (char *)row + c->offset;
}

static void put(const furrow_column *c, void *row, const void *value)
{
    bool has = true;
    memcpy(at(c, row), value, c->size);
    if (c->flags & FURROW_COLUMN_OPT)
        memcpy((char *)row + c->has_offset, &has, sizeof has);
}

/* Makes a field empty: zero, or NULL if the column can be NULL. */
static void clear(const furrow_column *c, void *row)
{
    memset(at(c, row), 0, c->size);
    if (c->flags & FURROW_COLUMN_OPT)
        memset((char *)row + c->has_offset, 0, sizeof(bool));
}

static void copy_field(const furrow_column *c, void *to, const void *from)
{
    memcpy(at(c, to), at(c, from), c->size);
    if (c->flags & FURROW_COLUMN_OPT)
        memcpy((char *)to + c->has_offset, (const char *)from + c->has_offset, sizeof(bool));
}

#define PUT(T, ...) put(c, row, &(T){__VA_ARGS__})

/* Stores a value that depends on the number `k`. No value is zero. */
static void fill(const furrow_column *c, void *row, int k)
{
    static const char *const texts[] = {"one", "two", "three"}, *const jsons[] = {"1", "2", "3"};
    char chars[9] = "one";
    k %= 3;
    chars[2] = (char)('a' + k);
    switch (c->type) {
    case FURROW_TYPE_BOOL:
        PUT(bool, true);
        return;
    case FURROW_TYPE_INT16:
        PUT(int16_t, (int16_t)(k + 1));
        return;
    case FURROW_TYPE_INT32:
        PUT(int32_t, k + 1);
        return;
    case FURROW_TYPE_INT64:
        PUT(int64_t, k + 1);
        return;
    case FURROW_TYPE_FLOAT:
        PUT(float, (float)k + 0.5f);
        return;
    case FURROW_TYPE_DOUBLE:
        PUT(double, k + 0.1);
        return;
    case FURROW_TYPE_TEXT:
        PUT(const char *, texts[k]);
        return;
    case FURROW_TYPE_CHARS:
        put(c, row, chars);
        return;
    case FURROW_TYPE_BLOB:
        PUT(furrow_blob, texts[k], 3);
        return;
    case FURROW_TYPE_TIME:
        PUT(furrow_time, (k + 1) * INT64_C(100000000000001));
        return;
    case FURROW_TYPE_DATE:
        PUT(furrow_date, k + 1);
        return;
    case FURROW_TYPE_UUID:
        PUT(furrow_uuid, {(uint8_t)(k + 1)});
        return;
    case FURROW_TYPE_DECIMAL:
        PUT(furrow_decimal, k + 1, c->scale);
        return;
    case FURROW_TYPE_JSON:
        PUT(furrow_json, jsons[k]);
        return;
    case FURROW_TYPE_ENUM:
        assert_int_equal(c->size, sizeof(int));
        put(c, row, &(int){(int)c->enumeration->enumerators[1 + k % 2].value});
        return;
    default:
        fail_msg("type %d", c->type);
    }
}

/* Stores the default of the column, as shapes.h declares it. */
static void put_default(const furrow_column *c, void *row)
{
    clear(c, row);
    if (is_pointer(c)) {
        if (c->type == FURROW_TYPE_TEXT)
            PUT(const char *, "none");
        else
            PUT(furrow_json, "[7]");
        return;
    }
    if (c->type == FURROW_TYPE_ENUM && strstr(c->name, "grade"))
        put(c, row, &(enum grade){GRADE_C});
    if (!(c->flags & FURROW_COLUMN_NULLABLE))
        return;
    switch (c->type) {
    case FURROW_TYPE_BOOL:
        PUT(bool, true);
        return;
    case FURROW_TYPE_INT16:
        PUT(int16_t, -7);
        return;
    case FURROW_TYPE_INT32:
        PUT(int32_t, -7);
        return;
    case FURROW_TYPE_INT64:
        PUT(int64_t, -7);
        return;
    case FURROW_TYPE_FLOAT:
        PUT(float, -7);
        return;
    case FURROW_TYPE_DOUBLE:
        PUT(double, -7);
        return;
    case FURROW_TYPE_TIME:
        PUT(furrow_time, 7000000);
        return;
    case FURROW_TYPE_DATE:
        PUT(furrow_date, 7);
        return;
    case FURROW_TYPE_UUID:
        PUT(furrow_uuid, {7});
        return;
    case FURROW_TYPE_DECIMAL:
        PUT(furrow_decimal, -7, 2);
        return;
    case FURROW_TYPE_ENUM:
        if (!strstr(c->name, "grade"))
            put(c, row, &(enum tone){TONE_HIGH});
        return;
    default:
        fail_msg("\"%s\" has no default here", c->name);
    }
}

static bool is_null(const furrow_column *c, const void *row)
{
    bool has = true;
    const void *pointer = row;
    if (c->flags & FURROW_COLUMN_OPT)
        memcpy(&has, (const char *)row + c->has_offset, sizeof has);
    else if (c->flags & FURROW_COLUMN_NULLABLE)
        memcpy(&pointer, at(c, row), sizeof pointer);
    return !has || !pointer;
}

static bool is_empty(const furrow_column *c, const void *row)
{
    static const char zeros[64];
    if (c->flags & FURROW_COLUMN_OPT)
        return is_null(c, row);
    return memcmp(at(c, row), zeros, c->size) == 0;
}

static bool same_field(const furrow_column *c, const void *a, const void *b)
{
    if (is_null(c, a) || is_null(c, b))
        return is_null(c, a) && is_null(c, b);
    if (is_pointer(c))
        return strcmp(*(char *const *)at(c, a), *(char *const *)at(c, b)) == 0;
    if (c->type == FURROW_TYPE_CHARS)
        return strcmp(at(c, a), at(c, b)) == 0;
    if (c->type == FURROW_TYPE_DECIMAL)
        return ((furrow_decimal *)at(c, a))->unscaled == ((furrow_decimal *)at(c, b))->unscaled;
    if (c->type == FURROW_TYPE_BLOB) {
        const furrow_blob *x = at(c, a), *y = at(c, b);
        return x->size == y->size && (!x->size || memcmp(x->bytes, y->bytes, x->size) == 0);
    }
    return memcmp(at(c, a), at(c, b), c->size) == 0;
}

/* Whether the bytes of a zero-initialized field are a valid value of the column. */
static bool zero_is_value(const furrow_column *c)
{
    return !is_pointer(c) && !(c->type == FURROW_TYPE_ENUM && strstr(c->name, "grade"));
}

/* What a verb must do with the field of a column. */
typedef enum result {
    GIVEN, /* stores the value of the field, which can be zero or NULL */
    DEFAULT,
    NOW,    /* stores the time of the transaction */
    STORED, /* keeps the value that is stored */
    REFUSED,
} result;

/* The rules. */
static result wanted(verb v, const furrow_column *c, bool empty)
{
    bool has_empty_value = zero_is_value(c) || (c->flags & FURROW_COLUMN_NULLABLE) != 0;
    if (v == UPDATE || v == UPDATE_ONLY)
        return c->flags & FURROW_COLUMN_TOUCH ? NOW : empty && !has_empty_value ? REFUSED : GIVEN;
    if (!empty)
        return GIVEN;
    if (is_conflict(v)) {
        if (c->flags & FURROW_COLUMN_TOUCH)
            return NOW;
        if (is_now(c))
            return STORED;
        return has_empty_value ? GIVEN : c->default_ ? STORED : REFUSED;
    }
    return is_now(c) ? NOW : c->default_ ? DEFAULT : has_empty_value ? GIVEN : REFUSED;
}

static int64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static furrow_column_ref reference(const furrow_column *c)
{
    return (furrow_column_ref){.column = c, .used = true};
}

static furrow_status upsert(furrow_session *s, struct shape *row, const furrow_column *conflict)
{
    struct furrow_upsert_options o = {.s = s, .row = row};
    if (conflict)
        o.conflict[0] = reference(conflict);
    return furrow_model_upsert(&shape_model, sizeof o, &o);
}

/* Writes the row with this verb. `only` is the column of an UPDATE_ONLY. */
static furrow_status run(furrow_session *s, verb v, struct shape *row, const furrow_column *only)
{
    struct furrow_update_options update = {.s = s, .row = row};
    struct shape rows[3] = {*row, {.name = "first"}, {.name = "last"}};
    furrow_status status;
    for (size_t i = 0; i < shape_model.column_count; i++)
        for (int k = 1; k < 3; k++)
            if (is_tested(&shape_model.columns[i]))
                fill(&shape_model.columns[i], &rows[k], k);
    switch (v) {
    case INSERT:
        return shape_insert(s, row);
    case INSERT_MANY:
        return shape_insert_many(s, row, 1);
    case INSERT_MANY_SHAPES:
        rows[0] = rows[1];
        rows[1] = *row;
        status = shape_insert_many(s, rows, 3);
        *row = rows[1];
        return status;
    case INSERT_WITH:
        return furrow_rows_insert(s, &shape_model, row, 1, (furrow_path_list){NULL, 0});
    case UPSERT_NEW:
    case UPSERT_BY_KEY:
        return upsert(s, row, v == UPSERT_NEW ? FURROW_COLUMN_(SHAPE.name) : NULL);
    case UPSERT_BY_NAME:
        return upsert(s, row, FURROW_COLUMN_(SHAPE.name));
    case UPDATE_ONLY:
        update.only[0] = reference(only);
        return furrow_model_update(&shape_model, sizeof update, &update);
    default:
        return furrow_model_update(&shape_model, sizeof update, &update);
    }
}

/* A run of one verb: the row stored before it, the row passed to it, and the row that must be
 * stored after it. */
typedef struct trial {
    verb v;
    struct shape stored, given, wanted;
    bool now[COLUMNS]; /* columns that must hold the time of the transaction */
    int64_t begun;
    bool refused;
} trial;

static void fail_field(const trial *t, const furrow_column *c, const char *where)
{
    static const char *const names[] = {
        "insert",         "insert_many",  "insert_many of several shapes",
        "insert_with",    "upsert (new)", "upsert by key",
        "upsert by name", "update",       "update (.only)"};
    fail_msg("%s: \"%s\" (%s) is wrong in %s", names[t->v], c->name,
             is_empty(c, &t->given) ? "empty" : "given", where);
}

static void check_row(const trial *t, const struct shape *row, const char *where)
{
    for (size_t i = 0; i < shape_model.column_count; i++) {
        const furrow_column *c = &shape_model.columns[i];
        if (t->now[i]) {
            furrow_time time = *(furrow_time *)at(c, row);
            if (is_null(c, row) || time.us < t->begun || time.us > clock_us())
                fail_field(t, c, where);
        } else if (!same_field(c, row, &t->wanted)) {
            fail_field(t, c, where);
        }
    }
}

/* Computes what must be stored if `given` is written over `stored`. */
static void expect(trial *t, const furrow_column *only)
{
    t->refused = false;
    t->wanted = is_insert(t->v) ? t->given : t->stored;
    memset(t->now, 0, sizeof t->now);
    for (size_t i = 0; i < shape_model.column_count; i++) {
        const furrow_column *c = &shape_model.columns[i];
        if (!is_tested(c) ||
            (t->v == UPDATE_ONLY && c != only && !(c->flags & FURROW_COLUMN_TOUCH)))
            continue;
        switch (wanted(t->v, c, is_empty(c, &t->given))) {
        case GIVEN:
            copy_field(c, &t->wanted, &t->given);
            break;
        case DEFAULT:
            put_default(c, &t->wanted);
            break;
        case NOW:
            t->now[i] = true;
            break;
        case STORED:
            break;
        case REFUSED:
            t->refused = true;
            break;
        }
    }
    if (!is_insert(t->v))
        t->wanted.revision = t->stored.revision + 1;
}

/* Runs one verb on one row within a savepoint, which is undone. */
static void try_row(furrow_session *s, trial *t, const furrow_column *only)
{
    struct shape row, *got = NULL;
    expect(t, only);
    row = t->given;
    assert_ok(s, furrow_savepoint_begin(s));
    furrow_status status = run(s, t->v, &row, only);
    if (t->refused) {
        assert_true(status == FURROW_NOT_NULL || status == FURROW_INVALID);
        assert_memory_equal(&row, &t->given, sizeof row);
    } else {
        check_status(s, FURROW_OK, status, __FILE__, __LINE__);
        t->wanted.id = is_insert(t->v) ? row.id : t->stored.id;
        assert_ok(s, shape_get(s, &got, t->wanted.id));
        check_row(t, got, "the table");
        if (t->v < UPDATE) /* an update changes only versions and times in the caller's struct */
            check_row(t, &row, "the struct");
    }
    furrow_savepoint_rollback(s);
}

/* Prepares a trial: the stored row, with values in all columns or in none, and a row with different
 * values in all columns. */
static void begin_trial(furrow_session *s, trial *t, verb v, bool stored_empty)
{
    *t = (trial){.v = v, .begun = clock_us()};
    assert_ok(s, shape_delete_where(s, .all_rows = true));
    assert_ok(s, furrow_commit(s));
    for (size_t i = 0; i < shape_model.column_count; i++) {
        const furrow_column *c = &shape_model.columns[i];
        if (!is_tested(c))
            continue;
        if (!stored_empty || wanted(INSERT, c, true) == REFUSED)
            fill(c, &t->stored, 0);
        fill(c, &t->given, 1);
    }
    t->stored.name = t->given.name = "name";
    t->stored.revision = 5;
    struct shape *got = NULL;
    assert_ok(s, shape_insert(s, &t->stored));
    assert_ok(s, shape_get(s, &got, t->stored.id));
    t->stored = *got;
    if (is_insert(v))
        t->given.name = "new";
    else if (v != UPSERT_BY_NAME)
        t->given.id = t->stored.id;
    if (v == UPDATE || v == UPDATE_ONLY)
        t->given.revision = t->stored.revision;
}

/* For each column: the column is empty while all others have values, and vice versa. */
static void test_shape__one_column_at_a_time(void **state)
{
    (void)state;
    create_fresh(&shapes_schema);
    furrow_session *s = open_session();
    for (verb v = 0; v < VERB_COUNT; v++)
        for (int stored_empty = 0; stored_empty < 2; stored_empty++) {
            trial t;
            begin_trial(s, &t, v, stored_empty);
            struct shape full = t.given, empty = t.given;
            for (size_t i = 0; i < shape_model.column_count; i++) {
                const furrow_column *c = &shape_model.columns[i];
                if (is_tested(c) && wanted(v, c, true) != REFUSED)
                    clear(c, &empty);
            }
            for (size_t i = 0; i < shape_model.column_count; i++) {
                const furrow_column *c = &shape_model.columns[i];
                if (!is_tested(c))
                    continue;
                t.given = full;
                try_row(s, &t, c);
                clear(c, &t.given);
                try_row(s, &t, c);
                t.given = empty;
                try_row(s, &t, c);
                fill(c, &t.given, 1);
                try_row(s, &t, c);
            }
        }
    close_session(s);
}

/* Many combinations of empty and given columns. A statement that was prepared for rows of one shape
 * must not be used for a row of another shape. */
static void test_shape__combinations_of_columns(void **state)
{
    (void)state;
    create_fresh(&shapes_schema);
    furrow_session *s = open_session();
    uint64_t random = 12345;
    for (verb v = 0; v < VERB_COUNT; v++) {
        trial t;
        begin_trial(s, &t, v, false);
        for (int round = 0; round < 60; round++) {
            const furrow_column *only = NULL;
            for (size_t i = 0; i < shape_model.column_count; i++) {
                const furrow_column *c = &shape_model.columns[i];
                if (!is_tested(c))
                    continue;
                random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
                fill(c, &t.given, round);
                if (random >> 63 && wanted(v, c, true) != REFUSED)
                    clear(c, &t.given);
                if (!only || random >> 58 == 0)
                    only = c;
            }
            try_row(s, &t, only);
            try_row(s, &t, only);
        }
    }
    close_session(s);
}

/* Every type that a column can have occurs with every kind of default that it can have. */
static void test_shape__model_covers_every_type(void **state)
{
    (void)state;
    bool seen[FURROW_TYPE_COUNT_][2][2] = {0};
    for (size_t i = 0; i < shape_model.column_count; i++) {
        const furrow_column *c = &shape_model.columns[i];
        if (is_tested(c) && !is_now(c))
            seen[c->type][c->default_ != NULL][(c->flags & FURROW_COLUMN_NULLABLE) != 0] = true;
    }
    for (int type = FURROW_TYPE_NULL + 1; type < FURROW_TYPE_COUNT_; type++)
        for (int k = 0; k < 4; k++)
            if (!(k & 1 && type == FURROW_TYPE_CHARS) && !(k & 2 && type == FURROW_TYPE_BLOB))
                assert_true(seen[type][k >> 1][k & 1]);
}

/* Upserts rows of two shapes, with different values each time. */
static void upsert_two_shapes(furrow_session *s, const trial *t)
{
    for (int i = 0; i < 10; i++) {
        struct shape row = t->given;
        for (size_t c = 0; c < shape_model.column_count; c++)
            if (is_tested(&shape_model.columns[c]))
                fill(&shape_model.columns[c], &row, i);
        if (i % 2) {
            row.int32_nd.has = false;
            row.text_d = NULL;
            row.int16_d = 0;
        }
        assert_ok(s, upsert(s, &row, NULL));
    }
}

/* Rows of one shape share a prepared statement, whatever their values are. Only PostgreSQL lists
 * its prepared statements. */
static void test_upsert__prepares_one_statement_for_each_shape(void **state)
{
    (void)state;
    create_fresh(&shapes_schema);
    furrow_session *s = open_session();
    furrow_rows *rows = NULL;
    trial t;
    int64_t counts[2] = {0};
    begin_trial(s, &t, UPSERT_BY_KEY, false);
    for (int i = 0; i < 2; i++) {
        upsert_two_shapes(s, &t);
        if (!is_postgresql())
            continue;
        assert_ok(s, furrow_query(s, &rows, "SELECT count(*) FROM pg_prepared_statements"));
        assert_true(furrow_rows_next(rows));
        counts[i] = furrow_row_int64(rows, 0);
    }
    assert_in_range(counts[1] - counts[0], 0, 1); /* the query above can itself be a new prepared
                                                     statement */
    close_session(s);
}

static void test_upsert__never_writes_the_key(void **state)
{
    (void)state;
    create_fresh(&shapes_schema);
    furrow_session *s = open_session();
    trial t;
    begin_trial(s, &t, UPSERT_BY_NAME, false);
    struct shape row = t.given, *got = NULL;
    row.id = t.stored.id + 1000;
    assert_ok(s, upsert(s, &row, FURROW_COLUMN_(SHAPE.name)));
    assert_int_equal(row.id, t.stored.id);
    assert_int_equal(shape_get(s, &got, t.stored.id + 1000), FURROW_NOT_FOUND);

    struct keyword word = {"a"}, again = {"a"};
    assert_ok(s, keyword_upsert(s, &word));
    assert_ok(s, keyword_upsert(s, &again));
    int64_t count = 0;
    assert_ok(s, keyword_count(s, &count));
    assert_int_equal(count, 1);
    close_session(s);
}

/* A model without an assigned key, and with a column whose default is not zero. */
static void test_upsert__writes_zero_and_null(void **state)
{
    (void)state;
    create_fresh(&shapes_schema);
    furrow_session *s = open_session();
    struct setting a = {.key = "theme", .value = "dark", .hits = furrow_some(7)}, *got = NULL;
    assert_ok(s, setting_upsert(s, &a));
    a = (struct setting){.key = "theme", .value = ""};
    assert_ok(s, setting_upsert(s, &a));
    assert_ok(s, setting_get(s, &got, "theme"));
    assert_string_equal(got->value, "");
    assert_false(got->hits.has);
    assert_false(a.hits.has);
    a = (struct setting){.key = "theme", .hits = furrow_some(2)};
    assert_ok(s, setting_upsert(s, &a));
    assert_string_equal(a.value, "");
    a = (struct setting){.key = "other"};
    assert_ok(s, setting_upsert(s, &a));
    assert_string_equal(a.value, "");
    assert_true(a.hits.has && a.hits.value == 1);
    close_session(s);
}

static void test_upsert__negative_zero_becomes_zero(void **state)
{
    (void)state;
    create_fresh(&shapes_schema);
    furrow_session *s = open_session();
    trial t;
    struct shape *got = NULL;
    begin_trial(s, &t, UPSERT_BY_KEY, false);
    t.given.float_p = t.given.float_d = -0.0f;
    t.given.double_p = t.given.double_d = -0.0;
    assert_ok(s, upsert(s, &t.given, NULL));
    assert_ok(s, shape_get(s, &got, t.given.id));
    assert_false(signbit(got->float_p) || signbit(got->float_d));
    assert_false(signbit(got->double_p) || signbit(got->double_d));
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape__model_covers_every_type),
        cmocka_unit_test(test_shape__one_column_at_a_time),
        cmocka_unit_test(test_shape__combinations_of_columns),
        cmocka_unit_test(test_upsert__prepares_one_statement_for_each_shape),
        cmocka_unit_test(test_upsert__never_writes_the_key),
        cmocka_unit_test(test_upsert__writes_zero_and_null),
        cmocka_unit_test(test_upsert__negative_zero_becomes_zero),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
