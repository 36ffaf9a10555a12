/* SPDX-License-Identifier: MIT
 *
 * Typed queries: text conditions (from a table of cases), brackets, orders, limits, lists that are
 * built at run time, locks and streams. Invalid arguments must be rejected before a statement is
 * sent.
 */
#include <math.h>

#include "conformance.h"
#include "world.furrow.h"

static furrow_session *fresh_session(void)
{
    create_fresh(&world_schema);
    return open_session();
}

static int64_t count_words(furrow_session *s, furrow_condition condition)
{
    int64_t count = -1;
    assert_ok(s, word_count(s, &count, .where = {condition}));
    return count;
}

/* The next functions compute, without a database, the expected result of a text condition. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_like(const char *pattern, const char *text, bool fold)
{
    if (!*pattern)
        return !*text;
    if (*pattern == '%')
        return is_like(pattern + 1, text, fold) || (*text && is_like(pattern, text + 1, fold));
    if (!*text)
        return false;
    if (*pattern == '_') {
        do
            text++;
        while ((*text & 0xc0) == 0x80); /* skip the rest of the code point */
        return is_like(pattern + 1, text, fold);
    }
    bool same = fold ? lower(*pattern) == lower(*text) : *pattern == *text;
    return same && is_like(pattern + 1, text + 1, fold);
}

static bool begins(const char *text, const char *part, bool fold)
{
    for (; *part; part++, text++)
        if (fold ? lower(*part) != lower(*text) : *part != *text)
            return false;
    return true;
}

static bool matches(char verb, const char *part, const char *text)
{
    bool fold = verb == 'i' || verb == 'k';
    if (verb == 'l' || verb == 'i')
        return is_like(part, text, fold);
    if (verb == 's')
        return begins(text, part, false);
    if (verb == 'e')
        return strlen(text) >= strlen(part) &&
               strcmp(text + strlen(text) - strlen(part), part) == 0;
    for (size_t i = 0; i <= strlen(text); i++)
        if (begins(text + i, part, fold))
            return true;
    return false;
}

static void test_text__conditions_mean_the_same_everywhere(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    static const char *const texts[] = {"",
                                        "a",
                                        "A",
                                        "ab",
                                        "aB",
                                        "100%",
                                        "100 percent",
                                        "a_b",
                                        "a\\b",
                                        "a\\%b",
                                        "axb",
                                        "[a]",
                                        "a*b?c",
                                        "\xc3\xa9t\xc3\xa9",
                                        "\xc3\x89T\xc3\x89",
                                        "\xf0\x9f\x98\x80x",
                                        "line\nbreak"};
    enum { TEXTS = sizeof texts / sizeof *texts };
    for (int i = 0; i < TEXTS; i++)
        assert_ok(s, word_insert(s, &(struct word){.text = texts[i]}));
    static const struct {
        char verb; /* the condition: 'l' like, 'i' ilike, 'c' contains, 'k' icontains, 's'
                      starts_with, 'e' ends_with */
        const char *text;
    } cases[] = {
        {'l', ""},
        {'l', "%"},
        {'l', "a"},
        {'l', "A"},
        {'l', "a%"},
        {'l', "_"},
        {'l', "__"},
        {'l', "a_b"},
        {'l', "100%"},
        {'l', "a\\_"},
        {'l', "a\\%"},
        {'l', "a\\b"},
        {'l', "%\\%"},
        {'l', "[a]"},
        {'l', "a*b?c"},
        {'l', "_x"},
        {'l', "\xc3"
              "\xa9"
              "%"},
        {'l', "_t_"},
        {'l', "line%break"},
        {'l', "line_break"},
        {'l', "%%"},
        {'l', "ab\\"},
        {'l', "%a%b%"},
        {'l', "\\"},
        {'l', "%_%"},
        {'i', "a"},
        {'i', "AB"},
        {'i', "A%"},
        {'i', "\xc3"
              "\xa9"
              "t\xc3"
              "\xa9"},
        {'i', "\xc3"
              "\xa9"
              "T\xc3"
              "\xa9"},
        {'i', "LINE_BREAK"},
        {'i', "100 PERCENT"},
        {'i', "a\\B"},
        {'i', "%B%"},
        {'c', ""},
        {'c', "%"},
        {'c', "_"},
        {'c', "\\"},
        {'c', "\\%"},
        {'c', "b"},
        {'c', "B"},
        {'c', "*"},
        {'c', "["},
        {'c', "\xf0"
              "\x9f"
              "\x98"
              "\x80"},
        {'c', "\n"},
        {'c', "e b"},
        {'c', "b"},
        {'k', "B"},
        {'k', "\\B"},
        {'k', "T\xc3"
              "\xa9"},
        {'k', "PERCENT"},
        {'k', "A_"},
        {'s', ""},
        {'s', "a"},
        {'s', "A"},
        {'s', "100%"},
        {'s', "a_"},
        {'s', "a\\"},
        {'s', "\xc3"
              "\xa9"},
        {'s', "aBc"},
        {'e', ""},
        {'e', "%"},
        {'e', "b"},
        {'e', "_b"},
        {'e', "\\b"},
        {'e', "\xc3"
              "\xa9"},
        {'e', "?c"},
        {'e', "xaxb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        furrow_condition condition = cases[i].verb == 'l'   ? furrow_like(WORD.text, text)
                                     : cases[i].verb == 'i' ? furrow_ilike(WORD.text, text)
                                     : cases[i].verb == 'c' ? furrow_contains(WORD.text, text)
                                     : cases[i].verb == 'k' ? furrow_icontains(WORD.text, text)
                                     : cases[i].verb == 's' ? furrow_starts_with(WORD.text, text)
                                                            : furrow_ends_with(WORD.text, text);
        int64_t count = count_words(s, condition), wanted = 0;
        for (int k = 0; k < TEXTS; k++)
            wanted += matches(cases[i].verb, text, texts[k]);
        if (count != wanted)
            fail_msg("%c \"%s\" matched %d, not %d", cases[i].verb, text, (int)count, (int)wanted);
    }
    close_session(s);
}

static void test_text__null_matches_no_text_condition(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    int64_t count = -1;
    assert_ok(s, payload_insert_many(
                     s, (struct payload[]){{.text = "a"}, {.text = "b", .other = "b"}}, 2));
    assert_ok(s, payload_count(s, &count, .where = {furrow_like(PAYLOAD.other, "%")}));
    assert_int_equal(count, 1);
    assert_ok(s,
              payload_count(s, &count, .where = {furrow_not(furrow_contains(PAYLOAD.other, "x"))}));
    assert_int_equal(count, 1);
    assert_ok(s, payload_count(s, &count, .where = {furrow_icontains(PAYLOAD.other, "")}));
    assert_int_equal(count, 1);
    close_session(s);
}

#define COUNT_IS(wanted, ...)                                                                      \
    do {                                                                                           \
        int64_t count_ = -1;                                                                       \
        assert_ok(s, person_count(s, &count_, .where = {__VA_ARGS__}));                            \
        assert_int_equal(count_, (wanted));                                                        \
    } while (0)

static furrow_session *ten_persons(void)
{
    furrow_session *s = fresh_session();
    for (int i = 0; i < 10; i++) {
        char name[4];
        snprintf(name, sizeof name, "p%d", i);
        struct person p = {.name = name, .age = i, .level = (enum level)(i % 3), .weight = i / 2.0};
        if (i % 2)
            p.nick = "odd";
        assert_ok(s, person_insert(s, &p));
    }
    assert_ok(s, furrow_commit(s));
    return s;
}

static void test_conditions__nest(void **state)
{
    (void)state;
    furrow_session *s = ten_persons();
    COUNT_IS(10, {0});
    COUNT_IS(2, furrow_any(furrow_eq(PERSON.age, 1), furrow_eq(PERSON.age, 2)));
    COUNT_IS(0, furrow_eq(PERSON.age, 1), furrow_eq(PERSON.age, 2));
    COUNT_IS(8, furrow_not(furrow_any(furrow_eq(PERSON.age, 1), furrow_eq(PERSON.age, 2))));
    COUNT_IS(1,
             furrow_any(furrow_all(furrow_lt(PERSON.age, 5), furrow_eq(PERSON.nick, "odd")),
                        furrow_eq(PERSON.age, 1)),
             furrow_not(furrow_eq(PERSON.name, "p1")),
             furrow_not(furrow_not(furrow_eq(PERSON.age, 3))), {0});
    COUNT_IS(2,
             furrow_any(furrow_all(furrow_lt(PERSON.age, 5), furrow_eq(PERSON.nick, "odd")),
                        furrow_eq(PERSON.age, 1)),
             furrow_ge(PERSON.level, LEVEL_LOW));
    /* furrow_not with several conditions negates their conjunction (AND). */
    COUNT_IS(9, furrow_not(furrow_eq(PERSON.age, 3), furrow_eq(PERSON.nick, "odd")));
    COUNT_IS(10, furrow_not(furrow_eq(PERSON.age, 4), furrow_eq(PERSON.nick, "odd"),
                            furrow_lt(PERSON.age, 0)));
    COUNT_IS(4, furrow_any(furrow_between(PERSON.age, 1, 2), furrow_between(PERSON.age, 7, 8)));
    COUNT_IS(6, furrow_not(furrow_any(furrow_between(PERSON.age, 1, 2),
                                      furrow_between(PERSON.age, 7, 8))));
    /* Empty elements between conditions are ignored. */
    COUNT_IS(1, {0}, furrow_eq(PERSON.age, 1), {0}, {0}, furrow_eq(PERSON.nick, "odd"), {0});
    COUNT_IS(0, furrow_gt_column(PERSON.age, PERSON.id), {0});
    COUNT_IS(10, furrow_lt_column(PERSON.age, PERSON.id));
    close_session(s);
}

static void test_conditions__refuse_mistakes(void **state)
{
    (void)state;
    furrow_session *s = ten_persons();
    struct person_list list = {0};
    struct person_find_options o = {.s = s, .out = &list};
    const char *none = NULL;

    assert_refused(s, FURROW_INVALID, "\"person\".\"nick\" is compared with NULL",
                   person_find(s, &list, .where = {furrow_eq(PERSON.nick, none)}));
    assert_refused(s, FURROW_INVALID,
                   "a condition on column \"id\" of model \"note\" in a query of model \"person\"",
                   person_find(s, &list, .where = {furrow_eq(NOTE.id, 1)}));
    assert_int_equal(person_find(s, &list, .order_by = {furrow_asc(NOTE.id)}), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(
        person_find(s, &list, .order_by = {furrow_order(person_column("nothing"), false)}),
        FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_find(s, &list, .limit = -1), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_find(s, &list, .offset = -1), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_delete_where(s, .where = {{0}}), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_update_where(s, .set = {furrow_set(PERSON.age, 1)}), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_update_where(s, .all_rows = true), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_update_where(s, .set = {furrow_set(NOTE.body, "x")}, .all_rows = true),
                     FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_update_where(s, .set = {furrow_set(PERSON.age, 151)}, .all_rows = true),
                     FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(
        person_update_where(s, .set = {furrow_set_null(PERSON.name)}, .all_rows = true),
        FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_find(s, &list, .where = {furrow_eq(PERSON.level, 17)}), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(
        person_find(s, &list, .where = {furrow_eq(PERSON.age, (int64_t)INT32_MAX + 1)}),
        FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_find(s, &list, .where = {furrow_eq(PERSON.age, UINT64_MAX)}),
                     FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_find(s, &list, .where = {furrow_eq(PERSON.weight, (double)NAN)}),
                     FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_find(s, &list, .where = {furrow_eq(PERSON.nick, "\xff")}),
                     FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(person_find(s, NULL), FURROW_INVALID);
    furrow_rollback(s);
    /* A list with one condition too many is reported. The list can be filled by furrow_add or by an
     * initializer. */
    for (int i = 0; i < FURROW_MAX_CONDITIONS; i++)
        furrow_add(o.where, furrow_ge(PERSON.age, 0));
    assert_ok(s, person_find_using(&o));
    assert_int_equal(list.count, 10);
    furrow_add(o.where, furrow_ge(PERSON.age, 0));
    assert_int_equal(person_find_using(&o), FURROW_INVALID);
    assert_int_equal(list.count, 0);
    furrow_rollback(s);
    struct person_find_options wide = {.s = s, .out = &list};
    for (int i = 0; i < 10; i++)
        furrow_add(wide.where, furrow_any(furrow_eq(PERSON.age, i), furrow_eq(PERSON.age, i + 1)));
    assert_int_equal(person_find_using(&wide), FURROW_INVALID);
    furrow_rollback(s);
    /* Brackets that do not match are reported. */
    struct person_find_options open = {
        .s = s, .out = &list, .where = {furrow_any(furrow_eq(PERSON.age, 1))}};
    open.where[2] = (furrow_condition){0};
    assert_int_equal(person_find_using(&open), FURROW_INVALID);
    furrow_rollback(s);
    open.where[2] = furrow_condition_plain_(NULL, FURROW_OP_CLOSE_);
    open.where[3] = furrow_condition_plain_(NULL, FURROW_OP_CLOSE_);
    assert_int_equal(person_find_using(&open), FURROW_INVALID);
    furrow_rollback(s);
    COUNT_IS(10, {0});
    close_session(s);
}

static void test_options__built_at_run_time(void **state)
{
    (void)state;
    furrow_session *s = ten_persons();
    struct person_list list = {0};
    struct person *first = NULL;
    struct person_find_options o = {.s = s, .out = &list, .limit = 3};
    furrow_add(o.where, furrow_any(furrow_lt(PERSON.age, 3), furrow_gt(PERSON.age, 7)));
    furrow_add(o.where, furrow_ne(PERSON.age, 9));
    furrow_add_order(o.order_by, furrow_order(person_column("age"), true));
    assert_ok(s, person_find_using(&o));
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[0]->age, 8);
    assert_int_equal(list.items[1]->age, 2);
    struct person_first_options f = {.s = s, .out = &first};
    furrow_add_order(f.order_by, furrow_desc(PERSON.age));
    assert_ok(s, person_first_using(&f));
    assert_int_equal(first->age, 9);
    uint64_t changed = 0;
    struct person_update_where_options u = {.s = s, .changed = &changed};
    furrow_add_set(u.set, furrow_set(PERSON.nick, "x"));
    furrow_add(u.where, furrow_eq(PERSON.age, 4));
    assert_ok(s, person_update_where_using(&u));
    assert_int_equal(changed, 1);
    struct person_delete_where_options d = {.s = s, .changed = &changed};
    furrow_add(d.where, furrow_eq(PERSON.nick, "x"));
    assert_ok(s, person_delete_where_using(&d));
    assert_int_equal(changed, 1);
    COUNT_IS(9, {0});
    close_session(s);
}

static void test_in__takes_a_hundred_thousand_values(void **state)
{
    (void)state;
    furrow_session *s = ten_persons();
    enum { VALUES = 100000 };
    int32_t *ages = calloc(VALUES, sizeof *ages);
    const char **names = calloc(VALUES, sizeof *names);
    for (int i = 0; i < VALUES; i++) {
        ages[i] = i % 2 ? 3 : i % 140;
        names[i] = i == VALUES - 1 ? "p7" : "nobody";
    }
    ages[0] = 7;
    COUNT_IS(7, furrow_in(PERSON.age, ages, VALUES));
    COUNT_IS(1, furrow_in(PERSON.name, names, VALUES));
    COUNT_IS(9, furrow_not_in(PERSON.name, names, VALUES));
    free(ages), free(names);
    close_session(s);
}

static void test_stream__allows_other_statements(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note rows[100];
    for (int i = 0; i < 100; i++)
        rows[i] = (struct note){.body = "x"};
    assert_ok(s, note_insert_many(s, rows, 100));
    struct note_cursor *outer = NULL, *inner = NULL;
    int seen = 0;
    char *pattern = strdup("x");
    assert_ok(s, note_stream(s, &outer, .where = {furrow_eq(NOTE.body, pattern)},
                             .order_by = {furrow_asc(NOTE.id)}));
    memset(pattern, 'z', 1); /* the stream must have copied the string when it was opened */
    free(pattern);
    for (struct note *n; (n = note_next(outer)); seen++) {
        struct note *again = NULL;
        int64_t id = n->id;
        assert_int_equal(id, rows[seen].id);
        assert_ok(s, note_get(s, &again, id));
        if (seen % 10 == 0) {
            assert_ok(s, note_stream(s, &inner, .limit = 5));
            assert_non_null(note_next(inner));
            assert_non_null(note_next(inner));
            note_cursor_close(inner);
        }
        if (seen % 7 == 0) {
            assert_ok(s, furrow_savepoint_begin(s));
            assert_ok(s, word_insert(s, &(struct word){.text = "undone"}));
            assert_ok(s, furrow_savepoint_rollback(s));
        }
        if (seen % 9 == 0) {
            assert_ok(s, furrow_savepoint_begin(s));
            assert_int_equal(visit_insert(s, &(struct visit){.person_id = 4}), FURROW_FOREIGN_KEY);
            assert_int_equal(furrow_savepoint_end(s), FURROW_FOREIGN_KEY);
        }
    }
    assert_int_equal(seen, 100);
    assert_null(note_next(outer));
    assert_ok(s, furrow_commit(s));
    int64_t words = -1;
    assert_ok(s, word_count(s, &words));
    assert_int_equal(words, 0);
    close_session(s);
}

/* The memory of a condition's value can be freed as soon as the stream is open. */
static void test_stream__copies_the_values_of_its_conditions(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct word rows[40];
    char names[40][8], *texts[20];
    struct word_cursor *cursor = NULL;
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "w%02d", i);
        rows[i] = (struct word){names[i], i};
    }
    assert_ok(s, word_insert_many(s, rows, 40));
    const char **list = calloc(20, sizeof *list);
    int64_t *counts = calloc(30, sizeof *counts);
    for (int i = 0; i < 20; i++)
        list[i] = texts[i] = strdup(names[2 * i]);
    for (int i = 0; i < 30; i++)
        counts[i] = i;
    assert_ok(
        s, word_stream(s, &cursor,
                       .where = {furrow_in(WORD.text, list, 20), furrow_in(WORD.count, counts, 30)},
                       .order_by = {furrow_asc(WORD.text)}));
    for (int i = 0; i < 20; i++) {
        memset(texts[i], 'z', 3);
        free(texts[i]);
    }
    memset(list, 0, 20 * sizeof *list);
    memset(counts, 0xff, 30 * sizeof *counts);
    free(list), free(counts);
    int seen = 0;
    for (struct word *w; (w = word_next(cursor)); seen++)
        assert_int_equal(w->count, 2 * seen);
    assert_int_equal(seen, 15);
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    close_session(s);
}

static void test_stream__ends_with_its_savepoint_and_its_transaction(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note rows[10];
    for (int i = 0; i < 10; i++)
        rows[i] = (struct note){.body = "x"};
    assert_ok(s, note_insert_many(s, rows, 10));
    struct note_cursor *cursor = NULL;
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    assert_ok(s, furrow_savepoint_rollback(s));
    note_cursor_close(cursor);
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    assert_ok(s, furrow_savepoint_end(s));
    assert_non_null(note_next(cursor)); /* the savepoint was not rolled back, so the stream is still
                                           open */
    assert_ok(s, furrow_commit(s));
    note_cursor_close(cursor);
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    furrow_session_reset(s);
    close_session(s);
}

/* An interrupted stream must report an error. Otherwise the program could mistake the rows that it
 * has read for the complete result. */
static void test_stream__cannot_be_read_after_its_transaction(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note rows[3] = {{.body = "x"}, {.body = "y"}, {.body = "z"}};
    assert_ok(s, note_insert_many(s, rows, 3));
    struct note_cursor *cursor = NULL;

    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    assert_ok(s, furrow_savepoint_rollback(s));
    assert_null(note_next(cursor));
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    assert_non_null(strstr(furrow_session_error(s)->message, "after the end"));
    furrow_rollback(s);

    assert_ok(s, note_insert_many(s, rows, 3));
    assert_ok(s, note_stream(s, &cursor));
    assert_non_null(note_next(cursor));
    assert_ok(s, furrow_commit(s));
    assert_null(note_next(cursor));
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    assert_int_equal(furrow_commit(s), FURROW_INVALID);

    assert_ok(s, note_stream(s, &cursor)); /* the stream was read to its end */
    while (note_next(cursor))
        continue;
    assert_ok(s, furrow_commit(s));
    assert_null(note_next(cursor));
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    close_session(s);
}

/* The number of bytes that the library has allocated, and the highest number so far. The size of
 * each block is stored before the block. */
static size_t held, most_held;
enum { HEAD = 16 };

static void *counted(void *block, size_t size, void *context)
{
    (void)context;
    size_t before = 0;
    if (block)
        memcpy(&before, (char *)block - HEAD, sizeof before);
    char *start = realloc(block ? (char *)block - HEAD : NULL, size + HEAD);
    if (!start)
        return NULL;
    memcpy(start, &size, sizeof size);
    held += size - before;
    most_held = held > most_held ? held : most_held;
    return start + HEAD;
}
static void *count_allocate(size_t size, void *context)
{
    return counted(NULL, size, context);
}
static void count_release(void *block, void *context)
{
    (void)context;
    size_t size;
    if (!block)
        return;
    memcpy(&size, (char *)block - HEAD, sizeof size);
    held -= size;
    free((char *)block - HEAD);
}

static void test_stream__reads_many_rows_in_order_and_in_constant_memory(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    enum { ROWS = 20000 };
    struct word *rows = calloc(ROWS, sizeof *rows);
    char(*names)[8] = calloc(ROWS, sizeof *names);
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof *names, "%06d", i);
        rows[i] = (struct word){.text = names[i], .count = i};
    }
    assert_ok(s, word_insert_many(s, rows, ROWS));
    struct word_cursor *cursor = NULL;
    assert_ok(s, word_stream(s, &cursor, .order_by = {furrow_desc(WORD.text)}));
    int64_t wanted = ROWS;
    size_t first = 0;
    for (struct word *w; (w = word_next(cursor));) {
        assert_int_equal(w->count, --wanted);
        if (wanted == ROWS - 1000)
            first = most_held = held;
    }
    /* Memory use must not grow after the first thousand rows. */
    assert_true(first && most_held < first + 65536);
    assert_int_equal(wanted, 0);
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    free(rows), free(names);
    close_session(s);
}

static void test_lock__stops_another_session(void **state)
{
    (void)state;
    furrow_session *s = ten_persons(), *other = NULL;
    struct person_list list = {0};
    assert_ok(s, person_find(s, &list, .where = {furrow_lt(PERSON.age, 3)},
                             .lock = FURROW_LOCK_FOR_UPDATE));
    assert_int_equal(list.count, 3);
    if (is_postgresql()) { /* on SQLite, the first statement that locks rows locks the whole
                              database */
        other = open_session();
        assert_ok(other, person_find(other, &list, .lock = FURROW_LOCK_FOR_UPDATE,
                                     .if_locked = FURROW_IF_LOCKED_SKIP,
                                     .order_by = {furrow_asc(PERSON.age)}));
        assert_int_equal(list.count, 7);
        assert_int_equal(list.items[0]->age, 3);
        assert_status(s, FURROW_BUSY,
                      person_find(s, &list, .lock = FURROW_LOCK_FOR_UPDATE,
                                  .if_locked = FURROW_IF_LOCKED_FAIL));
        assert_int_equal(furrow_commit(s), FURROW_BUSY);
        assert_ok(other, person_find(other, &list, .lock = FURROW_LOCK_FOR_UPDATE,
                                     .if_locked = FURROW_IF_LOCKED_FAIL));
        assert_int_equal(list.count, 10);
        close_session(other);
    } else {
        assert_ok(s, person_find(s, &list, .lock = FURROW_LOCK_FOR_UPDATE,
                                 .if_locked = FURROW_IF_LOCKED_SKIP));
        assert_int_equal(list.count, 10);
        assert_ok(s, person_find(s, &list, .lock = FURROW_LOCK_FOR_UPDATE,
                                 .if_locked = FURROW_IF_LOCKED_FAIL));
        assert_int_equal(list.count, 10);
    }
    close_session(s);
}

int main(int argc, char **argv)
{
    furrow_set_allocator(&(const furrow_allocator){count_allocate, counted, count_release, NULL});
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__conditions_mean_the_same_everywhere),
        cmocka_unit_test(test_text__null_matches_no_text_condition),
        cmocka_unit_test(test_conditions__nest),
        cmocka_unit_test(test_conditions__refuse_mistakes),
        cmocka_unit_test(test_options__built_at_run_time),
        cmocka_unit_test(test_in__takes_a_hundred_thousand_values),
        cmocka_unit_test(test_stream__allows_other_statements),
        cmocka_unit_test(test_stream__copies_the_values_of_its_conditions),
        cmocka_unit_test(test_stream__ends_with_its_savepoint_and_its_transaction),
        cmocka_unit_test(test_stream__cannot_be_read_after_its_transaction),
        cmocka_unit_test(test_stream__reads_many_rows_in_order_and_in_constant_memory),
        cmocka_unit_test(test_lock__stops_another_session),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
