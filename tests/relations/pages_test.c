/* SPDX-License-Identifier: MIT
 *
 * Keyset pages. While rows are inserted and deleted between pages, every row that is not deleted
 * must be read exactly once, in order and in both directions. Only cursors that the library has
 * returned are accepted. FURROW_TEST_SCALE=full reads 100,000 rows instead of 5,000. */
#include "conformance.h"
#include "library.furrow.h"
#include "related.h"

enum {
    WRITERS = 20,
    FLEETING = 1000 /* only rows of this group are inserted and deleted during a
                       walk */
};

static uint64_t seed = 1;
static uint32_t dice(uint32_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % sides;
}

static struct writer writers[WRITERS];

static struct item random_item(int32_t group)
{
    static const char *const labels[] = {"", "a", "A", "b", "\xc3\xa9", "zz"};
    struct item i = {.group = group,
                     .price = {dice(7) * 25, 2},
                     .at = {dice(5) * INT64_C(1000001)},
                     .day = {(int32_t)dice(4) - 2},
                     .done = dice(2)};
    for (int b = 0; b < 16; b++)
        i.id.bytes[b] = (uint8_t)dice(256);
    if (dice(3))
        furrow_put(i.rank, (int32_t)dice(20) - 10);
    if (dice(3))
        i.label = labels[dice(6)];
    if (dice(2))
        furrow_put(i.weight, dice(9) / 4.0 - 1);
    if (dice(4))
        furrow_put(i.writer_id, writers[dice(WRITERS)].id);
    return i;
}

static furrow_uuid fleeting[4096];
static size_t fleeting_count;

static size_t fill(furrow_session *s, size_t count)
{
    fleeting_count = 0;
    static const char *const names[] = {"x", "y", "z", "x y"};
    for (int i = 0; i < WRITERS; i++)
        writers[i] = (struct writer){.name = names[dice(4)], .country = dice(2) ? "fr" : NULL};
    assert_ok(s, writer_insert_many(s, writers, WRITERS));
    struct item *items = calloc(count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = random_item((int32_t)dice(5));
    assert_ok(s, item_insert_many(s, items, count));
    free(items);
    return count;
}

static const furrow_relation *writer_of_item(void)
{
    return &item_model.relations[0];
}

static furrow_ordering random_ordering(void)
{
    const furrow_column *plain[] = {
        FURROW_COLUMN_(ITEM.group),  FURROW_COLUMN_(ITEM.rank),  FURROW_COLUMN_(ITEM.label),
        FURROW_COLUMN_(ITEM.weight), FURROW_COLUMN_(ITEM.price), FURROW_COLUMN_(ITEM.at),
        FURROW_COLUMN_(ITEM.day),    FURROW_COLUMN_(ITEM.done),  FURROW_COLUMN_(ITEM.id),
    };
    switch (dice(12)) {
    case 0:
        return furrow_order_through_(writer_of_item(), FURROW_COLUMN_(WRITER.name), dice(2));
    case 1:
        return furrow_order_through_(writer_of_item(), FURROW_COLUMN_(WRITER.country), dice(2));
    default:
        return furrow_order(plain[dice(9)], dice(2));
    }
}

static void disturb(void)
{
    furrow_session *s = furrow_session_open(engine);
    for (uint32_t n = dice(4); n; n--) {
        struct item i = random_item(FLEETING);
        if (fleeting_count < 4096) {
            assert_ok(s, item_insert(s, &i));
            fleeting[fleeting_count++] = i.id;
        }
    }
    for (uint32_t n = dice(4); n && fleeting_count; n--) {
        size_t which = dice((uint32_t)fleeting_count);
        uint64_t changed;
        assert_ok(s, item_delete_where(s, .where = {furrow_eq(ITEM.id, fleeting[which])},
                                       .changed = &changed));
        assert_int_equal(changed, 1);
        fleeting[which] = fleeting[--fleeting_count];
    }
    assert_ok(s, furrow_commit(s));
    furrow_session_close(s);
}

typedef struct walk {
    furrow_ordering order[4];
    bool filtered; /* the pages contain only the permanent rows */
    furrow_uuid *wanted;
    size_t count;
} walk;

static void set_order(struct item_find_options *o, const walk *w)
{
    for (int i = 0; i < 4; i++)
        o->order_by[i] = w->order[i];
}

/* Reads the keys of the permanent rows in the order of the pages. */
static void find_wanted(walk *w)
{
    furrow_session *s = furrow_session_open(engine);
    struct item_list list;
    struct item_find_options o = {.s = s, .out = &list, .where = {furrow_lt(ITEM.group, FLEETING)}};
    set_order(&o, w);
    bool descending = false;
    for (int i = 0; i < 4; i++) { /* skip columns that are already in the order */
        int k = 0;
        while (k < i && (w->order[k].column != w->order[i].column ||
                         w->order[k].through != w->order[i].through))
            k++;
        if (w->order[i].used && k == i)
            descending = w->order[i].descending;
    }
    o.order_by[7] = furrow_order(FURROW_COLUMN_(ITEM.id), descending);
    assert_ok(s, item_find_using(&o));
    w->count = list.count;
    w->wanted = calloc(list.count + 1, sizeof *w->wanted);
    for (size_t i = 0; i < list.count; i++)
        w->wanted[i] = list.items[i]->id;
    furrow_session_close(s);
}

/* Reads one page and compares its permanent rows with the expected rows, starting at *at. Moves *at
 * in the direction of reading. */
static size_t go(const walk *w, int64_t size, char *cursor, bool backwards, size_t *at)
{
    furrow_session *s = furrow_session_open(engine, .read_only = true);
    struct item_list list;
    furrow_page page;
    struct item_find_options o = {.s = s, .out = &list, .page_size = size, .page = &page};
    set_order(&o, w);
    if (*cursor && backwards)
        o.before = cursor;
    else if (*cursor)
        o.after = cursor;
    if (w->filtered)
        furrow_add(o.where, furrow_any(furrow_lt(ITEM.group, FLEETING), furrow_is_null(ITEM.label)),
                   furrow_ne(ITEM.group, FLEETING));
    assert_ok(s, item_find_using(&o));
    assert_ok(s, furrow_expect_statements(s, 1));
    assert_true(list.count <= (size_t)size);
    for (size_t i = 0; i < list.count; i++) {
        const struct item *item = list.items[backwards ? list.count - 1 - i : i];
        if (item->group == FLEETING) {
            assert_false(w->filtered);
            continue;
        }
        if (backwards) {
            assert_true(*at > 0);
            --*at;
        }
        assert_true(*at < w->count);
        assert_memory_equal(&item->id, &w->wanted[*at], sizeof item->id);
        *at += !backwards;
    }
    const char *onward = backwards ? page.previous : page.next;
    snprintf(cursor, 4096, "%s", onward ? onward : "");
    if (list.count && !onward && !backwards && w->count > (size_t)size)
        assert_non_null(page.previous);
    if (!onward && !backwards) /* after the last page, the test reads the pages in the other
                                  direction, beginning with the cursor of the previous page */
        snprintf(cursor + 2048, 2048, "%s", page.previous ? page.previous : "");
    size_t count = list.count;
    furrow_session_close(s);
    return count;
}

static void walk_both_ways(walk *w, int64_t size)
{
    char cursor[4096] = "";
    size_t at = 0, last_at;
    do {
        last_at = at;
        go(w, size, cursor, false, &at);
        disturb();
    } while (*cursor);
    assert_int_equal(at, w->count);
    if (!cursor[2048])
        return;
    memmove(cursor, cursor + 2048, 2048);
    /* This cursor points to the position before all permanent rows of the last page. */
    at = last_at;
    do {
        go(w, size, cursor, true, &at);
        disturb();
    } while (*cursor);
    assert_int_equal(at, 0);
}

static void test_pages__show_each_row_once(void **state)
{
    (void)state;
    const char *scale = getenv("FURROW_TEST_SCALE");
    size_t count = scale && strcmp(scale, "full") == 0 ? 100000 : 100000 / 20;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    fill(s, count);
    assert_ok(s, furrow_commit(s));
    close_session(s);
    for (int i = 0; i < 16; i++) {
        walk w = {.filtered = dice(2)};
        for (uint32_t k = 0, keys = dice(4); k < keys; k++)
            w.order[k] = random_ordering();
        find_wanted(&w);
        assert_int_equal(w.count, count);
        walk_both_ways(&w, (int64_t)(count / 50 + dice((uint32_t)count / 10)));
        free(w.wanted);
    }
}

/* With few rows and small pages, every kind of boundary between pages occurs, including boundaries
 * between equal values and between NULLs. */
static void test_pages__may_have_one_or_two_rows(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    fill(s, 23);
    assert_ok(s, furrow_commit(s));
    close_session(s);
    for (int i = 0; i < 60; i++) {
        walk w = {.filtered = dice(2)};
        for (uint32_t k = 0, keys = dice(4); k < keys; k++)
            w.order[k] = random_ordering();
        find_wanted(&w);
        walk_both_ways(&w, 1 + dice(3));
        free(w.wanted);
    }
}

static void test_pages__can_be_ordered_by_a_count(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    fill(s, 0);
    struct book b[60];
    memset(b, 0, sizeof b);
    for (int i = 0; i < 60; i++) {
        b[i].title = "t";
        furrow_put(b[i].writer_id, writers[dice(WRITERS)].id);
    }
    assert_ok(s, book_insert_many(s, b, 60));
    const furrow_relation *books = NULL;
    for (size_t i = 0; i < writer_model.relation_count; i++)
        if (strcmp(writer_model.relations[i].field, "books") == 0)
            books = &writer_model.relations[i];
    assert_non_null(books);
    furrow_column made = {.name = "books",
                          .field = "books",
                          .model = &writer_model,
                          .type = FURROW_TYPE_INT64,
                          .flags = FURROW_COLUMN_COUNT,
                          .index = books->index,
                          .size = 8};
    const furrow_column *number = books->count_column ? books->count_column : &made;
    struct writer_list all, list;
    assert_ok(
        s, writer_find(s, &all, .order_by = {furrow_order(number, true), furrow_desc(WRITER.id)}));
    furrow_page page = {0};
    size_t at = 0;
    do {
        assert_ok(s, writer_find(s, &list, .order_by = {furrow_order(number, true)}, .page_size = 3,
                                 .after = page.next, .page = &page,
                                 .with = {furrow_load(WRITER.books)}));
        for (size_t i = 0; i < list.count; i++, at++) {
            assert_int_equal(list.items[i]->id, all.items[at]->id);
            assert_true(list.items[i]->books.loaded);
        }
    } while (page.next);
    assert_int_equal(at, WRITERS);
    int64_t counts[WRITERS];
    assert_ok(s, count_related(s, books, counts, (void **)all.items, WRITERS));
    for (int i = 1; i < WRITERS; i++)
        assert_true(counts[i - 1] >= counts[i]);
}

static void test_pages__end_without_a_cursor(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    struct writer_list list;
    furrow_page page = {"x", "y"}, first, empty;
    assert_ok(s, writer_find(s, &list, .page_size = 5, .page = &page));
    assert_true(list.count == 0 && list.loaded && !page.next && !page.previous);
    fill(s, 0);
    assert_ok(s, writer_find(s, &list, .page_size = WRITERS, .page = &page));
    assert_true(list.count == WRITERS && !page.next && !page.previous);
    assert_ok(s, writer_find(s, &list, .page_size = 12, .page = &first));
    assert_true(list.count == 12 && first.next && !first.previous);
    int64_t last = list.items[11]->id;
    assert_ok(s, writer_find(s, &list, .page_size = 12, .after = first.next, .page = &page));
    assert_true(list.count == 8 && !page.next && page.previous);
    assert_int_equal(list.items[0]->id, last + 1);
    assert_ok(s, writer_find(s, &list, .page_size = 12, .before = page.previous, .page = &page));
    assert_true(list.count == 12 && page.next && !page.previous);
    assert_int_equal(list.items[11]->id, last);
    /* If all rows of a page were deleted, the empty page still has a cursor that leads back to the
     * preceding page. */
    assert_ok(s, writer_delete_where(s, .where = {furrow_gt(WRITER.id, last)}));
    assert_ok(s, writer_find(s, &list, .page_size = 12, .after = first.next, .page = &empty));
    assert_true(list.count == 0 && !empty.next && empty.previous);
    assert_ok(s, writer_find(s, &list, .page_size = 12, .before = empty.previous, .page = &page));
    assert_int_equal(list.count, 12);
    assert_int_equal(list.items[11]->id, last);
    /* A page must have the same query plan as a query with the same order and limit. */
    const char *plan;
    assert_ok(s, writer_explain(s, &plan, .page_size = 12, .after = first.next));
    assert_true(*plan);
}

static void test_pages__refuse_mistakes(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    struct writer_list list;
    struct writer *one;
    struct writer_cursor *rows;
    furrow_page page;
    assert_refused(s, FURROW_INVALID,
                   "limit together with page_size in a query of model \"writer\"",
                   writer_find(s, &list, .page_size = 5, .limit = 5));
    assert_refused(s, FURROW_INVALID,
                   "offset together with page_size in a query of model \"writer\"",
                   writer_find(s, &list, .page_size = 5, .offset = 5));
    assert_refused(s, FURROW_INVALID,
                   "page_size is not between 1 and 2147483647 in a query of model \"writer\"",
                   writer_find(s, &list, .page_size = -1));
    assert_refused(s, FURROW_INVALID, "find of model \"writer\": .after without .page_size",
                   writer_find(s, &list, .after = "x"));
    assert_refused(s, FURROW_INVALID, "find of model \"writer\": give .after or .before, not both",
                   writer_find(s, &list, .page_size = 1, .after = "x", .before = "x"));
    assert_refused(s, FURROW_INVALID, "first of model \"writer\" does not support pages",
                   writer_first(s, &one, .page_size = 1));
    assert_refused(s, FURROW_INVALID,
                   "order by a column pointer that is NULL, in a query of model \"writer\"",
                   writer_find(s, &list, .page_size = 1, .order_by = {furrow_order(NULL, false)},
                               .page = &page));
    rows = NULL;
    assert_refused(s, FURROW_INVALID, "stream of model \"writer\" does not support pages",
                   writer_stream(s, &rows, .page_size = 1));
}

static void take(furrow_session *s, const char *cursor, furrow_status wanted)
{
    struct writer_list list;
    uint64_t before = furrow_session_stats(s).statements;
    furrow_status status = writer_find(s, &list, .page_size = 5, .after = cursor,
                                       .order_by = {furrow_asc(WRITER.name)});
    assert_status(s, wanted, status);
    if (wanted) {
        assert_int_equal(furrow_session_stats(s).statements, before); /* if a cursor is rejected, no
                                                                         statement is sent */
        assert_null(list.items);
        furrow_rollback(s);
    }
}

static void test_cursor__is_refused_if_changed(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    fill(s, 0);
    assert_ok(s, furrow_commit(s));
    struct writer_list list;
    furrow_page page;
    assert_ok(s, writer_find(s, &list, .page_size = 5, .page = &page,
                             .order_by = {furrow_asc(WRITER.name)}));
    char good[512], bad[100000];
    snprintf(good, sizeof good, "%s", page.next);
    size_t size = strlen(good);
    take(s, good, FURROW_OK);
    for (size_t i = 0; i < size; i++) { /* the cursor is shortened at both ends, and each of its
                                           characters is changed */
        snprintf(bad, sizeof bad, "%.*s", (int)i, good);
        take(s, bad, FURROW_INVALID);
        take(s, good + i + 1, FURROW_INVALID);
        const char *others = "AQgw-_=+/ 9";
        for (size_t k = 0; others[k]; k++) {
            snprintf(bad, sizeof bad, "%s", good);
            if (bad[i] == others[k])
                continue;
            bad[i] = others[k];
            take(s, bad, FURROW_INVALID);
        }
    }
    /* A cursor can be encoded in several ways that differ in unused bits of the last character.
     * Only one of them is accepted. */
    for (const char *digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
         *digit; digit++) {
        snprintf(bad, sizeof bad, "%s", good);
        bad[size - 1] = *digit;
        take(s, bad, *digit == good[size - 1] ? FURROW_OK : FURROW_INVALID);
    }
    snprintf(bad, sizeof bad, "%sA", good);
    take(s, bad, FURROW_INVALID);
    snprintf(bad, sizeof bad, "%s=", good);
    take(s, bad, FURROW_INVALID);
    take(s, "", FURROW_INVALID);
    take(s, "'; DROP TABLE writer; --", FURROW_INVALID);
    memset(bad, 'A', sizeof bad - 1);
    bad[sizeof bad - 1] = '\0';
    take(s, bad, FURROW_INVALID);
    for (int i = 0; i < 200; i++) {
        size_t n = dice(120);
        for (size_t k = 0; k < n; k++)
            bad[k] = (char)(1 + dice(255));
        bad[n] = '\0';
        take(s, bad, FURROW_INVALID);
    }
    take(s, good, FURROW_OK);
}

static void test_cursor__of_another_query_is_refused(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    fill(s, 20);
    assert_ok(s, furrow_commit(s));
    const char *wanted = "the cursor of a page of \"writer\" was made for another model or order";
    struct writer_list list;
    struct item_list items;
    furrow_page page, foreign;
    assert_ok(s, writer_find(s, &list, .page_size = 5, .page = &page));
    assert_ok(s, item_find(s, &items, .page_size = 5, .page = &foreign));
    assert_refused(s, FURROW_INVALID, wanted,
                   writer_find(s, &list, .page_size = 5, .after = foreign.next));
    assert_refused(s, FURROW_INVALID, wanted,
                   writer_find(s, &list, .page_size = 5, .after = page.next,
                               .order_by = {furrow_desc(WRITER.id)}));
    assert_refused(s, FURROW_INVALID, wanted,
                   writer_find(s, &list, .page_size = 5, .after = page.next,
                               .order_by = {furrow_asc(WRITER.name)}));
    /* This order is equal to the previous order, because the second element of order_by has no
     * effect. */
    assert_ok(s, writer_find(s, &list, .page_size = 5, .after = page.next,
                             .order_by = {furrow_asc(WRITER.id), furrow_desc(WRITER.id)}));
}

static void test_cursor__outlives_its_engine_with_a_key(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    fill(s, 0);
    assert_ok(s, furrow_commit(s));
    struct writer_list list;
    furrow_page page;
    assert_ok(s, writer_find(s, &list, .page_size = 5, .page = &page));
    furrow_error error;
    furrow_engine *engines[3];
    static const char *const keys[] = {"one secret of some bytes", "one secret of some bytes",
                                       "one secret of some bytez"};
    char cursor[512] = "";
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            furrow_engine_open(&engines[i], database_url, &error, .cursor_key = keys[i]),
            FURROW_OK);
        furrow_session *other = furrow_session_open(engines[i], .read_only = true);
        assert_refused(other, FURROW_INVALID,
                       "the cursor of a page of \"writer\" was changed, or made by another engine",
                       writer_find(other, &list, .page_size = 5, .after = page.next));
        furrow_page own;
        furrow_status wanted = i == 2 ? FURROW_INVALID : FURROW_OK;
        if (*cursor)
            assert_status(other, wanted,
                          writer_find(other, &list, .page_size = 5, .after = cursor));
        furrow_rollback(other);
        assert_ok(other, writer_find(other, &list, .page_size = 5, .page = &own));
        snprintf(cursor, sizeof cursor, "%s", own.next);
        furrow_session_close(other);
    }
    for (int i = 0; i < 3; i++)
        furrow_engine_close(engines[i]);
    furrow_engine *none;
    assert_int_equal(furrow_engine_open(&none, database_url, &error, .cursor_key = "short"),
                     FURROW_INVALID);
    assert_string_equal(error.message, "cursor_key is shorter than 16 bytes");
}

static void test_cursor__of_long_values_is_refused(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    static char text[70000];
    memset(text, 'x', sizeof text - 1);
    struct writer w[2] = {{.name = text}, {.name = text}};
    assert_ok(s, writer_insert_many(s, w, 2));
    struct writer_list list;
    furrow_page page;
    assert_int_equal(
        writer_find(s, &list, .page_size = 1, .page = &page, .order_by = {furrow_asc(WRITER.name)}),
        FURROW_INVALID);
    assert_true(!list.items && !page.next);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages__may_have_one_or_two_rows),
        cmocka_unit_test(test_pages__show_each_row_once),
        cmocka_unit_test(test_pages__can_be_ordered_by_a_count),
        cmocka_unit_test(test_pages__end_without_a_cursor),
        cmocka_unit_test(test_pages__refuse_mistakes),
        cmocka_unit_test(test_cursor__is_refused_if_changed),
        cmocka_unit_test(test_cursor__of_another_query_is_refused),
        cmocka_unit_test(test_cursor__outlives_its_engine_with_a_key),
        cmocka_unit_test(test_cursor__of_long_values_is_refused),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
