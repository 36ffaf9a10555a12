/* SPDX-License-Identifier: MIT
 *
 * SQL injection. Every string that is passed as a value must be read back byte for byte, and must
 * have no other effect.
 */
#include "conformance.h"
#include "payloads.h"
#include "world.furrow.h"

enum { SENTINELS = 20 };

static furrow_session *fresh_session(void)
{
    create_fresh(&world_schema);
    furrow_session *s = open_session();
    for (int i = 0; i < SENTINELS; i++) {
        char secret[32];
        snprintf(secret, sizeof secret, "secret %d", i * i);
        assert_ok(s, sentinel_insert(s, &(struct sentinel){.secret = secret}));
    }
    assert_ok(s, furrow_commit(s));
    return s;
}

static void check_sentinels(furrow_session *s)
{
    struct sentinel_list list = {0};
    assert_ok(s, sentinel_find(s, &list, .order_by = {furrow_asc(SENTINEL.id)}));
    assert_int_equal(list.count, SENTINELS);
    for (int i = 0; i < SENTINELS; i++) {
        char secret[32];
        snprintf(secret, sizeof secret, "secret %d", i * i);
        assert_string_equal(list.items[i]->secret, secret);
    }
}

static void is_one(furrow_session *s, int64_t id, const char *text, furrow_condition condition)
{
    struct payload_list list = {0};
    assert_ok(s, payload_find(s, &list, .where = {condition, furrow_eq(PAYLOAD.id, id)}));
    if (list.count != 1)
        fail_msg("condition %d did not find the payload %.100s", condition.value.op, text);
    assert_string_equal(list.items[0]->text, text);
}

static void through_every_way(furrow_session *s, const char *text)
{
    struct payload row = {.text = text}, *got = NULL;
    struct payload_list list = {0};
    furrow_rows *rows = NULL;
    uint64_t changed = 0;
    assert_ok(s, payload_insert(s, &row));
    int64_t id = row.id;
    assert_ok(s, payload_get(s, &got, id));
    assert_string_equal(got->text, text);
    assert_ok(s, payload_find(s, &list, .where = {furrow_eq(PAYLOAD.text, text)}));
    assert_int_equal(list.count, 1); /* no two payloads are equal, so there is one match */
    is_one(s, id, text, furrow_in(PAYLOAD.text, &text, 1));
    is_one(s, id, text, furrow_ge(PAYLOAD.text, text));
    is_one(s, id, text, furrow_contains(PAYLOAD.text, text));
    is_one(s, id, text, furrow_icontains(PAYLOAD.text, text));
    is_one(s, id, text, furrow_starts_with(PAYLOAD.text, text));
    is_one(s, id, text, furrow_ends_with(PAYLOAD.text, text));
    if (strlen(text) < FURROW_MAX_LIKE_SIZE) {
        is_one(s, id, text, furrow_like(PAYLOAD.text, text)); /* as a LIKE pattern, each payload
                                                                 matches itself */
        is_one(s, id, text, furrow_ilike(PAYLOAD.text, text));
    }
    got->other = text;
    assert_ok(s, payload_update(s, got));
    assert_ok(s,
              payload_update_where(s, .set = {furrow_set(PAYLOAD.text, "was")},
                                   .where = {furrow_eq(PAYLOAD.other, text)}, .changed = &changed));
    assert_int_equal(changed, 1);
    assert_ok(s, payload_update_where(s, .set = {furrow_set(PAYLOAD.text, text)},
                                      .where = {furrow_eq(PAYLOAD.id, id)}));
    assert_ok(s, payload_refresh(s, got));
    assert_string_equal(got->text, text);
    assert_string_equal(got->other, text);
    assert_ok(s, furrow_query(s, &rows, "SELECT text, id FROM payload WHERE other = ? AND id = ?",
                              text, id));
    assert_int_equal(furrow_rows_count(rows), 1);
    assert_true(furrow_rows_next(rows));
    assert_string_equal(furrow_row_text(rows, 0), text);
    assert_ok(s, furrow_exec(s, "UPDATE payload SET other = ? WHERE text = ?", text, text));
    assert_int_equal(furrow_session_changed(s), 1);
}

static void test_injection__values_are_never_run_as_sql(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    size_t count = 0;
    char **payloads = payloads_new(&count);
    assert_true(count >= 300);
    for (size_t i = 0; i < count; i++)
        through_every_way(s, payloads[i]);
    check_sentinels(s);
    assert_ok(s, furrow_commit(s));
    furrow_session_reset(s);
    check_sentinels(s);
    int64_t rows = 0;
    assert_ok(s, payload_count(s, &rows));
    assert_int_equal(rows, count);
    payloads_free(payloads, count);
    close_session(s);
}

static void test_injection__many_values_in_one_statement(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    size_t count = 0;
    char **payloads = payloads_new(&count);
    struct word *words = calloc(count, sizeof *words);
    struct word_list list = {0};
    for (size_t i = 0; i < count; i++)
        words[i] = (struct word){payloads[i], (int64_t)i};
    assert_ok(s, word_insert_many(s, words, count));
    assert_ok(s, word_get_many(s, &list, (const char *const *)payloads, count));
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list.items[i]->count, i);
        assert_string_equal(list.items[i]->text, payloads[i]);
    }
    int64_t found = 0;
    assert_ok(s, word_count(s, &found,
                            .where = {furrow_in(WORD.text, (const char *const *)payloads, count)}));
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++)
        assert_ok(s, word_upsert(s, &words[i], .set = {furrow_increment(WORD.count, 1)}));
    assert_ok(s, word_sum(s, &found, WORD.count));
    assert_int_equal(found, count * (count + 1) / 2);
    check_sentinels(s);
    payloads_free(payloads, count);
    free(words);
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_injection__values_are_never_run_as_sql),
        cmocka_unit_test(test_injection__many_values_in_one_statement),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
