/* SPDX-License-Identifier: MIT
 *
 * The tests for one type of field. kinds_test.c includes this file once for each type, after it has
 * defined
 *
 *   MODEL, RESULT, COLUMNS   of_bool, got_bool, OF_BOOL
 *   T, VALUES                the C type; an array of values in ascending order
 *   SAME(a, b)               whether two values are equal in every bit
 *   PUT_V, PUT_N, HAS_N, N_OF, HAS_D, D_OF    access to the fields of a row
 *   RAW(v)                   the value for a raw statement
 *   ORDERED                  1 if values can be compared
 *   EXTREME                  1 if the type has a least and a greatest value
 *   DEFAULT                  the value of d
 *   IS_JSON_NULL(v)          only for JSON: whether the value is null, which reads as NULL
 *
 * The file has no include guard, because it is included many times.
 */
#define COUNT (sizeof(VALUES) / sizeof *(VALUES))
#define VERB(verb) JOIN(MODEL, verb)
#define TEST(name) JOIN(JOIN(test_, MODEL), name)

/* Returns a row with v = VALUES[v] and n = VALUES[n]. If the index n is COUNT or more, the column n
 * is NULL. */
static struct MODEL VERB(_row)(size_t v, size_t n)
{
    struct MODEL row = {0};
    PUT_V(row, VALUES[v]);
    if (n < COUNT)
        PUT_N(row, VALUES[n]);
    return row;
}

static void VERB(_same)(const struct MODEL *row, size_t v, size_t n)
{
    assert_non_null(row);
    assert_true(SAME(row->v, VALUES[v]));
    assert_int_equal(HAS_N(*row), n < COUNT);
    if (n < COUNT)
        assert_true(SAME(N_OF(*row), VALUES[n]));
}

/* Opens a session and deletes all rows of the model's table. Nothing is committed, so closing the
 * session undoes all changes. */
static furrow_session *VERB(_session)(void)
{
    create_once();
    furrow_session *s = open_session();
    assert_ok(s, VERB(_delete_where)(s, .all_rows = true));
    return s;
}

static void TEST(__comes_back_from_every_read)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    for (size_t i = 0; i < 2 * COUNT; i++) {
        size_t v = i / 2, n = i % 2 ? COUNT - 1 - v : COUNT;
        struct MODEL row = VERB(_row)(v, n), again = {0};
        struct MODEL *got = NULL;
        struct JOIN(MODEL, _list) list = {0};
        struct JOIN(MODEL, _cursor) *cursor = NULL;
        assert_ok(s, VERB(_insert)(s, &row));
        assert_true(row.id > 0);
        VERB(_same)(&row, v, n);
#ifdef DEFAULT
        assert_true(HAS_D(row));
        assert_true(SAME(D_OF(row), DEFAULT));
#endif
        assert_ok(s, VERB(_get)(s, &got, row.id));
        VERB(_same)(got, v, n);
#ifdef DEFAULT
        assert_true(HAS_D(*got) && SAME(D_OF(*got), DEFAULT));
#endif
        assert_ok(s, VERB(_get_many)(s, &list, &row.id, 1));
        assert_int_equal(list.count, 1);
        VERB(_same)(list.items[0], v, n);
        assert_ok(s, VERB(_find)(s, &list, .where = {furrow_eq(COLUMNS.id, row.id)}));
        assert_int_equal(list.count, 1);
        VERB(_same)(list.items[0], v, n);
        assert_ok(s, VERB(_first)(s, &got, .order_by = {furrow_desc(COLUMNS.id)}));
        VERB(_same)(got, v, n);
        assert_ok(s, VERB(_stream)(s, &cursor, .where = {furrow_ge(COLUMNS.id, row.id)}));
        VERB(_same)(VERB(_next)(cursor), v, n);
        assert_null(VERB(_next)(cursor));
        again.id = row.id;
        assert_ok(s, VERB(_refresh)(s, &again));
        VERB(_same)(&again, v, n);
    }
    close_session(s);
}

static void TEST(__comes_back_from_json)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    for (size_t i = 0; i < 2 * COUNT; i++) {
        size_t v = i / 2, n = i % 2 ? COUNT - 1 - v : COUNT, size;
        struct MODEL row = VERB(_row)(v, n), *read, patched = VERB(_row)((v + 1) % COUNT, v);
        furrow_problems problems;
        const char *text;
        assert_ok(s, VERB(_to_json)(s, &text, &row, .size = &size));
        assert_int_equal(size, strlen(text));
#ifdef IS_JSON_NULL
        n = n < COUNT && IS_JSON_NULL(VALUES[n]) ? COUNT : n;
#endif
        assert_ok(s, VERB(_from_json)(s, &read, text, size, &problems, .max_size = 1 << 24));
        VERB(_same)(read, v, n);
        assert_ok(s, VERB(_patch_json)(s, &patched, text, size, &problems, .max_size = 1 << 24));
        VERB(_same)(&patched, v, n);
        assert_ok(s, VERB(_validate)(s, read, &problems));
    }
    close_session(s);
}

static void TEST(__is_written_by_every_verb)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    struct MODEL rows[2 * COUNT];
    struct MODEL *got = NULL;
    for (size_t i = 0; i < 2 * COUNT; i++)
        rows[i] = VERB(_row)(i / 2, i % 2 ? i / 2 : COUNT);
    assert_ok(s, VERB(_insert_many)(s, rows, 2 * COUNT));
    for (size_t i = 0; i < 2 * COUNT; i++) {
        assert_ok(s, VERB(_get)(s, &got, rows[i].id));
        VERB(_same)(got, i / 2, i % 2 ? i / 2 : COUNT);
#ifdef DEFAULT
        assert_true(HAS_D(rows[i]) && SAME(D_OF(rows[i]), DEFAULT));
        assert_true(HAS_D(*got) && SAME(D_OF(*got), DEFAULT));
#endif
    }
    struct MODEL row = VERB(_row)(0, COUNT);
    assert_ok(s, VERB(_insert)(s, &row));
    int64_t id = row.id;
    for (size_t i = 0; i < 2 * COUNT; i++) {
        size_t v = i / 2, n = i % 2 ? v : COUNT, other = (v + 1) % COUNT;
        row = VERB(_row)(v, n);
        row.id = id;
        assert_ok(s, VERB(_upsert)(s, &row));
        assert_int_equal(row.id, id);
        assert_ok(s, VERB(_get)(s, &got, id));
        VERB(_same)(got, v, n);

        row = VERB(_row)(other, n < COUNT ? COUNT : other);
        row.id = id;
        assert_ok(s, VERB(_update)(s, &row));
        assert_ok(s, VERB(_get)(s, &got, id));
        VERB(_same)(got, other, n < COUNT ? COUNT : other);

        row = VERB(_row)(v, n);
        row.id = id;
        assert_ok(s, VERB(_update)(s, &row, .only = {furrow_col(COLUMNS.n)}));
        assert_ok(s, VERB(_get)(s, &got, id));
        VERB(_same)(got, other, n);

        uint64_t changed = 9;
        assert_ok(s,
                  VERB(_update_where)(s,
                                      .set = {furrow_set(COLUMNS.v, VALUES[v]),
                                              furrow_set(COLUMNS.n, VALUES[other])},
                                      .where = {furrow_eq(COLUMNS.id, id)}, .changed = &changed));
        assert_int_equal(changed, 1);
        assert_ok(s, VERB(_get)(s, &got, id));
        VERB(_same)(got, v, other);
        assert_ok(s, VERB(_update_where)(s, .set = {furrow_set_null(COLUMNS.n)},
                                         .where = {furrow_eq(COLUMNS.id, id)}));
        assert_ok(s, VERB(_get)(s, &got, id));
        VERB(_same)(got, v, COUNT);
    }
    /* An upsert with a key that does not exist inserts the row. */
    row = VERB(_row)(COUNT - 1, 0);
    row.id = id + 100;
    assert_ok(s, VERB(_upsert)(s, &row));
    assert_ok(s, VERB(_get)(s, &got, id + 100));
    VERB(_same)(got, COUNT - 1, 0);
    close_session(s);
}

/* What the session does while a stream is open. `row` is the stream's current row, and `to` a row
 * with other values. */
#define VERBS                                                                                      \
    WRITE(VERB(_update)(s, &to))                                                                   \
    WRITE(VERB(_update)(s, &to, .only = {furrow_col(COLUMNS.v)}))                                  \
    WRITE(VERB(_update_where)(s, .set = {furrow_set(COLUMNS.v, VALUES[0])}, .all_rows = true))     \
    WRITE(VERB(_update_where)(s, .set = {furrow_set_null(COLUMNS.n)}, .all_rows = true))           \
    WRITE(VERB(_upsert)(s, &to))                                                                   \
    WRITE((to.id = 0, VERB(_insert)(s, &to)))                                                      \
    WRITE((to.id = 0, VERB(_insert_many)(s, &to, 1)))                                              \
    WRITE((to.id = row->id + 1, VERB(_delete)(s, &to)))                                            \
    WRITE(VERB(_delete_where)(s, .all_rows = true))                                                \
    WRITE(furrow_exec(s, "UPDATE " TEXT_OF(MODEL) " SET v = ?, n = NULL", RAW(VALUES[0])))         \
    WRITE(furrow_exec(s, "DELETE FROM " TEXT_OF(MODEL) " WHERE id > ?", row->id))

enum {
#define WRITE(call) +1
    VERB(_verb_count) = VERBS
#undef WRITE
};

/* Runs the verb with this number. */
static furrow_status VERB(_write)(furrow_session *s, int verb, const struct MODEL *row)
{
    struct MODEL to = *row;
    PUT_V(to, VALUES[COUNT - 1]);
    PUT_N(to, VALUES[0]);
#define WRITE(call)                                                                                \
    if (verb-- == 0) {                                                                             \
        furrow_status status = call;                                                               \
        return status == FURROW_NOT_FOUND ? FURROW_OK : status;                                    \
    }
    VERBS
#undef WRITE
    return FURROW_INVALID;
}
#undef VERBS

/* A stream returns its rows as they were when the stream began, regardless of what the session
 * writes in the meantime. */
static void TEST(__is_streamed_as_it_was)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    struct MODEL rows[2 * COUNT];
    for (size_t i = 0; i < 2 * COUNT; i++)
        rows[i] = VERB(_row)(i / 2, i % 2 ? COUNT - 1 - i / 2 : COUNT);
    assert_ok(s, VERB(_insert_many)(s, rows, 2 * COUNT));
    for (int verb = 0; verb < VERB(_verb_count); verb++) {
        struct JOIN(MODEL, _cursor) *cursor = NULL;
        const struct MODEL *row;
        size_t seen = 0;
        assert_ok(s, furrow_savepoint_begin(s));
        assert_ok(s, VERB(_stream)(s, &cursor, .order_by = {furrow_asc(COLUMNS.id)}));
        for (; (row = VERB(_next)(cursor)); seen++) {
            assert_true(seen < 2 * COUNT);
            assert_int_equal(row->id, rows[seen].id);
            VERB(_same)(row, seen / 2, seen % 2 ? COUNT - 1 - seen / 2 : COUNT);
            assert_ok(s, VERB(_write)(s, verb, row));
        }
        assert_int_equal(seen, 2 * COUNT);
        assert_ok(s, furrow_session_status(s));
        assert_ok(s, furrow_savepoint_rollback(s));
    }
    close_session(s);
}

static void TEST(__goes_through_raw_statements)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    struct MODEL *got = NULL;
    struct JOIN(RESULT, _list) list = {0};
    for (size_t i = 0; i < COUNT; i++) {
        furrow_rows *rows = NULL;
        assert_ok(s,
                  furrow_query(s, &rows,
                               "INSERT INTO " TEXT_OF(MODEL) " (v, n) VALUES (?, ?) RETURNING id",
                               RAW(VALUES[i]), NULL));
        assert_true(furrow_rows_next(rows));
        int64_t id = furrow_row_int64(rows, 0);
        assert_ok(s, VERB(_get)(s, &got, id));
        VERB(_same)(got, i, COUNT);
        assert_ok(s, JOIN(RESULT, _query)(s, &list,
                                          "SELECT v, n FROM " TEXT_OF(MODEL) " WHERE id = ?", id));
        assert_false(HAS_N(*list.items[0]));
        assert_ok(s, furrow_exec(s, "UPDATE " TEXT_OF(MODEL) " SET n = ? WHERE id = ?",
                                 RAW(VALUES[i]), id));
        assert_int_equal(furrow_session_changed(s), 1);
        assert_ok(s, JOIN(RESULT, _query)(
                         s, &list, "SELECT n, id, v FROM " TEXT_OF(MODEL) " WHERE id = ?", id));
        assert_int_equal(list.count, 1);
        assert_true(SAME(list.items[0]->v, VALUES[i]));
        assert_true(HAS_N(*list.items[0]) && SAME(N_OF(*list.items[0]), VALUES[i]));
#if ORDERED
        assert_ok(s, furrow_query(s, &rows, "SELECT count(*) FROM " TEXT_OF(MODEL) " WHERE v = ?",
                                  RAW(VALUES[i])));
        assert_true(furrow_rows_next(rows));
        assert_int_equal(furrow_row_int64(rows, 0), 1);
#endif
    }
    close_session(s);
}

static void TEST(__is_bound_as_its_column_stores_it)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    struct MODEL *got = NULL;
    for (size_t i = 0; i < COUNT; i++) {
        furrow_rows *rows = NULL;
        assert_ok(
            s, furrow_query(
                   s, &rows, "INSERT INTO " TEXT_OF(MODEL) " (v, n) VALUES (?, ?) RETURNING id",
                   furrow_value_of(COLUMNS.v, VALUES[i]), furrow_value_of(COLUMNS.n, VALUES[i])));
        assert_true(furrow_rows_next(rows));
        int64_t id = furrow_row_int64(rows, 0);
        assert_ok(s, VERB(_get)(s, &got, id));
        VERB(_same)(got, i, i);
#if ORDERED
        assert_ok(s, furrow_query(s, &rows, "SELECT id FROM " TEXT_OF(MODEL) " WHERE v = ?",
                                  furrow_value_of(COLUMNS.v, VALUES[i])));
        assert_int_equal(furrow_rows_count(rows), 1);
        assert_true(furrow_rows_next(rows));
        assert_int_equal(furrow_row_int64(rows, 0), id);
#endif
    }
    close_session(s);
}

#define COUNT_IS(wanted, ...)                                                                      \
    do {                                                                                           \
        int64_t count_ = -1;                                                                       \
        bool any_ = false;                                                                         \
        assert_ok(s, VERB(_count)(s, &count_, .where = {__VA_ARGS__}));                            \
        assert_int_equal(count_, (wanted));                                                        \
        assert_ok(s, VERB(_exists)(s, &any_, .where = {__VA_ARGS__}));                             \
        assert_int_equal(any_, (wanted) > 0);                                                      \
    } while (0)

/* Inserts COUNT rows, one with v = VALUES[i] for each i. In this row, n equals v if i is even, and
 * is NULL if i is odd. */
static void VERB(_fill)(furrow_session *s)
{
    struct MODEL rows[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        rows[i] = VERB(_row)((i + COUNT / 2) % COUNT,
                             (i + COUNT / 2) % COUNT % 2 ? COUNT : (i + COUNT / 2) % COUNT);
    assert_ok(s, VERB(_insert_many)(s, rows, COUNT));
}

static void TEST(__matches_every_condition)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    int evens = (int)(COUNT + 1) / 2;
    VERB(_fill)(s);
    COUNT_IS((int)COUNT - evens, furrow_is_null(COLUMNS.n));
    COUNT_IS(evens, furrow_not_null(COLUMNS.n));
    COUNT_IS(0, furrow_is_null(COLUMNS.v));
    COUNT_IS((int)COUNT, furrow_not(furrow_is_null(COLUMNS.v)));
#if ORDERED
    COUNT_IS(evens, furrow_eq_column(COLUMNS.v, COLUMNS.n));
    COUNT_IS(0, furrow_ne_column(COLUMNS.v, COLUMNS.n));
    COUNT_IS(0, furrow_not(furrow_eq_column(COLUMNS.v, COLUMNS.n)));
    COUNT_IS(0, furrow_lt_column(COLUMNS.v, COLUMNS.n));
    COUNT_IS(evens, furrow_le_column(COLUMNS.n, COLUMNS.v));
    COUNT_IS(0, furrow_gt_column(COLUMNS.n, COLUMNS.v));
    COUNT_IS(evens, furrow_ge_column(COLUMNS.n, COLUMNS.v));
    COUNT_IS(0, furrow_in(COLUMNS.v, VALUES, 0));
    COUNT_IS((int)COUNT, furrow_not_in(COLUMNS.v, VALUES, 0));
    for (size_t i = 0; i < COUNT; i++) {
        int at = (int)i, behind = (int)(COUNT - 1 - i);
        COUNT_IS(1, furrow_eq(COLUMNS.v, VALUES[i]));
        COUNT_IS((int)COUNT - 1, furrow_ne(COLUMNS.v, VALUES[i]));
        COUNT_IS(at, furrow_lt(COLUMNS.v, VALUES[i]));
        COUNT_IS(at + 1, furrow_le(COLUMNS.v, VALUES[i]));
        COUNT_IS(behind, furrow_gt(COLUMNS.v, VALUES[i]));
        COUNT_IS(behind + 1, furrow_ge(COLUMNS.v, VALUES[i]));
        COUNT_IS(behind + 1, furrow_in(COLUMNS.v, VALUES + i, COUNT - i));
        COUNT_IS(at, furrow_not_in(COLUMNS.v, VALUES + i, COUNT - i));
        /* A comparison with NULL is never true, so a row where n is NULL does not match `eq`, `ne`,
         * `in` or `not_in`. */
        COUNT_IS(i % 2 ? 0 : 1, furrow_eq(COLUMNS.n, VALUES[i]));
        COUNT_IS(evens - (i % 2 ? 0 : 1), furrow_ne(COLUMNS.n, VALUES[i]));
        COUNT_IS(evens - (i % 2 ? 0 : 1), furrow_not(furrow_eq(COLUMNS.n, VALUES[i])));
        COUNT_IS(evens - (i % 2 ? 0 : 1), furrow_not_in(COLUMNS.n, VALUES + i, 1));
        for (size_t j = 0; j < COUNT; j++) {
            COUNT_IS(j < i ? 0 : (int)(j - i) + 1, furrow_between(COLUMNS.v, VALUES[i], VALUES[j]));
            COUNT_IS(i == j ? 1 : 2,
                     furrow_any(furrow_eq(COLUMNS.v, VALUES[i]), furrow_eq(COLUMNS.v, VALUES[j])));
            COUNT_IS(i == j ? 0 : 1, furrow_eq(COLUMNS.v, VALUES[i]),
                     furrow_not(furrow_eq(COLUMNS.v, VALUES[j])));
        }
    }
#endif
    close_session(s);
}

#if ORDERED
static void TEST(__orders_with_null_first)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    struct JOIN(MODEL, _list) list = {0};
    size_t evens = (COUNT + 1) / 2, odds = COUNT - evens;
    VERB(_fill)(s);
    assert_ok(s, VERB(_find)(s, &list, .order_by = {furrow_asc(COLUMNS.v)}));
    for (size_t i = 0; i < COUNT; i++)
        assert_true(SAME(list.items[i]->v, VALUES[i]));
    assert_ok(s, VERB(_find)(s, &list, .order_by = {furrow_desc(COLUMNS.v)}, .offset = 1,
                             .limit = (int64_t)COUNT));
    assert_int_equal(list.count, COUNT - 1);
    for (size_t i = 1; i < COUNT; i++)
        assert_true(SAME(list.items[i - 1]->v, VALUES[COUNT - 1 - i]));
    assert_ok(s, VERB(_find)(s, &list, .order_by = {furrow_asc(COLUMNS.n), furrow_asc(COLUMNS.v)}));
    for (size_t i = 0; i < COUNT; i++)
        assert_true(SAME(list.items[i]->v, VALUES[i < odds ? 2 * i + 1 : 2 * (i - odds)]));
    assert_ok(s,
              VERB(_find)(s, &list, .order_by = {furrow_desc(COLUMNS.n), furrow_asc(COLUMNS.v)}));
    for (size_t i = 0; i < COUNT; i++)
        assert_true(
            SAME(list.items[i]->v, VALUES[i < evens ? 2 * (evens - 1 - i) : 2 * (i - evens) + 1]));
    close_session(s);
}
#endif

#if EXTREME
static void TEST(__has_a_least_and_a_greatest_value)(void **state)
{
    (void)state;
    furrow_session *s = VERB(_session)();
    T least;
    T greatest;
    VERB(_fill)(s);
    memset(&least, 0xa5, sizeof least);
    memset(&greatest, 0xa5, sizeof greatest);
    assert_ok(s, VERB(_min)(s, &least, COLUMNS.v));
    assert_ok(s, VERB(_max)(s, &greatest, COLUMNS.v));
    assert_true(SAME(least, VALUES[0]));
    assert_true(SAME(greatest, VALUES[COUNT - 1]));
    assert_ok(s, VERB(_min)(s, &least, COLUMNS.v, .where = {furrow_gt(COLUMNS.v, VALUES[0])}));
    assert_true(SAME(least, VALUES[1]));
    /* `max` ignores rows where n is NULL. */
    assert_ok(s, VERB(_max)(s, &greatest, COLUMNS.n));
    assert_true(SAME(greatest, VALUES[(COUNT - 1) / 2 * 2]));
    close_session(s);
}
#endif

#undef COUNT_IS
#undef COUNT
#undef VERB
#undef TEST
#undef MODEL
#undef RESULT
#undef COLUMNS
#undef T
#undef VALUES
#undef SAME
#undef PUT_V
#undef PUT_N
#undef HAS_N
#undef N_OF
#undef HAS_D
#undef D_OF
#undef RAW
#undef ORDERED
#undef EXTREME
#undef DEFAULT
#undef IS_JSON_NULL
