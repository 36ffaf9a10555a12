/* SPDX-License-Identifier: MIT
 *
 * Streams that are read while their session writes. A stream must return the rows as they were when
 * it began, for each shape of a stream and each way to write (stream_template.h), with several open
 * streams, and after savepoints were rolled back.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "conformance.h"
#include "streams.furrow.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_OF_(a) #a
#define TEXT_OF(a) TEXT_OF_(a)

enum { ROWS = 300, SHOPS = 10, TAGS = 5, BATCH = 256 /* rows that are read ahead together */ };

static const int64_t seven_shops[] = {1, 2, 3, 4, 5, 6, 7};

static void create_trigger(furrow_session *s)
{
#define INCREASE                                                                                   \
    "UPDATE item SET price = price + new.amount; UPDATE lone SET price = price + new.amount; "
    if (!is_postgresql()) {
        assert_ok(s, furrow_unsafe_sql(s, NULL,
                                       "CREATE TRIGGER increases AFTER INSERT ON increase "
                                       "BEGIN " INCREASE "END",
                                       NULL, 0));
        return;
    }
    assert_ok(s, furrow_unsafe_sql(s, NULL,
                                   "CREATE FUNCTION increases() RETURNS trigger LANGUAGE plpgsql "
                                   "AS $$ BEGIN " INCREASE "RETURN new; END $$",
                                   NULL, 0));
    assert_ok(s, furrow_unsafe_sql(s, NULL,
                                   "CREATE TRIGGER increases AFTER INSERT ON increase "
                                   "FOR EACH ROW EXECUTE FUNCTION increases()",
                                   NULL, 0));
#undef INCREASE
}

static void create_once(void);

#define ONE_TAG(s, id_) ((struct tag *const[]){get_tag((s), (id_))})
static struct tag *get_tag(furrow_session *s, int64_t id)
{
    struct tag *tag = NULL;
    assert_ok(s, tag_get(s, &tag, id));
    return tag;
}

#define COMMON_SHAPES                                                                              \
    SHAPE(no_order, .offset = 0)                                                                   \
    SHAPE(indexed_condition, .where = {furrow_lt(COLUMNS.price, 1000000)})                         \
    SHAPE(two_indexed_conditions,                                                                  \
          .where = {furrow_any(furrow_gt(COLUMNS.price, 40), furrow_ge(COLUMNS.id, 1))})           \
    SHAPE(several_keys, .where = {furrow_in(COLUMNS.shop_id, seven_shops, 7)})                     \
    SHAPE(range_of_keys, .where = {furrow_gt(COLUMNS.id, 3)})                                      \
    SHAPE(indexed_order, .order_by = {furrow_asc(COLUMNS.price)})                                  \
    SHAPE(indexed_order_down, .order_by = {furrow_desc(COLUMNS.price)})                            \
    SHAPE(unique_order, .order_by = {furrow_asc(COLUMNS.code)})                                    \
    SHAPE(order_of_keys, .order_by = {furrow_asc(COLUMNS.id)})                                     \
    SHAPE(order_of_keys_down, .order_by = {furrow_desc(COLUMNS.id)})                               \
    SHAPE(sorted_order, .order_by = {furrow_asc(COLUMNS.plain)})                                   \
    SHAPE(limit_and_offset, .order_by = {furrow_asc(COLUMNS.price)}, .limit = 260, .offset = 20)   \
    SHAPE(locked, .lock = FURROW_LOCK_FOR_UPDATE)                                                  \
    SHAPE(locked_in_order, .order_by = {furrow_asc(COLUMNS.price)}, .lock = FURROW_LOCK_FOR_UPDATE)
#define RELATED_SHAPES                                                                             \
    SHAPE(with_relationships, .order_by = {furrow_asc(ITEM.price)},                                \
          .with = {furrow_load(ITEM.shop), furrow_load(ITEM.tags)})                                \
    SHAPE(related_condition, .where = {furrow_has(ITEM.shop, furrow_like(SHOP.name, "shop%"))})    \
    SHAPE(related_order,                                                                           \
          .order_by = {furrow_asc_through(ITEM.shop, SHOP.name), furrow_asc(ITEM.id)})

#define COMMON_CHANGES                                                                             \
    CHANGE(update, next.price += 1000; next.name = "changed";                                      \
           assert_ok(s, VERB(_update)(s, &next));)                                                 \
    CHANGE(update_only, next.price += 1000;                                                        \
           assert_ok(s, VERB(_update)(s, &next, .only = {furrow_col(COLUMNS.price)}));)            \
    CHANGE(update_of_later_rows,                                                                   \
           assert_ok(s, VERB(_update_where)(s, .set = {furrow_set(COLUMNS.name, "changed")},       \
                                            .where = {furrow_gt(COLUMNS.id, row->id),              \
                                                      furrow_lt(COLUMNS.id, row->id + 9)}));)      \
    CHANGE(update_of_all_rows, if (step % 9) return;                                               \
           assert_ok(s, VERB(_update_where)(s, .set = {furrow_increment(COLUMNS.price, 100)},      \
                                            .all_rows = true));)                                   \
    CHANGE(insert, next.id = 0; next.code = code; assert_ok(s, VERB(_insert)(s, &next));)          \
    CHANGE(insert_many, struct MODEL rows[2] = {next, next}; rows[0].id = rows[1].id = 0;          \
           rows[0].code = code; rows[1].code = code + 1;                                           \
           assert_ok(s, VERB(_insert_many)(s, rows, 2));)                                          \
    CHANGE(upsert, next.price += 1000; assert_ok(s, VERB(_upsert)(s, &next));)                     \
    CHANGE(upsert_of_a_new_row, next.id += 100000; next.code = code;                               \
           assert_ok(s, VERB(_upsert)(s, &next));)                                                 \
    CHANGE(upsert_by_another_column, next.id = 0; next.price = -1;                                 \
           assert_ok(s, VERB(_upsert)(s, &next, .conflict = {furrow_col(COLUMNS.code)}));)         \
    CHANGE(delete, assert_ok(s, VERB(_delete)(s, &next));)                                         \
    CHANGE(delete_of_other_rows,                                                                   \
           assert_ok(s, VERB(_delete_where)(s, .where = {furrow_ne(COLUMNS.id, row->id),           \
                                                         furrow_lt(COLUMNS.id, row->id + 5)}));)   \
    CHANGE(delete_of_all_rows, (void)row; (void)step;                                              \
           assert_ok(s, VERB(_delete_where)(s, .all_rows = true));)                                \
    CHANGE(cascade,                                                                                \
           if (step < SHOPS) assert_ok(s, shop_delete(s, &(struct shop){.id = step + 1}));)        \
    CHANGE(trigger, assert_ok(s, increase_insert(s, &(struct increase){.amount = 50}));)           \
    CHANGE(raw_update,                                                                             \
           assert_ok(s, furrow_exec(s, "UPDATE " TABLE " SET price = price + 1000 WHERE id >= ?",  \
                                    row->id));)                                                    \
    CHANGE(raw_delete,                                                                             \
           assert_ok(s, furrow_exec(s, "DELETE FROM " TABLE " WHERE id > ?", row->id));)           \
    CHANGE(raw_insert, furrow_rows *rows = NULL;                                                   \
           assert_ok(s, furrow_query(s, &rows,                                                     \
                                     "INSERT INTO " TABLE " (shop_id, price, plain, name, code) "  \
                                     "VALUES (1, 150, 150, 'new', ?) RETURNING id",                \
                                     code));)                                                      \
    CHANGE(raw_update_in_with, furrow_rows *rows = NULL; if (is_postgresql())                      \
               assert_ok(s, furrow_query(s, &rows,                                                 \
                                         "WITH x AS (UPDATE " TABLE                                \
                                         " SET price = price + 900 RETURNING id) "                 \
                                         "SELECT count(*) FROM x"));                               \
           else assert_ok(s, furrow_exec(s, "WITH x AS (SELECT 900 AS y) UPDATE " TABLE            \
                                            " SET price = price + (SELECT y FROM x)"));)           \
    CHANGE(savepoint, assert_ok(s, furrow_savepoint_begin(s)); next.price += 1000;                 \
           assert_ok(s, VERB(_update)(s, &next)); assert_ok(s, furrow_savepoint_end(s));)          \
    CHANGE(undone_savepoint, assert_ok(s, furrow_savepoint_begin(s));                              \
           assert_ok(s, VERB(_delete_where)(s, .where = {furrow_gt(COLUMNS.id, row->id)}));        \
           assert_ok(s, furrow_savepoint_rollback(s));)                                            \
    CHANGE(undone_after_an_earlier_change, next.price += 1000;                                     \
           assert_ok(s, VERB(_update)(s, &next)); assert_ok(s, furrow_savepoint_begin(s));         \
           assert_ok(s, VERB(_delete_where)(s, .all_rows = true));                                 \
           assert_ok(s, furrow_savepoint_rollback(s));)                                            \
    CHANGE(nested_savepoints, assert_ok(s, furrow_savepoint_begin(s)); next.price += 1000;         \
           assert_ok(s, VERB(_update)(s, &next)); assert_ok(s, furrow_savepoint_begin(s));         \
           assert_ok(s, VERB(_delete_where)(s, .all_rows = true));                                 \
           assert_ok(s, furrow_savepoint_rollback(s)); assert_ok(s, furrow_savepoint_end(s));)     \
    CHANGE(failed_insert, assert_ok(s, furrow_savepoint_begin(s)); next.id = 0;                    \
           assert_int_equal(VERB(_insert)(s, &next), FURROW_UNIQUE);                               \
           assert_int_equal(furrow_savepoint_end(s), FURROW_UNIQUE);)                              \
    CHANGE(                                                                                        \
        inner_stream, struct JOIN(MODEL, _cursor) *inner = NULL; const struct MODEL *other;        \
        assert_ok(s, VERB(_stream)(s, &inner, .where = {furrow_gt(COLUMNS.id, row->id)}));         \
        for (int i = 0; i < 9 && (other = VERB(_next)(inner)); i++) {                              \
            struct MODEL changed = *other;                                                         \
            changed.price += 1000;                                                                 \
            assert_ok(s, VERB(_update)(s, &changed));                                              \
        } VERB(_cursor_close)(inner);)
#define RELATED_CHANGES                                                                            \
    CHANGE(link, struct item linked = *row;                                                        \
           assert_ok(s, item_tags_add(s, &linked, ONE_TAG(s, 5), 1));)                             \
    CHANGE(set_links, struct item linked = *row;                                                   \
           assert_ok(s, item_tags_set(s, &linked, ONE_TAG(s, 4), 1));                              \
           assert_ok(s, item_tags_remove(s, &linked, ONE_TAG(s, 4), 1));)                          \
    CHANGE(insert_with_relationships, struct tag tag = {.name = "new"}, *tags[] = {&tag};          \
           next.id = 0; next.code = code;                                                          \
           next.tags = (struct tag_list){.items = tags, .count = 1};                               \
           assert_ok(s, item_insert_with(s, &next, furrow_load(ITEM.tags)));)

#define MODEL lone
#define COLUMNS LONE
#define SHAPES COMMON_SHAPES
#define CHANGES COMMON_CHANGES
#include "stream_template.h"
#undef SHAPES
#undef CHANGES

#define MODEL item
#define COLUMNS ITEM
#define SHAPES COMMON_SHAPES RELATED_SHAPES
#define CHANGES COMMON_CHANGES RELATED_CHANGES
#include "stream_template.h"

static void create_once(void)
{
    static bool created;
    if (created)
        return;
    created = true;
    create_fresh(&streams_schema);
    furrow_session *s = open_session();
    struct shop shops[SHOPS];
    struct tag tags[TAGS];
    for (int i = 0; i < SHOPS; i++)
        shops[i] = (struct shop){.name = i % 2 ? "shop a" : "shop b"};
    for (int i = 0; i < TAGS; i++)
        tags[i] = (struct tag){.name = "tag"};
    assert_ok(s, shop_insert_many(s, shops, SHOPS));
    assert_ok(s, tag_insert_many(s, tags, TAGS));
    lone_fill(s);
    item_fill(s);
    assert_ok(s, furrow_exec(s, "INSERT INTO item_tag SELECT id, id % 3 + 1 FROM item"));
    create_trigger(s);
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

/* The related rows that `.with` loads are those that exist when a batch of the stream's rows is
 * read. */
static void test_stream__loads_relationships_batch_by_batch(void **state)
{
    (void)state;
    create_once();
    furrow_session *s = open_session();
    struct item_cursor *cursor = NULL;
    int seen = 0;
    assert_ok(s, item_stream(s, &cursor, .order_by = {furrow_asc(ITEM.id)},
                             .with = {furrow_load(ITEM.shop), furrow_load(ITEM.tags)}));
    for (struct item *row; (row = item_next(cursor)); seen++) {
        bool is_first_batch = seen < BATCH;
        if (seen == 0) {
            assert_ok(s, shop_update_where(s, .set = {furrow_set(SHOP.name, "renamed")},
                                           .all_rows = true));
            assert_ok(s, item_tag_delete_where(s, .all_rows = true));
        }
        assert_int_equal(row->price, seen * 7 % ROWS);
        assert_non_null(row->shop);
        assert_int_equal(strcmp(row->shop->name, "renamed") == 0, !is_first_batch);
        assert_int_equal(row->tags.count, is_first_batch ? 1 : 0);
    }
    assert_int_equal(seen, ROWS);
    assert_ok(s, furrow_session_status(s));
    close_session(s);
}

/* Rows that do not fit into the memory for unread rows. */
static void test_stream__returns_large_rows(void **state)
{
    (void)state;
    enum { SIZE = 5000 };
    char name[SIZE + 1];
    create_once();
    furrow_session *s = open_session();
    memset(name, 'x', SIZE);
    name[SIZE] = '\0';
    assert_ok(s, lone_update_where(s, .set = {furrow_set(LONE.name, name)}, .all_rows = true));
    struct lone_cursor *up = NULL, *down = NULL;
    assert_ok(s, lone_stream(s, &up, .order_by = {furrow_asc(LONE.price)}));
    assert_ok(s, lone_stream(s, &down, .order_by = {furrow_desc(LONE.price)}));
    for (int i = 0; i < ROWS; i++) {
        if (i % 100 == 1) {
            assert_ok(s, furrow_savepoint_begin(s));
            assert_ok(s,
                      lone_update_where(s, .set = {furrow_set(LONE.name, "y")}, .all_rows = true));
            if (i == 101)
                assert_ok(s, furrow_savepoint_rollback(s));
            else
                assert_ok(s, furrow_savepoint_end(s));
        }
        struct lone *row = lone_next(up);
        assert_non_null(row);
        assert_int_equal(row->price, i);
        assert_string_equal(row->name, name);
        row = lone_next(down);
        assert_non_null(row);
        assert_int_equal(row->price, ROWS - 1 - i);
        assert_string_equal(row->name, name);
    }
    assert_null(lone_next(up));
    assert_null(lone_next(down));
    assert_ok(s, furrow_session_status(s));
    close_session(s);
}

enum end { CLOSE, COMMIT, ROLLBACK, SAVEPOINT, RESET, CLOSE_SESSION, ENDS };

/* Ends an open stream, or the transaction or savepoint in which it was opened. */
static void end_stream(furrow_session *s, struct lone_cursor *cursor, enum end how)
{
    switch (how) {
    case CLOSE:
        lone_cursor_close(cursor);
        assert_null(lone_next(cursor));
        assert_ok(s, furrow_session_status(s));
        break;
    case COMMIT:
        assert_ok(s, furrow_commit(s));
        assert_null(lone_next(cursor));
        assert_int_equal(furrow_session_status(s), FURROW_INVALID);
        break;
    case ROLLBACK:
        assert_ok(s, furrow_rollback(s));
        assert_null(lone_next(cursor));
        assert_int_equal(furrow_session_status(s), FURROW_INVALID);
        break;
    case SAVEPOINT:
        assert_ok(s, furrow_savepoint_rollback(s));
        assert_null(lone_next(cursor));
        assert_int_equal(furrow_session_status(s), FURROW_INVALID);
        break;
    case RESET:
        furrow_session_reset(s);
        break;
    default:
        break;
    }
}

/* A stream whose unread rows were kept ends like any other stream. */
static void test_stream__ends_after_a_write(void **state)
{
    (void)state;
    create_once();
    for (int how = 0; how < ENDS; how++)
        for (int reads = 0; reads < 3; reads++) {
            furrow_session *s = open_session();
            struct lone_cursor *cursor = NULL, *other = NULL;
            int64_t count = 0;
            if (how == SAVEPOINT)
                assert_ok(s, furrow_savepoint_begin(s));
            assert_ok(s, lone_stream(s, &cursor));
            assert_ok(s, lone_stream(s, &other, .order_by = {furrow_asc(LONE.price)}));
            for (int i = 0; i < reads; i++)
                assert_non_null(lone_next(cursor));
            assert_ok(s, tag_insert(s, &(struct tag){.name = "more"}));
            for (int i = 0; i < reads; i++)
                assert_non_null(lone_next(other));
            end_stream(s, cursor, (enum end)how);
            if (how != CLOSE_SESSION) {
                furrow_rollback(s);
                assert_ok(s, lone_count(s, &count));
                assert_int_equal(count, ROWS);
                assert_ok(s, tag_insert(s, &(struct tag){.name = "more"}));
            }
            close_session(s);
        }
}

/* A stream that is closed in a failed transaction must not interfere with later streams.
 */
static void test_stream__can_be_closed_after_a_failure(void **state)
{
    (void)state;
    create_once();
    furrow_session *s = open_session();
    for (int i = 0; i < 3; i++) {
        struct lone_cursor *kept = NULL, *closed = NULL;
        int seen = 2;
        assert_ok(s, lone_stream(s, &kept, .order_by = {furrow_asc(LONE.id)}));
        assert_ok(s, lone_stream(s, &closed));
        assert_non_null(lone_next(kept));
        assert_non_null(lone_next(closed));
        assert_ok(s, furrow_savepoint_begin(s));
        assert_int_equal(lone_insert(s, &(struct lone){.shop_id = 1, .name = "", .code = "code 1"}),
                         FURROW_UNIQUE);
        lone_cursor_close(closed);
        assert_null(lone_next(kept));
        assert_ok(s, furrow_savepoint_rollback(s));
        assert_non_null(lone_next(kept)); /* the stream continues where it was */
        while (lone_next(kept))
            seen++;
        assert_int_equal(seen, ROWS);
        assert_ok(s, furrow_session_status(s));
    }
    close_session(s);
}

/* On SQLite, the first statement locks the whole database. */
static void test_stream__locks_its_rows_when_it_begins(void **state)
{
    (void)state;
    create_once();
    if (!is_postgresql())
        return;
    furrow_session *s = open_session(), *other = open_session();
    struct item_cursor *cursor = NULL, *rest = NULL;
    struct item_list list = {0};
    int seen = 0;
    assert_ok(s, item_stream(s, &cursor, .where = {furrow_gt(ITEM.id, 10)},
                             .lock = FURROW_LOCK_FOR_UPDATE));
    assert_ok(other, item_stream(other, &rest, .lock = FURROW_LOCK_FOR_UPDATE,
                                 .if_locked = FURROW_IF_LOCKED_SKIP));
    while (item_next(rest))
        seen++;
    assert_int_equal(seen, 10);
    assert_ok(other, furrow_savepoint_begin(other));
    assert_int_equal(item_stream(other, &rest, .where = {furrow_eq(ITEM.id, ROWS)},
                                 .lock = FURROW_LOCK_FOR_UPDATE,
                                 .if_locked = FURROW_IF_LOCKED_FAIL),
                     FURROW_BUSY);
    assert_null(rest);
    furrow_savepoint_rollback(other);
    close_session(other);
    for (seen = 0; item_next(cursor); seen++)
        continue;
    assert_int_equal(seen, ROWS - 10);
    assert_ok(s, item_find(s, &list, .lock = FURROW_LOCK_FOR_UPDATE));
    close_session(s);
}

/* A session whose transaction shares a commit with the transaction of another session. */
struct guest {
    pthread_t thread;
    furrow_engine *shared;
    bool is_idle; /* the session is idle for so long that it loses the connection */
    atomic_bool lost;
    int seen;
    bool was_read; /* the stream returned a row after the connection was lost */
    furrow_status status;
};

static void *read_as_guest(void *context)
{
    struct guest *g = context;
    struct lone_cursor *cursor = NULL;
    furrow_session *s = furrow_session_open(g->shared);
    lone_stream(s, &cursor, .order_by = {furrow_asc(LONE.price)});
    for (const struct lone *row; (row = lone_next(cursor)) && row->price == g->seen; g->seen++) {
        if (g->seen % 100 == 0)
            lone_update_where(s, .set = {furrow_increment(LONE.price, 500)}, .all_rows = true);
        if (g->is_idle && g->seen == 10)
            break;
    }
    while (g->is_idle && !atomic_load(&g->lost))
        sched_yield();
    if (g->is_idle)
        g->was_read = lone_next(cursor) != NULL;
    lone_cursor_close(cursor);
    g->status = furrow_session_status(s);
    furrow_session_close(s);
    return NULL;
}

/* The guest's transaction is a savepoint within the transaction of the other session, which cannot
 * commit before the guest has ended or has lost the connection. */
static void test_stream__keeps_its_rows_in_a_shared_transaction(void **state)
{
    (void)state;
    create_once();
    if (is_postgresql() || is_memory())
        return; /* only sessions on a file share commits */
    for (int is_idle = 0; is_idle < 2; is_idle++) {
        furrow_error error = {0};
        struct guest g = {.is_idle = is_idle};
        assert_int_equal(furrow_engine_open(&g.shared, database_url, &error,
                                            .group_wait_ms = is_idle ? 100 : 60000),
                         FURROW_OK);
        furrow_session *s = track_session(furrow_session_open(g.shared));
        assert_ok(s, tag_insert(s, &(struct tag){.name = "more"}));
        assert_int_equal(pthread_create(&g.thread, NULL, read_as_guest, &g), 0);
        while (furrow_engine_stats(g.shared).waiting < 1)
            sched_yield();
        furrow_status status = furrow_commit(s);
        atomic_store(&g.lost, true);
        pthread_join(g.thread, NULL);
        assert_ok(s, status);
        assert_false(g.was_read);
        assert_int_equal(g.seen, is_idle ? 10 : ROWS);
        assert_int_equal(g.status, is_idle ? FURROW_BUSY : FURROW_OK);
        close_session(s);
        furrow_engine_close(g.shared);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lone_stream__does_not_see_changes),
        cmocka_unit_test(test_item_stream__does_not_see_changes),
        cmocka_unit_test(test_lone_stream__sees_the_changes_before_it),
        cmocka_unit_test(test_item_stream__sees_the_changes_before_it),
        cmocka_unit_test(test_stream__loads_relationships_batch_by_batch),
        cmocka_unit_test(test_stream__returns_large_rows),
        cmocka_unit_test(test_stream__ends_after_a_write),
        cmocka_unit_test(test_stream__can_be_closed_after_a_failure),
        cmocka_unit_test(test_stream__locks_its_rows_when_it_begins),
        cmocka_unit_test(test_stream__keeps_its_rows_in_a_shared_transaction),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
