/* SPDX-License-Identifier: MIT
 *
 * Tests failing allocations in pages, links, counts and inserts with relationships. First each
 * allocation fails alone, then together with all later allocations. The status must be
 * FURROW_NOMEM, the operation must not be partly done, and the session must work after a rollback.
 */
#include "conformance.h"
#include "library.furrow.h"
#include "related.h"

static size_t calls, fail_at; /* the number of the allocation that fails, from 1; 0 means none */
static bool fails_on;         /* also fail all allocations after that */

static bool fails(void)
{
    calls++;
    return fail_at && (fails_on ? calls >= fail_at : calls == fail_at);
}

static void *allocate(size_t size, void *context)
{
    (void)context;
    return fails() ? NULL : malloc(size);
}

static void *reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return fails() ? NULL : realloc(block, size);
}

static void release(void *block, void *context)
{
    (void)context;
    free(block);
}

static const furrow_relation *relation(const furrow_model *model, const char *field)
{
    for (size_t i = 0; i < model->relation_count; i++)
        if (strcmp(model->relations[i].field, field) == 0)
            return &model->relations[i];
    fail_msg("no relation %s", field);
    return NULL;
}

static struct genre genres[3];
static struct book book;
static char cursor[512];

static furrow_status find_page(furrow_session *s)
{
    struct book_list list;
    furrow_page page;
    furrow_status status = book_find(s, &list, .page_size = 1, .after = cursor, .page = &page,
                                     .order_by = {furrow_asc_through(BOOK.writer, WRITER.name)});
    assert_true(status == FURROW_OK ? list.count == 1 && page.previous && page.next
                                    : !list.items && !page.previous && !page.next);
    return status;
}

static furrow_status set_links(furrow_session *s)
{
    void *rows[] = {&genres[0], &genres[2]};
    return furrow_links_set(s, relation(&book_model, "genres"), &book, rows, 2);
}

static furrow_status count_rows(furrow_session *s)
{
    void *rows[] = {&genres[0], &genres[1], &genres[2]};
    int64_t counts[3];
    furrow_status status = count_related(s, relation(&genre_model, "books"), counts, rows, 3);
    assert_true(counts[1] == (status == FURROW_OK));
    return status;
}

static furrow_status copy_rows(furrow_session *s)
{
    struct genre *of_book[20], made[20] = {{0}};
    for (size_t i = 0; i < 20; i++) {
        made[i].name = "a name";
        of_book[i] = &made[i];
    }
    struct book b = {.title = "book", .genres = {of_book, 20, true}};
    struct book *copy = book_copy(s, &b);
    assert_true(!copy == (furrow_session_status(s) != FURROW_OK));
    if (copy)
        assert_string_equal(copy->genres.items[19]->name, "a name");
    return furrow_session_status(s);
}

static furrow_status insert_tree(furrow_session *s)
{
    struct genre g = {.name = "new"};
    struct genre *of_book[] = {&g};
    struct book b = {.title = "new", .genres = {of_book, 1, false}};
    struct book *of_writer[] = {&b};
    struct writer w = {.name = "new", .books = {of_writer, 1, false}};
    furrow_path path = {.steps = {WRITER.books, BOOK.genres}};
    const struct genre g_before = g;
    const struct book b_before = b;
    const struct writer w_before = w;
    furrow_status status =
        furrow_rows_insert(s, &writer_model, &w, 1, (furrow_path_list){&path, 1});
    if (status) {
        assert_memory_equal(&g, &g_before, sizeof g);
        assert_memory_equal(&b, &b_before, sizeof b);
        assert_memory_equal(&w, &w_before, sizeof w);
    }
    return status;
}

static void prepare(void)
{
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    genres[0] = (struct genre){.name = "a"};
    genres[1] = (struct genre){.name = "b"};
    genres[2] = (struct genre){.name = "c"};
    assert_ok(s, genre_insert_many(s, genres, 3));
    struct book books[4] = {{.title = "1"}, {.title = "2"}, {.title = "3"}, {.title = "4"}};
    assert_ok(s, book_insert_many(s, books, 4));
    book = books[0];
    void *one[] = {&genres[1]};
    assert_ok(s, furrow_links_add(s, relation(&book_model, "genres"), &book, one, 1));
    struct book_list list;
    furrow_page page;
    assert_ok(s, book_find(s, &list, .page_size = 1, .page = &page,
                           .order_by = {furrow_asc_through(BOOK.writer, WRITER.name)}));
    snprintf(cursor, sizeof cursor, "%s", page.next);
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

static void test_memory__may_run_out_anywhere(void **state)
{
    (void)state;
    static furrow_status (*const verbs[])(furrow_session *) = {find_page, set_links, count_rows,
                                                               copy_rows, insert_tree};
    prepare();
    for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++)
        for (int on = 0; on < 2; on++) {
            bool done = false;
            for (size_t k = 1; !done; k++) {
                furrow_session *s = open_session();
                calls = 0;
                fail_at = k;
                fails_on = on;
                furrow_status status = verbs[v](s);
                done = status == FURROW_OK && calls < k;
                fail_at = 0;
                if (status != FURROW_OK)
                    assert_status(s, FURROW_NOMEM, status);
                furrow_rollback(s);
                assert_ok(s, verbs[v](s));
                assert_true(k < 1000);
                close_session(s);
            }
        }
    furrow_session *s = open_session();
    int64_t count;
    assert_ok(s, book_genre_count(s, &count));
    assert_int_equal(count, 1);
}

int main(int argc, char **argv)
{
    furrow_set_allocator(&(furrow_allocator){allocate, reallocate, release, NULL});
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory__may_run_out_anywhere)};
    return RUN_CONFORMANCE(argc, argv, tests);
}
