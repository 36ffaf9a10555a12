/* SPDX-License-Identifier: MIT
 *
 * The tests for one case. forms_cases.h, which forms.py generates, includes this file once for each
 * case, after it has defined
 *
 *   NUMBER_OF_CASE    the number of the case, which is part of the names of its models
 *   T, VALUE          the type of the column in C; the value of its default
 *   SAME              a function that returns whether two values are equal in every bit
 *   IS_KEY            1 if the type can be a key
 *   IS_ORDERED        1 if values can be compared
 *   IS_NUMBER         1 if furrow_increment accepts the column
 *   IS_TEXT           1 for text, for which furrow_min and furrow_max do not exist
 *   IS_POINTER        1 if a field that can be NULL is a pointer, 0 if it is a furrow_opt
 *
 * The models are f (the column d has the default), u (d is also unique), and p and k (d of k refers
 * to the key of p), and q and l (l links rows of p to rows of q; its column d has the default). The
 * file has no include guard, because it is included many times.
 */
#define F(name) JOIN(JOIN(f, NUMBER_OF_CASE), name)
#define U(name) JOIN(JOIN(u, NUMBER_OF_CASE), name)
#define P(name) JOIN(JOIN(p, NUMBER_OF_CASE), name)
#define K(name) JOIN(JOIN(k, NUMBER_OF_CASE), name)
#define Q(name) JOIN(JOIN(q, NUMBER_OF_CASE), name)
#define L(name) JOIN(JOIN(l, NUMBER_OF_CASE), name)
#define FCOL JOIN(F, NUMBER_OF_CASE)
#define UCOL JOIN(U, NUMBER_OF_CASE)
#define PCOL JOIN(P, NUMBER_OF_CASE)
#define KCOL JOIN(K, NUMBER_OF_CASE)
#define QCOL JOIN(Q, NUMBER_OF_CASE)
#define LCOL JOIN(L, NUMBER_OF_CASE)
#define TEST(name) JOIN(JOIN(test_case, NUMBER_OF_CASE), name)
#if IS_POINTER
#define PUT(field) ((field) = VALUE)
#define GET(field) (field)
#else
#define PUT(field) furrow_put((field), VALUE)
#define GET(field) (assert_true((field).has), (field).value)
#endif

/* Stores the value in column d in every possible way. Returns the number of rows. */
static int F(_store)(furrow_session *s)
{
    struct F() row = {.id = 0}, many[4] = {{.id = 0}, {.id = 0}, {.id = 0}, {.id = 0}};
    const T value = VALUE;
    assert_ok(s, F(_delete_where)(s, .all_rows = true));
    assert_ok(s, F(_insert)(s, &row)); /* the default */
    assert_true(SAME(GET(row.d), value));
    PUT(many[2].d);
    PUT(many[3].d);
    assert_ok(s, F(_insert_many)(s, many, 4)); /* two defaults and two given values */
    assert_true(SAME(GET(many[0].d), value));
    row = (struct F()){.id = 0};
    PUT(row.d);
    assert_ok(s, F(_insert)(s, &row));
    assert_ok(s, F(_update)(s, &row));
    struct F() set = {0};
    assert_ok(s, F(_insert)(s, &set));
    assert_ok(s, F(_update_where)(s, .set = {furrow_set_null(FCOL.d)},
                                  .where = {furrow_eq(FCOL.id, set.id)}));
    assert_ok(s, F(_update_where)(s, .set = {furrow_set(FCOL.d, value)},
                                  .where = {furrow_eq(FCOL.id, set.id)}));
    struct F() upsert = {.id = 1000};
    PUT(upsert.d);
    assert_ok(s, F(_upsert)(s, &upsert)); /* inserts */
    assert_ok(s, F(_upsert)(s, &upsert)); /* updates */
    upsert = (struct F()){.id = 1001};
    assert_ok(s, F(_upsert)(s, &upsert)); /* inserts the default */
    upsert = (struct F()){.id = 1001};
    assert_ok(s, F(_upsert)(s, &upsert, .set = {furrow_set(FCOL.d, value)}));
    assert_ok(s, furrow_exec(s, "INSERT INTO " TEXT_OF(F()) " (d) VALUES (?)",
                             furrow_value_of(FCOL.d, value)));
    assert_ok(s,
              furrow_exec(s, "INSERT INTO " TEXT_OF(F()) " (c) VALUES (NULL)")); /* the default */
    int count = 11;
#if IS_NUMBER
    struct F() sum = {0};
    assert_ok(s, F(_insert)(s, &sum));
    assert_ok(s, F(_update_where)(s, .set = {furrow_set(FCOL.d, 0)},
                                  .where = {furrow_eq(FCOL.id, sum.id)}));
    assert_ok(s, F(_update_where)(s, .set = {furrow_increment(FCOL.d, value)},
                                  .where = {furrow_eq(FCOL.id, sum.id)}));
    count++;
#endif
    return count;
}

#define COUNT_IS(wanted, ...)                                                                      \
    do {                                                                                           \
        int64_t count_ = -1;                                                                       \
        assert_ok(s, F(_count)(s, &count_, .where = {__VA_ARGS__}));                               \
        assert_int_equal(count_, (wanted));                                                        \
    } while (0)

static void TEST(__is_read_as_it_was_written)(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct JOIN(F(), _list) list;
    int count = F(_store)(s);
    const T value = VALUE;
    assert_ok(s, F(_find)(s, &list));
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < list.count; i++)
        assert_true(SAME(GET(list.items[i]->d), value));
    close_session(s);
}

#if IS_ORDERED
static void TEST(__is_found_in_every_way)(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    int count = F(_store)(s);
    const T value = VALUE;
    const T values[1] = {VALUE};
    furrow_rows *rows;
    COUNT_IS(count, furrow_eq(FCOL.d, value));
    COUNT_IS(0, furrow_ne(FCOL.d, value));
    COUNT_IS(count, furrow_in(FCOL.d, values, 1));
    COUNT_IS(0, furrow_not_in(FCOL.d, values, 1));
    COUNT_IS(count, furrow_between(FCOL.d, value, value));
    COUNT_IS(count, furrow_ge(FCOL.d, value));
    COUNT_IS(count, furrow_le(FCOL.d, value));
    COUNT_IS(0, furrow_gt(FCOL.d, value));
    COUNT_IS(0, furrow_lt(FCOL.d, value));
    assert_ok(s, F(_update_where)(s, .set = {furrow_set(FCOL.c, value)}, .all_rows = true));
    COUNT_IS(count, furrow_eq_column(FCOL.d, FCOL.c));
    assert_ok(s, furrow_query(s, &rows, "SELECT count(DISTINCT d) FROM " TEXT_OF(F())));
    assert_true(furrow_rows_next(rows));
    assert_int_equal(furrow_row_int64(rows, 0), 1);
    assert_ok(s, furrow_query(s, &rows, "SELECT id FROM " TEXT_OF(F()) " WHERE d = ?",
                              furrow_value_of(FCOL.d, value)));
    assert_int_equal(furrow_rows_count(rows), count);
    close_session(s);
}

/* Reads all pages in the given order, and returns the number of rows. Stops if there are too many
 * rows. */
static int F(_read_pages)(furrow_session *s, bool descending, int limit)
{
    const furrow_ordering order = descending ? furrow_desc(FCOL.d) : furrow_asc(FCOL.d);
    struct JOIN(F(), _list) list;
    furrow_page page;
    int read = 0;
    for (const char *at = NULL;; at = page.next) {
        assert_ok(
            s, F(_find)(s, &list, .order_by = {order}, .page_size = 2, .after = at, .page = &page));
        read += (int)list.count;
        if (!page.next || read > limit)
            return read;
    }
}

static void TEST(__is_on_one_page_only)(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    int count = F(_store)(s);
    assert_int_equal(F(_read_pages)(s, false, 2 * count), count);
    assert_int_equal(F(_read_pages)(s, true, 2 * count), count);
    close_session(s);
}

static void TEST(__is_unique)(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct U() first = {0}, second = {0};
    PUT(second.d);
    assert_ok(s, U(_insert)(s, &first));
    assert_status(s, FURROW_UNIQUE, U(_insert)(s, &second));
    furrow_rollback(s);
    assert_ok(s, U(_insert)(s, &first));
    second.id = 0;
    assert_ok(s, U(_upsert)(s, &second, .conflict = {furrow_col(UCOL.d)}));
    int64_t rows = 0;
    assert_ok(s, U(_count)(s, &rows));
    assert_int_equal(rows, 1);
    close_session(s);
}
#endif

#if IS_KEY
static void TEST(__is_a_key_of_its_rows)(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct P() parent = {.key = VALUE};
    struct K() by_default = {0}, explicit_ = {0};
    struct JOIN(P(), _list) list;
    assert_ok(s, P(_insert)(s, &parent));
    PUT(explicit_.d);
    assert_ok(s, K(_insert)(s, &by_default));
    assert_ok(s, K(_insert)(s, &explicit_));
    assert_ok(s, P(_find)(s, &list, .where = {furrow_has(PCOL.kids, furrow_eq(KCOL.d, parent.key))},
                          .with = {furrow_load(PCOL.kids)}));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0]->kids.count, 2);
    assert_true(SAME(list.items[0]->key, parent.key));
    close_session(s);
}

/* The number of links between the rows of this key, as raw SQL counts them. */
static int64_t L(_count_of)(furrow_session *s, T value)
{
    furrow_rows *rows;
    assert_ok(
        s, furrow_query(
               s, &rows,
               "SELECT count(*) FROM " TEXT_OF(L()) " JOIN " TEXT_OF(P()) " ON " TEXT_OF(
                   P()) ".key = p_key JOIN " TEXT_OF(Q()) " ON " TEXT_OF(Q()) ".key = q_key WHERE "
                                                                              "p_key = ? AND q_key"
                                                                              " = ? AND " TEXT_OF(
                                                                                  L()) ".d = ?",
               furrow_value_of(PCOL.key, value), furrow_value_of(QCOL.key, value),
               furrow_value_of(LCOL.d, value)));
    assert_true(furrow_rows_next(rows));
    return furrow_row_int64(rows, 0);
}

static void TEST(__is_a_key_of_its_links)(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct P() parent = {.key = VALUE};
    struct Q() friend = {.key = VALUE};
    struct Q() * friends[] = {&friend};
    struct JOIN(P(), _list) list;
    struct L() link = {.p_key = VALUE, .q_key = VALUE};
    assert_ok(s, P(_insert)(s, &parent));
    assert_ok(s, Q(_insert)(s, &friend));
    for (int way = 0; way < 3; way++) {
        if (way == 0)
            assert_ok(s, P(_friends_add)(s, &parent, friends, 1));
        else if (way == 1)
            assert_ok(s, P(_friends_set)(s, &parent, friends, 1));
        else
            assert_ok(s, L(_insert)(s, &link));
        assert_int_equal(L(_count_of)(s, VALUE), 1);
        assert_ok(s, P(_friends_add)(s, &parent, friends, 1)); /* changes nothing */
        assert_int_equal(L(_count_of)(s, VALUE), 1);
        assert_ok(s, P(_find)(s, &list,
                              .where = {furrow_has(PCOL.friends, furrow_eq(QCOL.key, friend.key))},
                              .with = {furrow_load(PCOL.friends)}));
        assert_int_equal(list.count, 1);
        assert_int_equal(list.items[0]->friends.count, 1);
        assert_true(SAME(list.items[0]->friends.items[0]->key, friend.key));
        assert_ok(s, P(_friends_remove)(s, &parent, friends, 1));
        assert_int_equal(L(_count_of)(s, VALUE), 0);
    }
    close_session(s);
}
#endif

#undef COUNT_IS
#undef F
#undef U
#undef P
#undef K
#undef Q
#undef L
#undef FCOL
#undef UCOL
#undef PCOL
#undef KCOL
#undef QCOL
#undef LCOL
#undef TEST
#undef PUT
#undef GET
