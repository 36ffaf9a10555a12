/* SPDX-License-Identifier: MIT
 *
 * Inserts with relationships. Several rows can share a related row. A call that fails must leave
 * all structs unchanged. */
#include "conformance.h"
#include "trees.furrow.h"

#define LIST(type, ...)                                                                            \
    {                                                                                              \
        (struct type *[]){__VA_ARGS__},                                                            \
            sizeof((struct type *[]){__VA_ARGS__}) / sizeof(struct type *), false                  \
    }

static furrow_session *fresh(void)
{
    create_fresh(&trees_schema);
    return open_session();
}

/* Checks the number that a query returns. */
#define assert_number(s, number, ...)                                                              \
    do {                                                                                           \
        furrow_rows *rows_;                                                                        \
        assert_ok(s, furrow_query(s, &rows_, __VA_ARGS__));                                        \
        assert_true(furrow_rows_next(rows_));                                                      \
        assert_int_equal(furrow_row_int64(rows_, 0), (number));                                    \
    } while (0)

static void test_trees__a_row_receives_both_of_its_keys(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct article x = {.title = "x"}, y = {.title = "y"};
    struct editor e[] = {
        {.name = "a", .written = LIST(article, &x, &y), .checked = LIST(article, &x)},
        {.name = "b", .checked = LIST(article, &y)}};
    furrow_expect_statements(s, 0);
    assert_ok(s, editor_insert_many_with(s, e, 2, furrow_load(EDITOR.written),
                                         furrow_load(EDITOR.checked)));
    assert_ok(s, furrow_expect_statements(s, 2));
    assert_true(x.author_id == e[0].id && x.checker_id.has && x.checker_id.value == e[0].id);
    assert_number(s, 1, "SELECT count(*) FROM article WHERE id = ? AND checker_id = ?", x.id,
                  e[0].id);
    assert_number(s, 1, "SELECT count(*) FROM article WHERE author_id = ? AND checker_id = ?",
                  e[0].id, e[1].id);
}

/* If several paths lead to a row, the row is inserted once. The remaining steps of each path are
 * followed. */
static void test_trees__every_path_is_followed(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct word w = {.text = "w"}, v = {.text = "v"};
    struct article x = {.title = "x", .words = LIST(word, &w)};
    struct article y = {.title = "y", .words = LIST(word, &w, &v, &w)};
    struct editor a = {.name = "a", .written = LIST(article, &x), .checked = LIST(article, &x)};
    assert_ok(s, editor_insert_with(s, &a, furrow_load(EDITOR.written),
                                    furrow_load(EDITOR.checked, ARTICLE.words)));
    assert_number(s, 1, "SELECT count(*) FROM article_word");
    assert_true(x.words.loaded);
    /* A path can lead back to a row of the same call. */
    struct badge badge = {.number = 1};
    struct editor b = {.name = "b", .written = LIST(article, &y), .badge = &badge};
    y.author = &b;
    w = (struct word){.text = "w2"};
    assert_ok(s, article_insert_with(s, &y, furrow_load(ARTICLE.author, EDITOR.badge),
                                     furrow_load(ARTICLE.author, EDITOR.written, ARTICLE.words)));
    assert_true(y.author_id == b.id && badge.editor_id == b.id);
    assert_number(s, 2, "SELECT count(*) FROM article_word WHERE article_id = ?", y.id);
    assert_ok(s, furrow_commit(s));
}

static void test_trees__insert_a_link_held_by_both_ends_once(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct word w = {.text = "w"};
    struct article x = {.title = "x", .words = LIST(word, &w, &w)};
    w.articles = (struct article_list)LIST(article, &x);
    struct editor a = {.name = "a", .written = LIST(article, &x)};
    assert_ok(s,
              editor_insert_with(s, &a, furrow_load(EDITOR.written, ARTICLE.words, WORD.articles)));
    assert_number(s, 1, "SELECT count(*) FROM article_word");

    struct node p = {.name = "p"}, q = {.name = "q"};
    p.to = (struct node_list)LIST(node, &q, &p);
    q.from = (struct node_list)LIST(node, &p);
    q.to = (struct node_list)LIST(node, &p);
    assert_ok(
        s, node_insert_with(s, &p, furrow_load(NODE.to, NODE.from), furrow_load(NODE.to, NODE.to)));
    assert_number(s, 3, "SELECT count(*) FROM edge");
    assert_number(s, 1, "SELECT count(*) FROM edge WHERE from_id = ? AND to_id = ?", q.id, p.id);
}

static void test_trees__refuse_a_row_whose_key_is_not_known_yet(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct node c = {.name = "c"};
    struct node two[] = {{.name = "a", .children = LIST(node, &c)},
                         {.name = "b", .children = LIST(node, &c)}};
    assert_refused(s, FURROW_INVALID,
                   "a row of model \"node\" is in the relationships of two rows of model "
                   "\"node\", but its \"parent_id\" can refer to only one",
                   node_insert_many_with(s, two, 2, furrow_load(NODE.children)));
    assert_true(two[0].id == 0 && two[1].id == 0 && c.id == 0 && !c.parent_id.has);
    assert_false(two[0].children.loaded);

    struct node both[] = {{.name = "a"}, {.name = "b"}};
    both[0].children = (struct node_list)LIST(node, &both[1]);
    assert_refused(s, FURROW_INVALID,
                   "a row of model \"node\" is inserted before the row of model \"node\" that its "
                   "\"parent_id\" must refer to",
                   node_insert_many_with(s, both, 2, furrow_load(NODE.children)));
    assert_true(both[0].id == 0 && both[1].id == 0 && !both[1].parent_id.has);

    both[0].children = (struct node_list){0};
    both[1].parent = &both[0];
    assert_refused(s, FURROW_INVALID,
                   "\"parent\" of model \"node\" leads to a row that has not been inserted, so "
                   "its key is not known yet",
                   node_insert_many_with(s, both, 2, furrow_load(NODE.parent)));

    struct badge badge = {.number = 1};
    struct editor e[] = {{.name = "a", .badge = &badge}, {.name = "b", .badge = &badge}};
    assert_refused(s, FURROW_INVALID,
                   "a row of model \"badge\" is in the relationships of two rows of model "
                   "\"editor\", but its \"editor_id\" can refer to only one",
                   editor_insert_many_with(s, e, 2, furrow_load(EDITOR.badge)));
    struct article x = {.title = "x", .author = &e[1]};
    e[1] = (struct editor){.name = "b"};
    struct editor a = {.name = "a", .written = LIST(article, &x)};
    assert_refused(s, FURROW_INVALID,
                   "a row of model \"article\" is in the relationships of two rows of model "
                   "\"editor\", but its \"author_id\" can refer to only one",
                   editor_insert_with(s, &a, furrow_load(EDITOR.written, ARTICLE.author)));
    assert_number(s, 0, "SELECT count(*) FROM node");
}

/* Rows with given keys may refer to each other in any order within one call. */
static void test_trees__rows_of_a_call_refer_to_each_other(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    for (size_t count = 2; count <= 5; count++) {
        struct node n[5];
        for (size_t i = 0; i < count; i++) {
            n[i] = (struct node){.id = (int64_t)(10 * count + i), .name = "n"};
            if (i + 1 < count)
                furrow_put(n[i].parent_id, n[i].id + 1);
        }
        assert_ok(s, node_insert_many(s, n, count));
    }
    struct node pair[] = {{.id = 1, .name = "child"}, {.id = 2, .name = "parent"}};
    pair[0].parent = &pair[1];
    assert_ok(s, node_insert_many_with(s, pair, 2, furrow_load(NODE.parent)));
    assert_number(s, 2, "SELECT parent_id FROM node WHERE id = 1");
    assert_ok(s, furrow_commit(s));
}

static void test_trees__a_failure_leaves_every_row_as_it_was(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct badge taken = {.number = 7};
    struct editor first = {.name = "first", .badge = &taken};
    assert_ok(s, editor_insert_with(s, &first, furrow_load(EDITOR.badge)));
    assert_ok(s, furrow_commit(s));

    struct word w = {.text = "w"};
    struct article x = {.title = "x", .words = LIST(word, &w)};
    struct badge badge = {.number = 7}; /* this badge is inserted last; the insert fails, because
                                           the number already exists */
    struct editor a = {.name = "a", .written = LIST(article, &x), .badge = &badge};
    struct article x_before = x;
    struct badge badge_before = badge;
    struct editor a_before = a;
    struct word w_before = w;
    assert_int_equal(editor_insert_with(s, &a, furrow_load(EDITOR.written, ARTICLE.words),
                                        furrow_load(EDITOR.badge)),
                     FURROW_UNIQUE);
    assert_memory_equal(&a, &a_before, sizeof a);
    assert_memory_equal(&x, &x_before, sizeof x);
    assert_memory_equal(&w, &w_before, sizeof w);
    assert_memory_equal(&badge, &badge_before, sizeof badge);
    furrow_rollback(s);
    /* After the failure, the program can correct the row and insert it again. */
    badge.number = 8;
    assert_ok(s, editor_insert_with(s, &a, furrow_load(EDITOR.written, ARTICLE.words),
                                    furrow_load(EDITOR.badge)));
    assert_true(a.id > first.id && x.author_id == a.id && badge.editor_id == a.id);
    assert_ok(s, furrow_commit(s));

    /* A NULL row or an invalid path must be rejected before anything is sent. */
    struct editor b = {.name = "b", .written = LIST(article, NULL)};
    assert_refused(s, FURROW_INVALID, "\"written\" of model \"editor\" contains a NULL row",
                   editor_insert_with(s, &b, furrow_load(EDITOR.written)));
    assert_int_equal(b.id, 0);
    assert_refused(s, FURROW_INVALID, "step 1 of a path from model \"editor\" is NULL",
                   editor_insert_with(s, &b, furrow_load((furrow_relation_ref){0}, ARTICLE.words)));
    struct editor_list list;
    assert_refused(
        s, FURROW_INVALID, "step 1 of a path from model \"editor\" is NULL",
        editor_find(s, &list, .with = {furrow_load((furrow_relation_ref){0}, ARTICLE.words)}));
}

static void count_repeat(void *context, const furrow_repeat_event *event)
{
    (void)event;
    ++*(int *)context;
}

/* The rows of one call count as one statement, regardless of how the engine sends them. They are
 * not reported as a repeated statement. */
static void test_statements__count_the_rows_of_a_call_once(void **state)
{
    (void)state;
    create_fresh(&trees_schema);
    int repeats = 0;
    furrow_error error;
    furrow_engine *own;
    assert_int_equal(furrow_engine_open(&own, database_url, &error, .repeat_limit = 2,
                                        .repeat = count_repeat, .repeat_context = &repeats),
                     FURROW_OK);
    furrow_session *s = furrow_session_open(own);
    struct node few[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    struct word words[] = {{.text = "a"}, {.text = "b"}, {.text = "c"}};
    furrow_expect_statements(s, 0);
    assert_ok(s, node_insert_many(s, few, 3));
    assert_ok(s, word_insert_many(s, words, 3));
    assert_ok(s, furrow_expect_statements(s, 2));
    assert_int_equal(repeats, 0);
    struct word *found;
    for (int i = 0; i < 3; i++)
        assert_ok(s, word_get(s, &found, words[i].text));
    assert_ok(s, furrow_expect_statements(s, 3));
    assert_int_equal(repeats, 1);
    furrow_session_close(s);
    furrow_engine_close(own);
}

/* A primary key never contains NULL, so the call can be rejected without a statement. */
static void test_keys__null_is_refused_before_anything_is_sent(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    static const char refusal[] = "\"pair\".\"a\" is part of the primary key, which is never NULL";
    struct pair p = {"a", 1, 2}, null = {NULL, 1, 2}, *found;
    struct pair_list list;
    struct pair_key keys[] = {{"a", 1}, {NULL, 1}};
    struct word *word;
    assert_ok(s, pair_insert(s, &p));
    assert_ok(s, furrow_commit(s));
    uint64_t before = furrow_session_stats(s).statements;
    assert_int_equal(pair_get(s, &found, NULL, 1), FURROW_INVALID);
    assert_int_equal(furrow_session_stats(s).statements, before);
    furrow_rollback(s);
    assert_refused(s, FURROW_INVALID, refusal, pair_get(s, &found, NULL, 1));
    assert_null(found);
    assert_refused(s, FURROW_INVALID, refusal, pair_get_many(s, &list, keys, 2));
    assert_int_equal(list.count, 0);
    assert_refused(s, FURROW_INVALID, refusal, pair_refresh(s, &null));
    assert_refused(s, FURROW_INVALID, refusal, pair_update(s, &null));
    assert_refused(s, FURROW_INVALID, refusal, pair_delete(s, &null));
    assert_refused(s, FURROW_INVALID,
                   "\"word\".\"text\" is part of the primary key, which is never NULL",
                   word_get_with(s, &word, NULL, furrow_load(WORD.articles)));
    assert_status(s, FURROW_NOT_NULL, pair_insert(s, &null)); /* the error is in the data, so a
                                                                 savepoint can undo it */
}

/* If a link refers to a missing row, the error names the missing end of the link. */
static void test_links__name_the_missing_end(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct word w = {.text = "w"}, unknown = {.text = "?"};
    struct article x = {.title = "x"}, y = {.id = 99};
    struct editor a = {.name = "a", .written = LIST(article, &x)};
    assert_ok(s, word_insert(s, &w));
    assert_ok(s, editor_insert_with(s, &a, furrow_load(EDITOR.written)));
    assert_ok(s, furrow_commit(s));
    struct word *words[] = {&w, &unknown};
    assert_refused(s, FURROW_FOREIGN_KEY,
                   "\"article_word\": \"word\" refers to a row of \"word\" that does not exist",
                   article_words_add(s, &x, words, 2));
    assert_refused(s, FURROW_FOREIGN_KEY,
                   "\"article_word\": \"word\" refers to a row of \"word\" that does not exist",
                   article_words_set(s, &x, words, 2));
    assert_string_equal(furrow_session_error(s)->column, "word");
    assert_refused(s, FURROW_FOREIGN_KEY,
                   "\"article_word\": \"article_id\" refers to a row of \"article\" that does not "
                   "exist",
                   article_words_add(s, &y, words, 1));
}

/* If setting links fails, the previous links still exist. */
static void test_links__a_set_that_fails_changes_nothing(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct word w[] = {{.text = "a"}, {.text = "b"}, {.text = "c"}}, unknown = {.text = "?"};
    struct article x = {.title = "x", .words = LIST(word, &w[0], &w[1])};
    struct editor a = {.name = "a", .written = LIST(article, &x)};
    assert_ok(s, editor_insert_with(s, &a, furrow_load(EDITOR.written, ARTICLE.words)));
    assert_ok(s, word_insert(s, &w[2]));
    assert_ok(s, furrow_commit(s));
    struct word *words[] = {&w[2], &unknown};
    assert_ok(s, furrow_savepoint_begin(s));
    assert_status(s, FURROW_FOREIGN_KEY, article_words_set(s, &x, words, 2));
    assert_status(s, FURROW_FOREIGN_KEY, furrow_savepoint_end(s));
    assert_number(s, 2, "SELECT count(*) FROM article_word WHERE word IN ('a', 'b')");
    assert_status(s, FURROW_FOREIGN_KEY, article_words_set(s, &x, words, 2));
    assert_status(s, FURROW_FOREIGN_KEY, furrow_commit(s));
    assert_number(s, 2, "SELECT count(*) FROM article_word WHERE word IN ('a', 'b')");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees__a_row_receives_both_of_its_keys),
        cmocka_unit_test(test_trees__every_path_is_followed),
        cmocka_unit_test(test_trees__insert_a_link_held_by_both_ends_once),
        cmocka_unit_test(test_trees__refuse_a_row_whose_key_is_not_known_yet),
        cmocka_unit_test(test_trees__rows_of_a_call_refer_to_each_other),
        cmocka_unit_test(test_trees__a_failure_leaves_every_row_as_it_was),
        cmocka_unit_test(test_statements__count_the_rows_of_a_call_once),
        cmocka_unit_test(test_keys__null_is_refused_before_anything_is_sent),
        cmocka_unit_test(test_links__name_the_missing_end),
        cmocka_unit_test(test_links__a_set_that_fails_changes_nothing),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
