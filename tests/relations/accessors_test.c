/* SPDX-License-Identifier: MIT
 *
 * The functions that are generated for relationships, and the number of statements that each call
 * runs.
 */
#include "conformance.h"
#include "library.furrow.h"

enum { WRITERS = 40, BOOKS = 3 };

/* Inserts writers with BOOKS books each, but no books for the first writer. Every book has a cover,
 * except for the first book of each writer. */
static furrow_session *shelves(void)
{
    static struct writer writers[WRITERS];
    static struct book books[WRITERS * BOOKS];
    static struct cover covers[WRITERS * BOOKS];
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    memset(writers, 0, sizeof writers);
    memset(books, 0, sizeof books);
    memset(covers, 0, sizeof covers);
    for (size_t i = 0; i < WRITERS; i++)
        writers[i].name = i % 2 ? "odd" : "even";
    assert_ok(s, writer_insert_many(s, writers, WRITERS));
    for (size_t i = 0; i < WRITERS * BOOKS; i++) {
        size_t writer = i / BOOKS;
        books[i].title = "title";
        books[i].price = (furrow_decimal){(int64_t)i, 2};
        if (writer)
            furrow_put(books[i].writer_id, writers[writer].id);
        furrow_put(books[i].year, (int32_t)(1900 + i % BOOKS));
    }
    assert_ok(s, book_insert_many(s, books, WRITERS * BOOKS));
    size_t count = 0;
    for (size_t i = 0; i < WRITERS * BOOKS; i++)
        if (i % BOOKS)
            covers[count++] = (struct cover){.book_id = books[i].id, .color = "red"};
    assert_ok(s, cover_insert_many(s, covers, count));
    assert_ok(s, furrow_commit(s));
    close_session(s);
    return open_session();
}

static struct writer_list all_writers(furrow_session *s)
{
    struct writer_list list;
    assert_ok(s, writer_find(s, &list, .order_by = {furrow_asc(WRITER.id)}));
    assert_int_equal(list.count, WRITERS);
    return list;
}

/* In nested loops over the relationships of a result, one statement must run for each relationship,
 * not for each row. */
static void test_accessors__load_for_the_whole_result(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_list writers = all_writers(s);
    size_t books = 0, covers = 0;
    furrow_each (struct writer, w, writers) {
        const struct book_list *list = writer_books(s, w);
        assert_ptr_equal(list, &w->books);
        assert_true(writer_books_is_loaded(s, w));
        furrow_each (struct book, b, *list) {
            assert_ptr_equal(book_writer(s, b), w);
            covers += book_cover(s, b) != NULL;
            books++;
        }
    }
    assert_int_equal(books, (WRITERS - 1) * BOOKS);
    assert_int_equal(covers, (WRITERS - 1) * (BOOKS - 1));
    assert_ok(s, furrow_expect_statements(s, 3)); /* one statement each for writers, books and
                                                     covers */
}

static void test_accessors__distinguish_no_row_from_not_loaded(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_list writers = all_writers(s);
    struct writer *none = writers.items[0], *some = writers.items[1];
    assert_false(writer_books_is_loaded(s, none));
    assert_int_equal(writer_books(s, none)->count, 0);
    assert_true(writer_books_is_loaded(s, none));
    assert_int_equal(writer_books(s, some)->count, BOOKS);

    struct book *bare = some->books.items[0], *bound = some->books.items[1];
    assert_false(book_cover_is_loaded(s, bare));
    assert_false(book_cover_is_loaded(s, bound));
    assert_null(book_cover(s, bare));
    assert_true(book_cover_is_loaded(s, bare));
    assert_true(book_cover_is_loaded(s, bound));
    assert_string_equal(book_cover(s, bound)->color, "red");
    assert_ok(s, furrow_expect_statements(s, 3));

    /* If the reference is NULL, there is no row to load, so no statement is needed. */
    assert_true(writer_mentor_is_loaded(s, some));
    assert_null(writer_mentor(s, some));
    assert_ok(s, furrow_expect_statements(s, 0));
}

static void test_accessors__load_for_a_single_row(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct cover *cover;
    assert_ok(s, cover_first(s, &cover, .order_by = {furrow_asc(COVER.id)}));
    struct book book;
    struct book *found;
    assert_ok(s, book_get(s, &found, cover->book_id));
    book = *found; /* the program made this copy of a row itself, so it does not belong to the
                      result */
    assert_ok(s, furrow_expect_statements(s, 2));
    assert_non_null(book_cover(s, &book));
    assert_int_equal(book.cover->id, cover->id);
    assert_int_equal(book_genres(s, &book)->count, 0);
    assert_true(book_genres_is_loaded(s, &book));
    assert_false(book_zones_is_loaded(s, &book));
    assert_ok(s, furrow_expect_statements(s, 2));
}

/* If the program changes a row's foreign key after the relationship was loaded, the to-one
 * relationship must return the row with the new key. */
static void test_accessors__follow_a_key_that_was_changed(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct book_list books;
    assert_ok(s, book_find(s, &books, .where = {furrow_not_null(BOOK.writer_id)},
                           .order_by = {furrow_asc(BOOK.id)}));
    struct book *b = books.items[0], *other = books.items[1];
    struct writer *first = book_writer(s, b), *second = book_writer(s, books.items[BOOKS]);
    assert_true(first && second && first != second && other->writer == first);
    furrow_put(b->writer_id, second->id);
    assert_ok(s, book_update(s, b));
    furrow_expect_statements(s, 0);
    assert_false(book_writer_is_loaded(s, b));
    assert_int_equal(book_writer(s, b)->id, second->id);
    assert_true(book_writer_is_loaded(s, b));
    assert_ptr_equal(book_writer(s, other), first);
    assert_ok(s, furrow_expect_statements(s, 1));
    b->writer_id.has = false;
    assert_ok(s, book_update(s, b));
    assert_null(book_writer(s, b));
    assert_true(book_writer_is_loaded(s, b));
    /* The same applies to the other side of a one-to-one relationship: the cover is moved to
     * another book.
     */
    struct cover *cover = book_cover(s, other);
    assert_non_null(cover);
    int64_t from = cover->book_id;
    cover->book_id = books.items[BOOKS - 1 + BOOKS]->id;
    assert_ok(s, cover_delete(s, book_cover(s, books.items[BOOKS - 1 + BOOKS])));
    assert_ok(s, cover_update(s, cover));
    assert_null(book_cover(s, other));
    assert_true(from != cover->book_id);
}

static void test_accessors__never_give_null_for_a_list(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    assert_int_equal(writer_books(s, NULL)->count, 0);
    assert_status(s, FURROW_INVALID, furrow_commit(s));
    assert_null(book_writer(s, NULL));
    assert_status(s, FURROW_INVALID, furrow_commit(s));
    assert_int_equal(writer_books(NULL, NULL)->count, 0);
    assert_null(book_cover(NULL, NULL));
    assert_false(book_cover_is_loaded(s, NULL));
    assert_false(writer_books_is_loaded(NULL, NULL));

    /* After a failure, the accessors do nothing, and the loaded members keep their values. */
    struct writer_list writers = all_writers(s);
    assert_int_equal(writer_books(s, writers.items[1])->count, BOOKS);
    assert_status(s, FURROW_INVALID, book_delete_where(s));
    assert_int_equal(writer_books(s, writers.items[2])->count, 0);
    assert_int_equal(writers.items[2]->books.count, BOOKS);
    const struct book_list *liked = writer_liked(s, writers.items[1]);
    assert_true(liked->count == 0 && !liked->loaded);
    assert_false(writer_liked_is_loaded(s, writers.items[1]));
    assert_status(s, FURROW_INVALID, furrow_commit(s));
}

static void test_load__runs_one_statement_for_each_step(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_list writers = all_writers(s);
    assert_ok(s, writer_load(s, &writers, furrow_load(WRITER.books, BOOK.cover),
                             furrow_load(WRITER.books, BOOK.genres)));
    assert_ok(s, furrow_expect_statements(s, 4));
    furrow_each (struct writer, w, writers) {
        assert_true(writer_books_is_loaded(s, w));
        furrow_each (struct book, b, w->books)
            assert_true(book_cover_is_loaded(s, b) && book_genres_is_loaded(s, b));
    }
    /* furrow_load_some loads only the related rows that match. */
    writers = all_writers(s);
    assert_ok(s, writer_load(s, &writers,
                             furrow_load_some((WRITER.books), .where = {furrow_gt(BOOK.year, 1900)},
                                              .order_by = {furrow_desc(BOOK.year)}, .limit = 1)));
    assert_ok(s, furrow_expect_statements(s, 2));
    assert_int_equal(writers.items[0]->books.count, 0);
    assert_int_equal(writers.items[1]->books.count, 1);
    assert_int_equal(writers.items[1]->books.items[0]->year.value, 1902);

    struct writer_list nobody = {0};
    assert_ok(s, writer_load(s, &nobody, furrow_load(WRITER.books)));
    assert_ok(s, furrow_expect_statements(s, 0));
    assert_refused(s, FURROW_INVALID, "load of model \"writer\": the rows are NULL",
                   writer_load(s, NULL, furrow_load(WRITER.books)));
    assert_refused(
        s, FURROW_INVALID,
        "relation \"genres\" of model \"book\" cannot begin a path from model \"writer\"",
        writer_load(s, &writers, furrow_load(BOOK.genres)));
}

/* A stream loads the relationships of a batch when it reads the batch. By then, the program may
 * have freed the values in the conditions of the paths. */
static void test_stream__keeps_the_values_of_its_paths(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_cursor *cursor = NULL;
    char *title = strdup("title");
    int32_t *years = calloc(2, sizeof *years);
    years[0] = 1900, years[1] = 1902;
    assert_ok(s, writer_stream(s, &cursor, .order_by = {furrow_asc(WRITER.id)},
                               .with = {furrow_load_some(
                                   (WRITER.books), .where = {furrow_eq(BOOK.title, title),
                                                             furrow_in(BOOK.year, years, 2)})}));
    memset(title, 'z', 5);
    memset(years, 0, 2 * sizeof *years);
    free(title), free(years);
    size_t seen = 0;
    for (struct writer *w; (w = writer_next(cursor)); seen++)
        assert_int_equal(w->books.count, seen ? 2 : 0);
    assert_int_equal(seen, WRITERS);
}

static void test_get__loads_paths(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_list writers = all_writers(s);
    int64_t id = writers.items[1]->id, none = writers.items[0]->id;
    struct writer *w;
    furrow_expect_statements(s, 0);
    assert_ok(s, writer_get(s, &w, id));
    assert_false(writer_books_is_loaded(s, w));
    assert_ok(s, furrow_expect_statements(s, 1));
    assert_ok(s, writer_get_with(s, &w, id, furrow_load(WRITER.books, BOOK.cover),
                                 furrow_load(WRITER.books, BOOK.writer)));
    assert_ok(s, furrow_expect_statements(s, 3));
    assert_int_equal(w->books.count, BOOKS);
    furrow_each (struct book, b, w->books) {
        assert_ptr_equal(b->writer, w);
        assert_true(book_cover_is_loaded(s, b));
    }
    assert_ok(s, furrow_expect_statements(s, 0));
    assert_ok(s, writer_get_with(s, &w, none, furrow_load(WRITER.books)));
    assert_true(w->books.loaded && w->books.count == 0);

    /* One path has a condition, an order and a limit. The call has as many paths as are allowed. */
    const int32_t years[] = {1900, 1901, 1902};
    assert_ok(s,
              writer_get_with(
                  s, &w, id,
                  furrow_load_some(
                      (WRITER.books),
                      .where = {furrow_in(BOOK.year, years, 3),
                                furrow_any(furrow_gt(BOOK.year, 1900), furrow_eq(BOOK.title, "a"))},
                      .order_by = {furrow_desc(BOOK.year), furrow_asc(BOOK.id)}, .limit = 2),
                  furrow_load(WRITER.liked, BOOK.genres, GENRE.books, BOOK.writer, WRITER.mentor,
                              WRITER.liked),
                  furrow_load(WRITER.mentor, WRITER.mentor, WRITER.mentor, WRITER.mentor,
                              WRITER.mentor, WRITER.mentor),
                  furrow_load(WRITER.liked, BOOK.zones)));
    assert_int_equal(w->books.count, 2);
    assert_int_equal(w->books.items[0]->year.value, 1902);

    /* Paths that are built at run time. One of them is empty. */
    furrow_path paths[2] = {{.limit = 0}};
    assert_ok(s, writer_get_with(s, &w, id, paths[0], paths[1]));
    assert_false(writer_books_is_loaded(s, w));
    paths[1] = (furrow_path)furrow_load(WRITER.books);
    assert_ok(s, writer_get_with(s, &w, id, paths[0], paths[1]));
    assert_int_equal(w->books.count, BOOKS);

    /* A key of several columns, and a key that is given as an expression with a comma. */
    struct book_zone link = {.book_id = w->books.items[0]->id, .country = "de", .number = 7};
    struct book_zone *found;
    struct zone zone = {"de", 7, "zone"};
    assert_ok(s, zone_insert(s, &zone));
    assert_ok(s, book_zone_insert(s, &link));
    assert_ok(s, book_zone_get(s, &found, link.book_id, "de", 7));
    assert_int_equal(found->number, 7);
    assert_null(found->zone);
    assert_ok(s, book_zone_get_with(s, &found, link.book_id, "de", 7, furrow_load(BOOK_ZONE.zone)));
    assert_string_equal(found->zone->name, "zone");
    struct item item = {.id = {{1, 2}}, .label = "x"}, *got;
    furrow_put(item.writer_id, id);
    assert_ok(s, item_insert(s, &item));
    assert_ok(s, item_get_with(s, &got, ((furrow_uuid){{1, 2}}), furrow_load(ITEM.writer)));
    assert_int_equal(got->writer->id, id);
    assert_ok(s, item_get(s, &got, (furrow_uuid){{1, 2}}));
    assert_string_equal(got->label, "x");
}

static void test_get__fails_if_its_paths_cannot_be_loaded(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_list writers = all_writers(s);
    int64_t id = writers.items[1]->id;
    struct writer *w = writers.items[0];
    furrow_expect_statements(s, 0);
    assert_status(s, FURROW_NOT_FOUND,
                  writer_get_with(s, &w, -1, furrow_load(WRITER.books, BOOK.cover)));
    assert_null(w);
    assert_ok(s, furrow_expect_statements(s, 1));
    w = writers.items[0];
    assert_refused(
        s, FURROW_INVALID,
        "relation \"genres\" of model \"book\" cannot begin a path from model \"writer\"",
        writer_get_with(s, &w, id, furrow_load(BOOK.genres)));
    assert_null(w);
    assert_ok(s, furrow_expect_statements(s, 1)); /* assert_refused itself runs one statement */
    assert_refused(s, FURROW_INVALID, "get of model \"writer\": the result is NULL",
                   writer_get_with(s, NULL, id, furrow_load(WRITER.books)));
    assert_refused(s, FURROW_INVALID, "get_with of model \"writer\": the paths are NULL",
                   furrow_model_get_with(s, &writer_model, &w,
                                         (furrow_value[]){FURROW_KEY_(WRITER.id, id)},
                                         (furrow_path_list){NULL, 1}));
    struct writer_list found;
    struct writer_find_options o = {.s = s, .out = &found};
    for (size_t i = 0; i <= FURROW_MAX_PATHS; i++)
        o.with[i] = (furrow_path)furrow_load(WRITER.books);
    assert_refused(s, FURROW_INVALID, ".with holds at most 4 paths", writer_find_using(&o));
    assert_ok(s, furrow_commit(s));

    /* The row can be read, but reading its relationship fails. */
    w = writers.items[0];
    assert_ok(s, furrow_exec(s, "ALTER TABLE book RENAME TO tome"));
    assert_int_not_equal(writer_get_with(s, &w, id, furrow_load(WRITER.books)), FURROW_OK);
    assert_null(w);
    furrow_rollback(s);
    assert_int_equal(writer_get_with(NULL, &w, id, furrow_load(WRITER.books)),
                     writer_get(NULL, &w, id));
}

static void test_numbers__are_computed_without_loading(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_list writers = all_writers(s);
    int64_t counts[WRITERS], years[WRITERS];
    furrow_decimal prices[WRITERS];
    assert_ok(s, writer_books_count(s, &writers, counts));
    assert_ok(s, writer_books_sum(s, &writers, years, BOOK.year));
    assert_ok(s, writer_books_sum(s, &writers, prices, BOOK.price));
    assert_ok(s, writer_liked_count(s, &writers, counts + 0));
    assert_ok(s, furrow_expect_statements(s, 5));
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(counts[i], 0);
        assert_int_equal(years[i], i ? 3 * 1900 + 3 : 0);
        assert_int_equal(prices[i].unscaled, i ? 9 * i + 3 : 0);
        assert_int_equal(prices[i].scale, 2);
        assert_false(writer_books_is_loaded(s, writers.items[i]));
    }
    assert_ok(s, writer_books_count(s, &writers, counts));
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(counts[i], i ? BOOKS : 0);
    /* With a condition, only the matching rows are counted. */
    assert_ok(s, writer_books_count(s, &writers, counts, .where = {furrow_ne(BOOK.year, 1900)}));
    assert_ok(s, writer_books_sum(
                     s, &writers, years, BOOK.year,
                     .where = {furrow_any(furrow_eq(BOOK.year, 1901),
                                          furrow_gt(BOOK.price, ((furrow_decimal){1000, 0})))}));
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(counts[i], i ? BOOKS - 1 : 0);
        assert_int_equal(years[i], i ? 1901 : 0);
    }
    assert_ok(s, writer_books_count(s, &writers, counts, .where = {furrow_has(BOOK.cover)}));
    assert_int_equal(counts[1], BOOKS - 1);
    struct writer_books_sum_options o = {
        .s = s, .rows = &writers, .out = prices, .column = furrow_col(BOOK.price)};
    furrow_add(o.where, furrow_eq(BOOK.title, "another"));
    assert_ok(s, writer_books_sum_using(&o));
    assert_true(prices[1].unscaled == 0 && prices[1].scale == 2);
    assert_refused(s, FURROW_INVALID,
                   "a condition on column \"name\" of model \"writer\" in a query of model "
                   "\"book\"",
                   writer_books_count(s, &writers, counts, .where = {furrow_eq(WRITER.name, "a")}));
    assert_int_equal(counts[1], 0);
    assert_refused(s, FURROW_INVALID,
                   "relationship \"books\" of model \"writer\": a row or the result is NULL",
                   writer_books_count(s, NULL, counts));
    assert_status(s, FURROW_INVALID, writer_books_sum(s, NULL, years, BOOK.year));
}

static void test_count_of__is_a_condition_and_an_order(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct writer_list writers;
    assert_ok(s, writer_find(s, &writers, .where = {furrow_eq(furrow_count_of(WRITER.books), 0)}));
    assert_int_equal(writers.count, 1);
    assert_ok(s, writer_find(s, &writers, .limit = 2,
                             .order_by = {furrow_asc(furrow_count_of(WRITER.books)),
                                          furrow_asc(WRITER.id)}));
    assert_ok(s, furrow_expect_statements(s, 2));
    assert_int_equal(writer_books(s, writers.items[0])->count, 0);
    assert_int_equal(writer_books(s, writers.items[1])->count, BOOKS);
    int64_t bound;
    assert_ok(s, book_count(s, &bound, .where = {furrow_ge(furrow_count_of(BOOK.cover), 1)}));
    assert_int_equal(bound, WRITERS * (BOOKS - 1));
    assert_ok(s, book_count(s, &bound, .where = {furrow_eq(furrow_count_of(BOOK.writer), 0)}));
    assert_int_equal(bound, BOOKS);
    assert_ok(s, book_count(s, &bound, .where = {furrow_eq(furrow_count_of(BOOK.genres), 0)}));
    assert_int_equal(bound, WRITERS * BOOKS);
}

static void test_links__take_the_items_of_a_list(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct genre rows[] = {{.name = "novel"}, {.name = "essay"}, {.name = "poem"}};
    assert_ok(s, genre_insert_many(s, rows, 3));
    struct genre_list genres;
    struct book *book;
    assert_ok(s, genre_find(s, &genres, .order_by = {furrow_asc(GENRE.id)}));
    assert_ok(s, book_first(s, &book));
    uint64_t before = furrow_session_stats(s).statements;

    assert_ok(s, book_genres_add(s, book, genres.items, genres.count));
    assert_ok(s, book_genres_add(s, book, genres.items, 1));
    assert_int_equal(furrow_session_stats(s).statements - before, 2);
    assert_false(book_genres_is_loaded(s, book));
    assert_int_equal(book_genres(s, book)->count, 3);

    assert_ok(s, book_genres_remove(s, book, genres.items, 2));
    assert_int_equal(book_genres(s, book)->count, 1);
    assert_string_equal(book->genres.items[0]->name, "poem");

    struct genre *const one[] = {genres.items[1]};
    assert_ok(s, book_genres_set(s, book, one, 1));
    assert_int_equal(book_genres(s, book)->count, 1);
    assert_string_equal(book->genres.items[0]->name, "essay");

    /* Links can also be changed from the other end. They can connect rows with keys of several
     * columns. */
    struct book_list books;
    assert_ok(s, book_find(s, &books));
    assert_ok(s, genre_books_add(s, genres.items[0], books.items, books.count));
    assert_ok(s, genre_books_remove(s, genres.items[0], books.items, 1));
    assert_int_equal(genre_books(s, genres.items[0])->count, WRITERS * BOOKS - 1);
    assert_ok(s, genre_books_set(s, genres.items[0], NULL, 0));
    assert_int_equal(genre_books(s, genres.items[0])->count, 0);
    assert_true(genre_books_is_loaded(s, genres.items[0]));
    struct zone zone = {"de", 7, "zone"};
    struct zone *const zones[] = {&zone};
    assert_ok(s, zone_insert(s, &zone));
    assert_ok(s, book_zones_add(s, book, zones, 1));
    assert_string_equal(book_zones(s, book)->items[0]->name, "zone");
    int64_t counts[WRITERS * BOOKS], numbers[WRITERS * BOOKS];
    assert_ok(s, book_zones_count(s, &books, counts));
    assert_ok(s, book_zones_sum(s, &books, numbers, ZONE.number));
    int64_t count = 0, number = 0;
    for (size_t i = 0; i < books.count; i++) {
        count += counts[i];
        number += numbers[i];
    }
    assert_int_equal(count, 1);
    assert_int_equal(number, 7);
    assert_ok(s, furrow_commit(s));
}

static void test_insert_with__carries_keys(void **state)
{
    (void)state;
    create_fresh(&library_schema);
    furrow_session *s = open_session();
    struct genre novel = {.name = "novel"};
    struct genre *genres[] = {&novel};
    struct cover cover = {.color = "blue"};
    struct book books[] = {{.title = "a", .cover = &cover, .genres = {genres, 1, false}},
                           {.title = "b", .genres = {genres, 1, false}}};
    struct book *items[] = {&books[0], &books[1]};
    struct writer writer = {.name = "w", .books = {items, 2, false}};
    assert_ok(s, writer_insert_with(s, &writer, furrow_load(WRITER.books, BOOK.cover),
                                    furrow_load(WRITER.books, BOOK.genres)));
    assert_true(writer.id && books[0].writer_id.value == writer.id && cover.book_id == books[0].id);

    struct writer more[] = {{.name = "x"}, {.name = "y"}};
    struct book one = {.title = "c"};
    struct book *of_y[] = {&one};
    more[1].books = (struct book_list){of_y, 1, false};
    assert_ok(s, writer_insert_many_with(s, more, 2, furrow_load(WRITER.books)));
    assert_int_equal(one.writer_id.value, more[1].id);
    assert_ok(s, furrow_commit(s));

    struct writer_list found;
    assert_ok(s, writer_find(s, &found, .order_by = {furrow_asc(WRITER.id)},
                             .with = {furrow_load(WRITER.books, BOOK.genres)}));
    assert_int_equal(found.count, 3);
    assert_int_equal(found.items[0]->books.count, 2);
    assert_ptr_equal(found.items[0]->books.items[0]->genres.items[0],
                     found.items[0]->books.items[1]->genres.items[0]);
    assert_int_equal(found.items[1]->books.count, 0);
    assert_string_equal(found.items[2]->books.items[0]->title, "c");
    assert_refused(s, FURROW_INVALID, "insert_with of model \"writer\": the rows are NULL",
                   writer_insert_with(s, NULL, furrow_load(WRITER.books)));
}

static void test_links__make_both_ends_not_loaded(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    struct genre g[] = {{.name = "a"}, {.name = "b"}};
    assert_ok(s, genre_insert_many(s, g, 2));
    struct genre_list genres;
    struct book_list books;
    assert_ok(s, genre_find(s, &genres, .with = {furrow_load(GENRE.books)}));
    assert_ok(s, book_find(s, &books, .limit = 2, .with = {furrow_load(BOOK.genres)}));
    assert_int_equal(genre_books(s, genres.items[0])->count, 0);
    assert_ok(s, book_genres_add(s, books.items[0], genres.items, 1));
    assert_int_equal(genre_books(s, genres.items[0])->count, 1);
    assert_true(genre_books_is_loaded(s, genres.items[1]));
    assert_ok(s, genre_books_remove(s, genres.items[0], books.items, 2));
    assert_int_equal(book_genres(s, books.items[0])->count, 0);
    assert_int_equal(genre_books(s, genres.items[0])->count, 0);
    assert_ok(s, book_genres_set(s, books.items[1], genres.items, 2));
    furrow_each (struct genre, genre, genres)
        assert_int_equal(genre_books(s, genre)->count, 1);
}

/* furrow_has and furrow_none can be used without conditions. */
static void test_has__without_conditions(void **state)
{
    (void)state;
    furrow_session *s = shelves();
    int64_t count;
    assert_ok(s, writer_count(s, &count, .where = {furrow_has(WRITER.books)}));
    assert_int_equal(count, WRITERS - 1);
    assert_ok(s, writer_count(s, &count, .where = {furrow_none(WRITER.books)}));
    assert_int_equal(count, 1);
    assert_ok(s, writer_count(s, &count, .where = {furrow_every(WRITER.books)}));
    assert_int_equal(count, WRITERS);
    assert_ok(s,
              writer_count(s, &count,
                           .where = {furrow_any(furrow_none(WRITER.books, furrow_has(BOOK.cover)),
                                                furrow_none(WRITER.books)),
                                     furrow_eq(WRITER.name, "even")}));
    assert_int_equal(count, 1);
    assert_ok(s, book_count(s, &count,
                            .where = {furrow_none(BOOK.cover),
                                      furrow_has(BOOK.writer, furrow_every(WRITER.books))}));
    assert_int_equal(count, WRITERS - 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accessors__load_for_the_whole_result),
        cmocka_unit_test(test_accessors__distinguish_no_row_from_not_loaded),
        cmocka_unit_test(test_accessors__load_for_a_single_row),
        cmocka_unit_test(test_accessors__follow_a_key_that_was_changed),
        cmocka_unit_test(test_accessors__never_give_null_for_a_list),
        cmocka_unit_test(test_links__make_both_ends_not_loaded),
        cmocka_unit_test(test_has__without_conditions),
        cmocka_unit_test(test_load__runs_one_statement_for_each_step),
        cmocka_unit_test(test_stream__keeps_the_values_of_its_paths),
        cmocka_unit_test(test_get__loads_paths),
        cmocka_unit_test(test_get__fails_if_its_paths_cannot_be_loaded),
        cmocka_unit_test(test_numbers__are_computed_without_loading),
        cmocka_unit_test(test_count_of__is_a_condition_and_an_order),
        cmocka_unit_test(test_links__take_the_items_of_a_list),
        cmocka_unit_test(test_insert_with__carries_keys),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
