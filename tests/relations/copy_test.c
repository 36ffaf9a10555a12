/* SPDX-License-Identifier: MIT
 * MODEL_copy copies a row, with its text, blobs and loaded relationships, into the memory of a
 * session. */
#include "conformance.h"
#include "library.furrow.h"

static furrow_session *fresh(void)
{
    create_fresh(&library_schema);
    return open_session();
}

static void test_copy__has_text_and_blobs_of_its_own(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    char bytes[] = {1, 0, 2}, text[] = "{\"a\": 1}";
    struct parcel p = {
        .id = 7, .content = {bytes, 3}, .seal = {bytes, 0}, .label = {text}, .code = "abcde"};
    furrow_put(p.weight, 2.5);
    struct parcel *copy = parcel_copy(s, &p);
    assert_non_null(copy);
    memset(bytes, 9, sizeof bytes);
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(copy->id, 7);
    assert_int_equal(copy->content.size, 3);
    assert_memory_equal(copy->content.bytes, "\1\0\2", 3);
    assert_non_null(copy->seal.bytes); /* the blob is empty, which is not the same as NULL */
    assert_int_equal(copy->seal.size, 0);
    assert_string_equal(copy->label.text, "{\"a\": 1}");
    assert_null(copy->note.text);
    assert_null(copy->thumbnail.bytes);
    assert_string_equal(copy->code, "abcde");
    assert_true(copy->weight.has && copy->weight.value == 2.5);
    assert_false(copy->size.has);
}

static void test_copy__keeps_values_of_every_type(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct item item = {.id = {{1, 2, 3}},
                        .group = -4,
                        .label = "label",
                        .price = {1250, 2},
                        .at = {1234567},
                        .day = {-3},
                        .done = true};
    furrow_put(item.rank, 5);
    struct item *copy = item_copy(s, &item);
    assert_non_null(copy);
    assert_ptr_not_equal(copy->label, item.label);
    assert_string_equal(copy->label, "label");
    assert_memory_equal(copy->id.bytes, item.id.bytes, 16);
    assert_int_equal(copy->group, -4);
    assert_true(copy->rank.has && copy->rank.value == 5);
    assert_false(copy->weight.has);
    assert_int_equal(copy->price.unscaled, 1250);
    assert_int_equal(copy->price.scale, 2);
    assert_int_equal(copy->at.us, 1234567);
    assert_int_equal(copy->day.days, -3);
    assert_true(copy->done);
    assert_ok(s, item_insert(s, copy));
    assert_ok(s, item_refresh(s, copy));
    assert_string_equal(copy->label, "label");
}

enum { BOOKS = 40 };

/* Makes a writer with books that share two genres. Only the first book has a cover. */
static struct writer *library_of(furrow_session *s)
{
    struct writer w = {.name = "writer"};
    struct genre g[2] = {{.name = "a"}, {.name = "b"}};
    struct genre *genres[] = {&g[0], &g[1]};
    struct cover cover = {.color = "red"};
    struct book books[BOOKS] = {{.cover = &cover}};
    struct book *list[BOOKS];
    for (int i = 0; i < BOOKS; i++) {
        books[i].title = "title";
        books[i].genres = (struct genre_list){genres, 2, false};
        list[i] = &books[i];
    }
    w.books = (struct book_list){list, BOOKS, false};
    assert_ok(s, writer_insert_with(s, &w, furrow_load(WRITER.books, BOOK.genres),
                                    furrow_load(WRITER.books, BOOK.cover)));
    struct writer *row;
    assert_ok(s, writer_get_with(s, &row, w.id, furrow_load(WRITER.books, BOOK.genres),
                                 furrow_load(WRITER.books, BOOK.writer),
                                 furrow_load(WRITER.books, BOOK.cover)));
    return row;
}

static void check_library(const struct writer *copy, const struct writer *row)
{
    assert_non_null(copy);
    assert_ptr_not_equal(copy, row);
    assert_string_equal(copy->name, "writer");
    assert_true(copy->books.loaded);
    assert_int_equal(copy->books.count, BOOKS);
    assert_false(copy->liked.loaded);
    for (size_t i = 0; i < BOOKS; i++) {
        const struct book *b = copy->books.items[i];
        assert_ptr_not_equal(b, row->books.items[i]);
        assert_int_equal(b->id, row->books.items[i]->id);
        assert_string_equal(b->title, "title");
        assert_ptr_equal(b->writer, copy);
        assert_int_equal(b->genres.count, 2);
        assert_ptr_not_equal(b->genres.items[0], row->books.items[i]->genres.items[0]);
        for (int k = 0; k < 2; k++)
            assert_ptr_equal(b->genres.items[k], copy->books.items[0]->genres.items[k]);
        assert_true(i ? !b->cover : strcmp(b->cover->color, "red") == 0);
    }
}

static void test_copy__copies_a_graph_with_shared_rows_and_cycles_once(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct writer *row = library_of(s);
    uint64_t before = furrow_session_stats(s).statements;
    struct writer *copy = writer_copy(s, row);
    check_library(copy, row);
    /* If a relationship of the original was loaded but has no related row, the relationship of the
     * copy is loaded, too. */
    assert_true(book_cover_is_loaded(s, copy->books.items[1]));
    assert_int_equal(furrow_session_stats(s).statements, before);
}

static void test_copy__outlives_the_session_of_the_row(void **state)
{
    (void)state;
    furrow_session *s = fresh(), *other = furrow_session_open(engine, .read_only = true);
    library_of(s);
    assert_ok(s, furrow_commit(s));
    struct writer_list list;
    assert_ok(other, writer_find(other, &list, .with = {furrow_load(WRITER.books, BOOK.genres)}));
    struct writer *copy = writer_copy(s, list.items[0]);
    assert_non_null(copy);
    int64_t id = list.items[0]->books.items[BOOKS - 1]->id;
    furrow_session_close(other);
    assert_string_equal(copy->name, "writer");
    assert_int_equal(copy->books.items[BOOKS - 1]->id, id);
    assert_string_equal(copy->books.items[0]->genres.items[1]->name, "b");
    /* If a relationship of the originals was not loaded, it can be loaded later: one statement
     * loads it for all copies. */
    uint64_t before = furrow_session_stats(s).statements;
    furrow_each (struct book, b, copy->books)
        assert_int_equal(book_zones(s, b)->count, 0);
    assert_int_equal(furrow_session_stats(s).statements, before + 1);
}

static void test_copy__of_a_row_made_by_the_program(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct writer w = {.name = "made"};
    struct book b = {.title = "book", .writer = &w}, *books[] = {&b, NULL, &b};
    w.books = (struct book_list){books, 3, false};
    w.mentor = &w;
    struct writer *copy = writer_copy(s, &w);
    assert_non_null(copy);
    assert_ptr_equal(copy->mentor, copy);
    assert_false(copy->books.loaded);
    assert_int_equal(copy->books.count, 3);
    assert_ptr_not_equal(copy->books.items, books);
    assert_ptr_not_equal(copy->books.items[0], &b);
    assert_null(copy->books.items[1]);
    assert_ptr_equal(copy->books.items[0], copy->books.items[2]);
    assert_ptr_equal(copy->books.items[0]->writer, copy);
    /* Copying ran no statement, so the session has not begun a transaction. */
    assert_int_equal(furrow_session_stats(s).statements, 0);
}

static void test_copy__keeps_a_row_of_a_stream(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct genre g[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    assert_ok(s, genre_insert_many(s, g, 3));
    struct genre_cursor *cursor;
    struct genre *first, *row;
    assert_ok(s, genre_stream(s, &cursor, .order_by = {furrow_asc(GENRE.id)}));
    first = genre_copy(s, genre_next(cursor));
    while ((row = genre_next(cursor)))
        assert_ptr_not_equal(row, first);
    assert_string_equal(first->name, "a");
}

/* A recursive copy of such a long chain would overflow the stack. */
static void test_copy__follows_a_long_chain(void **state)
{
    (void)state;
    enum { LENGTH = 300000 };
    furrow_session *s = open_session();
    struct writer *chain = calloc(LENGTH, sizeof *chain);
    assert_non_null(chain);
    for (size_t i = 0; i < LENGTH; i++) {
        chain[i].id = (int64_t)i;
        chain[i].name = "w";
        chain[i].mentor = &chain[(i + 1) % LENGTH];
    }
    struct writer *copy = writer_copy(s, chain), *at = copy;
    free(chain);
    assert_non_null(copy);
    for (size_t i = 0; i < LENGTH; i++, at = at->mentor)
        assert_int_equal(at->id, i);
    assert_ptr_equal(at, copy);
}

static void test_copy__refuses_null_and_a_failed_session(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct genre g = {.name = "a"};
    assert_null(genre_copy(s, NULL));
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    assert_string_equal(furrow_session_error(s)->message,
                        "copy of model \"genre\": the row is NULL");
    assert_null(genre_copy(s, &g));
    furrow_rollback(s);
    assert_non_null(genre_copy(s, &g));
    assert_null(genre_copy(NULL, &g));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy__has_text_and_blobs_of_its_own),
        cmocka_unit_test(test_copy__keeps_values_of_every_type),
        cmocka_unit_test(test_copy__copies_a_graph_with_shared_rows_and_cycles_once),
        cmocka_unit_test(test_copy__outlives_the_session_of_the_row),
        cmocka_unit_test(test_copy__of_a_row_made_by_the_program),
        cmocka_unit_test(test_copy__keeps_a_row_of_a_stream),
        cmocka_unit_test(test_copy__follows_a_long_chain),
        cmocka_unit_test(test_copy__refuses_null_and_a_failed_session),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
