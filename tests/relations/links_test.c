/* SPDX-License-Identifier: MIT
 *
 * Links can be added, removed and set. Related rows can be counted and summed, used in conditions
 * and orders, and inserted together with a row. The tests also check the number of statements. */
#include "conformance.h"
#include "library.furrow.h"
#include "related.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Returns the model's relation with the name `field`. */
static const furrow_relation *relation(const furrow_model *model, const char *field)
{
    for (size_t i = 0; i < model->relation_count; i++)
        if (strcmp(model->relations[i].field, field) == 0)
            return &model->relations[i];
    fail_msg("no relation %s", field);
    return NULL;
}

static furrow_session *fresh(void)
{
    create_fresh(&library_schema);
    return open_session();
}

static struct book new_book(furrow_session *s, const char *title)
{
    struct book b = {.title = title};
    assert_ok(s, book_insert(s, &b));
    return b;
}

static void new_genres(furrow_session *s, struct genre *genres, size_t count)
{
    static char names[8][32];
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "genre %zu", i);
        genres[i] = (struct genre){.name = names[i]};
    }
    assert_ok(s, genre_insert_many(s, genres, count));
}

static int64_t links_of(furrow_session *s, const struct book *b)
{
    int64_t count;
    assert_ok(s, book_genre_count(s, &count, .where = {furrow_eq(BOOK_GENRE.book_id, b->id)}));
    return count;
}

static void test_links__add_is_idempotent(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    const furrow_relation *r = relation(&book_model, "genres");
    struct book b = new_book(s, "a"), other = new_book(s, "b");
    struct genre g[3];
    new_genres(s, g, 3);
    void *first[] = {&g[0], &g[1]}, *all[] = {&g[1], &g[2], &g[2], &g[0]};
    furrow_expect_statements(s, 0);
    assert_ok(s, furrow_links_add(s, r, &b, first, 2));
    assert_ok(s, furrow_expect_statements(s, 1));
    assert_int_equal(links_of(s, &b), 2);
    struct book_genre_list before, after;
    assert_ok(s, book_genre_find(s, &before, .order_by = {furrow_asc(BOOK_GENRE.genre_id)}));
    assert_true(before.items[0]->added_at.us > 0);
    furrow_expect_statements(s, 0);
    assert_ok(s, furrow_links_add(s, r, &b, all, 4));
    assert_ok(s, furrow_links_add(s, r, &b, NULL, 0));
    assert_ok(s, furrow_expect_statements(s, 1));
    assert_int_equal(links_of(s, &b), 3);
    assert_int_equal(links_of(s, &other), 0);
    /* Adding links does not change existing links. */
    assert_ok(s, book_genre_find(s, &after, .order_by = {furrow_asc(BOOK_GENRE.genre_id)}));
    assert_true(before.items[0]->added_at.us == after.items[0]->added_at.us);
    assert_ok(s, furrow_commit(s));
}

static void test_links__remove_and_set(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    const furrow_relation *r = relation(&book_model, "genres");
    struct book b = new_book(s, "a"), other = new_book(s, "b");
    struct genre g[4];
    new_genres(s, g, 4);
    void *some[] = {&g[0], &g[1], &g[2]}, *two[] = {&g[1], &g[3]};
    assert_ok(s, furrow_links_add(s, r, &b, some, 3));
    assert_ok(s, furrow_links_add(s, r, &other, some, 3));
    furrow_expect_statements(s, 0);
    assert_ok(s, furrow_links_remove(s, r, &b, two, 2));
    assert_ok(s, furrow_links_remove(s, r, &b, two, 2));
    assert_ok(s, furrow_expect_statements(s, 2));
    assert_int_equal(links_of(s, &b), 2);
    assert_ok(s, furrow_links_set(s, r, &b, two, 2));
    assert_ok(s, furrow_expect_statements(s, is_postgresql() ? 2 : 3));
    struct book_genre_list links;
    assert_ok(s, book_genre_find(s, &links, .where = {furrow_eq(BOOK_GENRE.book_id, b.id)},
                                 .order_by = {furrow_asc(BOOK_GENRE.genre_id)}));
    assert_int_equal(links.count, 2);
    assert_true(links.items[0]->genre_id == g[1].id && links.items[1]->genre_id == g[3].id);
    assert_int_equal(links_of(s, &other), 3);
    assert_ok(s, furrow_links_set(s, r, &b, NULL, 0));
    assert_int_equal(links_of(s, &b), 0);
    assert_int_equal(links_of(s, &other), 3);
}

/* After the links have changed, the list is loaded again. */
static void test_links__make_the_list_not_loaded(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    const furrow_relation *r = relation(&book_model, "genres");
    struct book b = new_book(s, "a");
    struct genre g[2];
    new_genres(s, g, 2);
    void *both[] = {&g[0], &g[1]};
    assert_ok(s, furrow_relation_load(s, r, &b));
    assert_true(b.genres.loaded && b.genres.count == 0);
    assert_ok(s, furrow_links_add(s, r, &b, both, 2));
    assert_false(b.genres.loaded);
    assert_ok(s, furrow_relation_load(s, r, &b));
    assert_int_equal(b.genres.count, 2);
}

/* Tests a link model without a unique constraint on its two foreign keys, and keys of several
 * columns. */
static void test_links__work_with_composite_keys(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    const furrow_relation *liked = relation(&writer_model, "liked");
    const furrow_relation *zones = relation(&book_model, "zones");
    struct writer w = {.name = "w"};
    assert_ok(s, writer_insert(s, &w));
    struct book a = new_book(s, "a"), b = new_book(s, "b");
    void *twice[] = {&a, &b, &a};
    int64_t count;
    assert_ok(s, furrow_links_add(s, liked, &w, twice, 3));
    assert_ok(s, furrow_links_add(s, liked, &w, twice, 3));
    assert_ok(s, liking_count(s, &count));
    assert_int_equal(count, 2);
    assert_ok(s, furrow_links_set(s, liked, &w, twice + 1, 1));
    assert_ok(s, liking_count(s, &count));
    assert_int_equal(count, 1);

    struct zone z[] = {{"de", 1, "x"}, {"de", 2, "y"}, {"fr", 1, "z"}};
    assert_ok(s, zone_insert_many(s, z, 3));
    void *all[] = {&z[0], &z[1], &z[2]};
    assert_ok(s, furrow_links_add(s, zones, &a, all, 3));
    assert_ok(s, furrow_links_add(s, zones, &a, all, 2));
    assert_ok(s, book_zone_count(s, &count));
    assert_int_equal(count, 3);
    assert_ok(s, furrow_links_remove(s, zones, &a, all + 1, 1));
    assert_ok(s, furrow_links_set(s, zones, &a, all + 1, 2));
    struct book_zone_list left;
    assert_ok(s, book_zone_find(s, &left, .order_by = {furrow_asc(BOOK_ZONE.country)}));
    assert_int_equal(left.count, 2);
    assert_string_equal(left.items[0]->country, "de");
    assert_int_equal(left.items[0]->number, 2);
}

static void test_links__work_with_keys_that_share_a_column(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct guest guests[] = {{.house = 1, .id = 1}, {.house = 2, .id = 1}};
    struct meal meals[] = {{1, 1}, {1, 2}, {2, 1}};
    struct meal *const here[] = {&meals[0], &meals[1], &meals[0]}, *const mixed[] = {&meals[2],
                                                                                     &meals[1]};
    assert_ok(s, guest_insert_many(s, guests, 2));
    assert_ok(s, meal_insert_many(s, meals, 3));
    assert_ok(s, guest_meals_add(s, &guests[0], here, 3));
    assert_ok(s, guest_meals_add(s, &guests[0], here, 2));
    assert_ok(s, guest_meals_add(s, &guests[1], mixed, 1));
    assert_ok(s, furrow_commit(s));
    struct guest_list list;
    assert_ok(s, guest_find(s, &list, .order_by = {furrow_asc(GUEST.house)},
                            .with = {furrow_load(GUEST.meals)}));
    assert_true(list.items[0]->meals.count == 2 && list.items[1]->meals.count == 1);
    assert_true(list.items[0]->meals.items[1]->id == 2 &&
                list.items[1]->meals.items[0]->house == 2);
    int64_t counts[2];
    assert_ok(s, guest_meals_count(s, &list, counts));
    assert_true(counts[0] == 2 && counts[1] == 1);
    assert_ok(s, guest_meals_set(s, &guests[0], here + 1, 1));
    assert_int_equal(guest_meals(s, &guests[0])->count, 1);
    assert_ok(s, guest_meals_remove(s, &guests[0], here + 1, 1));
    int64_t count;
    assert_ok(s, serving_count(s, &count));
    assert_int_equal(count, 1);
    assert_refused(s, FURROW_INVALID,
                   "links of \"meals\" of model \"guest\": target 2 has another \"house\"",
                   guest_meals_add(s, &guests[1], mixed, 2));
}

static void test_links__refuse_mistakes(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct book b = new_book(s, "a");
    void *null[] = {NULL};
    assert_refused(s, FURROW_INVALID, "relation \"books\" of model \"writer\" has no links",
                   furrow_links_add(s, relation(&writer_model, "books"), &b, null, 1));
    assert_refused(s, FURROW_INVALID, "links of \"genres\" of model \"book\": target 1 is NULL",
                   furrow_links_add(s, relation(&book_model, "genres"), &b, null, 1));
    /* A link cannot be added if the link model has an additional column that is NOT NULL and has no
     * default. */
    furrow_column columns[3];
    memcpy(columns, book_genre_model.columns, sizeof columns);
    columns[2].default_ = NULL;
    furrow_model link = book_genre_model;
    link.columns = columns;
    furrow_relation r = *relation(&book_model, "genres");
    r.link = &link;
    struct genre g = {.id = 1, .name = "g"};
    void *one[] = {&g};
    assert_refused(s, FURROW_INVALID,
                   "\"book_genre\".\"added_at\" has no default, so links of \"genres\" cannot be "
                   "inserted",
                   furrow_links_add(s, &r, &b, one, 1));
}

static void test_relation__counts_and_sums_for_each(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct writer w[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    assert_ok(s, writer_insert_many(s, w, 3));
    struct book b[5] = {
        {.title = "1"}, {.title = "2"}, {.title = "3"}, {.title = "4"}, {.title = "5"}};
    for (int i = 0; i < 5; i++) {
        furrow_put(b[i].writer_id, w[i < 3 ? 0 : 2].id);
        b[i].price = (furrow_decimal){100 + i, 2};
        if (i != 4)
            furrow_put(b[i].year, 2000 + i);
    }
    assert_ok(s, book_insert_many(s, b, 5));
    const furrow_relation *books = relation(&writer_model, "books");
    void *rows[] = {&w[0], &w[1], &w[2], &w[0]};
    int64_t counts[4], years[4];
    furrow_decimal prices[4];
    furrow_expect_statements(s, 0);
    assert_ok(s, count_related(s, books, counts, rows, 4));
    assert_ok(s, sum_related(s, books, years, BOOK.year, rows, 4));
    assert_ok(s, sum_related(s, books, prices, BOOK.price, rows, 4));
    assert_ok(s, furrow_expect_statements(s, 3));
    const int64_t wanted[] = {3, 0, 2, 3}, sums[] = {6003, 0, 2003, 6003};
    const int64_t cents[] = {303, 0, 207, 303};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(counts[i], wanted[i]);
        assert_int_equal(years[i], sums[i]);
        assert_int_equal(prices[i].unscaled, cents[i]);
        assert_int_equal(prices[i].scale, 2);
    }
    /* Counts of rows linked through a link model, counts of to-one relationships, and counts for
     * rows without related rows. */
    struct genre g[2];
    new_genres(s, g, 2);
    void *both[] = {&g[0], &g[1]}, *some_books[] = {&b[0], &b[1], &b[4]};
    assert_ok(s, furrow_links_add(s, relation(&book_model, "genres"), &b[1], both, 2));
    assert_ok(s, count_related(s, relation(&book_model, "genres"), counts, some_books, 3));
    assert_true(counts[0] == 0 && counts[1] == 2 && counts[2] == 0);
    b[4].writer_id.has = false;
    assert_ok(s, count_related(s, relation(&book_model, "writer"), counts, some_books, 3));
    assert_true(counts[0] == 1 && counts[1] == 1 && counts[2] == 0);
    assert_ok(s, count_related(s, books, NULL, NULL, 0));
    assert_refused(
        s, FURROW_INVALID,
        "relationship \"books\" of model \"writer\": column \"title\" of model \"book\" is not "
        "a number",
        sum_related(s, books, years, BOOK.title, rows, 4));
    assert_refused(
        s, FURROW_INVALID,
        "relationship \"books\" of model \"writer\": column \"id\" of model \"writer\" is not a "
        "column of model \"book\"",
        sum_related(s, books, years, WRITER.id, rows, 4));
}

/* If a pair is linked twice, the target row is in the list once and is counted once. */
static void test_relation__counts_a_row_once(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct writer w[2] = {{.name = "a"}, {.name = "b"}}, none = {.name = "c"};
    struct book b[2] = {{.title = "1", .price = {100, 2}}, {.title = "2", .price = {205, 2}}};
    furrow_put(b[0].year, 1990);
    furrow_put(b[1].year, 1991);
    assert_ok(s, writer_insert_many(s, w, 2));
    assert_ok(s, writer_insert(s, &none));
    assert_ok(s, book_insert_many(s, b, 2));
    struct liking twice[] = {{.writer_id = w[0].id, .book_id = b[0].id},
                             {.writer_id = w[0].id, .book_id = b[0].id},
                             {.writer_id = w[0].id, .book_id = b[1].id},
                             {.writer_id = w[1].id, .book_id = b[0].id},
                             {.writer_id = w[1].id, .book_id = b[0].id}};
    assert_ok(s, liking_insert_many(s, twice, COUNT(twice)));
    struct writer_list list;
    assert_ok(s, writer_find(s, &list, .order_by = {furrow_asc(WRITER.id)},
                             .with = {furrow_load(WRITER.liked)}));
    const int64_t wanted[] = {2, 1, 0}, years[] = {3981, 1990, 0}, cents[] = {305, 100, 0};
    int64_t counts[3], sums[3];
    furrow_decimal prices[3];
    assert_ok(s, writer_liked_count(s, &list, counts));
    assert_ok(s, writer_liked_sum(s, &list, sums, BOOK.year));
    assert_ok(s, writer_liked_sum(s, &list, prices, BOOK.price));
    int64_t matching[3];
    assert_ok(s, writer_liked_count(s, &list, matching, .where = {furrow_eq(BOOK.year, 1991)}));
    assert_true(matching[0] == 1 && matching[1] == 0 && matching[2] == 0);
    for (size_t i = 0; i < 3; i++) {
        int64_t found;
        assert_int_equal(list.items[i]->liked.count, wanted[i]);
        assert_int_equal(counts[i], wanted[i]);
        assert_int_equal(sums[i], years[i]);
        assert_int_equal(prices[i].unscaled, cents[i]);
        assert_ok(s, writer_count(s, &found,
                                  .where = {furrow_eq(WRITER.id, list.items[i]->id),
                                            furrow_eq(furrow_count_of(WRITER.liked), wanted[i])}));
        assert_int_equal(found, 1);
    }
    assert_ok(s, writer_find(s, &list, .order_by = {furrow_asc(furrow_count_of(WRITER.liked))}));
    assert_string_equal(list.items[0]->name, "c");
    assert_string_equal(list.items[2]->name, "a");

    /* The target's key has two columns, and the link model has no unique constraint on its foreign
     * keys. */
    furrow_model link = book_zone_model;
    const uint16_t of_none[] = {3}; /* this constraint contains a column that is in neither of the
                                       two foreign keys */
    link.primary_key = of_none;
    link.primary_key_count = 1;
    const uint16_t keys[] = {0, 1, 2}; /* this unique index is partial, so other rows can still
                                          contain a pair twice */
    const furrow_index some = {
        .name = "some", .columns = keys, .count = 3, .unique = true, .where = "number > 9"};
    link.indexes = &some;
    link.index_count = 1;
    furrow_relation zones = *relation(&book_model, "zones");
    zones.link = &link;
    struct zone z[] = {{"de", 1, "x"}, {"de", 2, "y"}, {"fr", 1, "z"}};
    assert_ok(s, zone_insert_many(s, z, 3));
    assert_ok(s, furrow_exec(s, "DROP TABLE book_zone"));
    assert_ok(s, furrow_exec(s, "CREATE TABLE book_zone (book_id BIGINT, country VARCHAR(2), "
                                "number INT)"));
    assert_ok(
        s, furrow_exec(s, "INSERT INTO book_zone SELECT b.id, z.country, z.number FROM "
                          "book AS b JOIN zone AS z ON z.number = 1 JOIN zone AS twice ON true"));
    void *rows[] = {&b[0], &b[1]};
    assert_ok(s, count_related(s, &zones, counts, rows, 2));
    assert_ok(s, sum_related(s, &zones, sums, ZONE.number, rows, 2));
    assert_true(counts[0] == 2 && counts[1] == 2 && sums[0] == 2 && sums[1] == 2);
    furrow_relation relations[8];
    memcpy(relations, book_model.relations, book_model.relation_count * sizeof *relations);
    relations[zones.index] = zones;
    furrow_model book = book_model;
    book.relations = relations;
    furrow_column number = *BOOK.zones.relation->count_column;
    number.model = &book;
    struct book_find_options o = {.s = s};
    struct book_list books;
    o.out = &books;
    o.where[0] = furrow_eq((furrow_int64_column){&number}, 2);
    assert_ok(s, furrow_model_find(&book, sizeof o, &o));
    assert_int_equal(books.count, 2);
    assert_ok(s, furrow_rollback(s));
}

static furrow_column made[4];

/* Returns the same as furrow_count_of. If the model has no column for this count, the function
 * makes the column. */
static furrow_int64_column count_of(const furrow_relation *r, int place)
{
    if (r->count_column)
        return (furrow_int64_column){r->count_column};
    made[place] = (furrow_column){.name = r->field,
                                  .field = r->field,
                                  .model = r->model,
                                  .type = FURROW_TYPE_INT64,
                                  .flags = FURROW_COLUMN_COUNT,
                                  .index = r->index,
                                  .size = 8};
    return (furrow_int64_column){&made[place]};
}

static void test_relation__count_is_a_number_in_queries(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct writer w[3] = {{.name = "none"}, {.name = "two"}, {.name = "one"}};
    assert_ok(s, writer_insert_many(s, w, 3));
    struct book b[3] = {{.title = "1"}, {.title = "2"}, {.title = "3"}};
    furrow_put(b[0].writer_id, w[1].id);
    furrow_put(b[1].writer_id, w[1].id);
    furrow_put(b[2].writer_id, w[2].id);
    assert_ok(s, book_insert_many(s, b, 3));
    struct genre g[2];
    new_genres(s, g, 2);
    void *both[] = {&g[0], &g[1]};
    assert_ok(s, furrow_links_add(s, relation(&book_model, "genres"), &b[2], both, 2));
    furrow_int64_column books = count_of(relation(&writer_model, "books"), 0);
    furrow_int64_column genres = count_of(relation(&book_model, "genres"), 1);
    struct writer_list list;
    assert_ok(s, writer_find(s, &list, .order_by = {furrow_desc(books)}));
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0]->name, "two");
    assert_string_equal(list.items[2]->name, "none");
    assert_ok(
        s, writer_find(s, &list, .where = {furrow_ge(books, 1)}, .order_by = {furrow_asc(books)}));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0]->name, "one");
    assert_ok(s, writer_find(s, &list, .where = {furrow_has(WRITER.books, furrow_eq(genres, 2))}));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0]->name, "one");
    int64_t some[] = {0, 2};
    uint64_t changed;
    assert_ok(s, writer_find(s, &list, .where = {furrow_in(books, some, 2)}));
    assert_int_equal(list.count, 2);
    assert_ok(s, writer_update_where(s, .set = {furrow_set(WRITER.country, "xx")},
                                     .where = {furrow_between(books, 1, 5)}, .changed = &changed));
    assert_int_equal(changed, 2);
    assert_refused(s, FURROW_INVALID,
                   "an assignment to the count of \"books\", which model \"writer\" does not store "
                   "as a column",
                   writer_update_where(s, .set = {furrow_set(books, 1)}, .all_rows = true));
}

static void test_relation__orders_through_to_one(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct writer w[2] = {{.name = "b", .country = "x"}, {.name = "a"}};
    assert_ok(s, writer_insert_many(s, w, 2));
    struct book b[3] = {{.title = "of b"}, {.title = "of a"}, {.title = "of none"}};
    furrow_put(b[0].writer_id, w[0].id);
    furrow_put(b[1].writer_id, w[1].id);
    assert_ok(s, book_insert_many(s, b, 3));
    furrow_relation_ref writer = BOOK.writer;
    struct book_list list;
    assert_ok(s, book_find(s, &list, .order_by = {furrow_asc_through(writer, WRITER.name)}));
    assert_string_equal(list.items[0]->title, "of none");
    assert_string_equal(list.items[1]->title, "of a");
    assert_ok(s, book_find(s, &list, .order_by = {furrow_desc_through(writer, WRITER.name)}));
    assert_string_equal(list.items[0]->title, "of b");
    assert_string_equal(list.items[2]->title, "of none");
    assert_ok(s, book_find(s, &list,
                           .order_by = {furrow_desc_through(
                                            writer, count_of(relation(&writer_model, "books"), 0)),
                                        furrow_asc(BOOK.id)}));
    assert_string_equal(list.items[0]->title, "of b");
    assert_refused(s, FURROW_INVALID,
                   "order by column \"id\" of model \"genre\" through relation \"writer\", which "
                   "leads to model \"writer\"",
                   book_find(s, &list, .order_by = {furrow_asc_through(writer, GENRE.id)}));
    assert_refused(s, FURROW_INVALID,
                   "order by relation \"writer\" of model \"book\" in a query of model \"genre\"",
                   genre_find(s, (struct genre_list *)&list,
                              .order_by = {furrow_asc_through(writer, WRITER.id)}));
    assert_refused(
        s, FURROW_INVALID,
        "order by a column of relation \"genres\" of model \"book\", which leads to many "
        "rows of model \"genre\"",
        book_find(s, &list, .order_by = {furrow_asc_through(BOOK.genres, GENRE.id)}));
}

static void test_insert__carries_keys(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct genre g[2] = {{.name = "g"}, {.name = "h"}};
    struct genre *of_first[] = {&g[0], &g[1]}, *of_second[] = {&g[1]};
    struct cover cover = {.color = "red"};
    struct book b[3] = {{.title = "1", .genres = {of_first, 2, false}, .cover = &cover},
                        {.title = "2", .genres = {of_second, 1, false}},
                        {.title = "3"}};
    struct book *of_a[] = {&b[0], &b[1]}, *of_b[] = {&b[2]};
    struct writer mentor = {.name = "mentor"};
    struct writer w[3] = {{.name = "a", .books = {of_a, 2, false}, .mentor = &mentor},
                          {.name = "b", .books = {of_b, 1, false}, .mentor = &mentor},
                          {.name = "c"}};
    furrow_path paths[] = {{.steps = {WRITER.books, BOOK.genres}},
                           {.steps = {WRITER.books, BOOK.cover}},
                           {.steps = {WRITER.mentor}}};
    furrow_expect_statements(s, 0);
    assert_ok(s, furrow_rows_insert(s, &writer_model, w, 3, (furrow_path_list){paths, 3}));
    assert_ok(s, furrow_commit(s));
    assert_true(mentor.id && w[0].mentor_id.has && w[0].mentor_id.value == mentor.id);
    assert_true(w[1].mentor_id.value == mentor.id && !w[2].mentor_id.has);
    assert_true(b[0].id && b[0].writer_id.value == w[0].id && b[2].writer_id.value == w[1].id);
    assert_true(cover.id && cover.book_id == b[0].id);
    assert_true(w[2].books.loaded && w[2].books.count == 0);
    struct writer_list list;
    assert_ok(s, writer_find(s, &list, .where = {furrow_ne(WRITER.name, "mentor")},
                             .order_by = {furrow_asc(WRITER.name)},
                             .with = {{.steps = {paths[0].steps[0], paths[0].steps[1]}},
                                      {.steps = {paths[2].steps[0]}}}));
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[0]->books.count, 2);
    assert_int_equal(list.items[0]->books.items[0]->genres.count, 2);
    assert_string_equal(list.items[1]->mentor->name, "mentor");
    int64_t count;
    assert_ok(s, writer_count(s, &count));
    assert_int_equal(count, 4);
    assert_ok(s, genre_count(s, &count));
    assert_int_equal(count, 2);
}

/* A hundred parents with ten children each are inserted with one statement for each table, if the
 * engine supports arrays. */
static void test_insert__runs_one_statement_for_each_table(void **state)
{
    (void)state;
    enum { PARENTS = 100, CHILDREN = 10 };
    static struct writer w[PARENTS];
    static struct book b[PARENTS * CHILDREN], *of[PARENTS][CHILDREN];
    furrow_session *s = fresh();
    memset(w, 0, sizeof w);
    memset(b, 0, sizeof b);
    for (int i = 0; i < PARENTS; i++) {
        w[i].name = "w";
        w[i].books = (struct book_list){of[i], CHILDREN, false};
        for (int k = 0; k < CHILDREN; k++) {
            of[i][k] = &b[(k * PARENTS) + i];
            of[i][k]->title = "t";
        }
    }
    furrow_path path = {.steps = {WRITER.books}};
    uint64_t before = furrow_session_stats(s).statements;
    assert_ok(s, furrow_rows_insert(s, &writer_model, w, PARENTS, (furrow_path_list){&path, 1}));
    assert_true(furrow_session_stats(s).statements - before <= 8);
    for (int i = 0; i < PARENTS; i++)
        for (int k = 0; k < CHILDREN; k++)
            assert_true(of[i][k]->writer_id.value == w[i].id);
    int64_t counts[PARENTS];
    void *rows[PARENTS];
    for (int i = 0; i < PARENTS; i++)
        rows[i] = &w[i];
    assert_ok(s, count_related(s, path.steps[0].relation, counts, rows, PARENTS));
    for (int i = 0; i < PARENTS; i++)
        assert_int_equal(counts[i], CHILDREN);
}

static void test_insert__refuses_paths(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct writer w = {.name = "w"};
    furrow_path path = {.steps = {BOOK.genres}};
    assert_refused(
        s, FURROW_INVALID,
        "relation \"genres\" of model \"book\" cannot begin a path from model \"writer\"",
        furrow_rows_insert(s, &writer_model, &w, 1, (furrow_path_list){&path, 1}));
    path = (furrow_path){.steps = {WRITER.books}, .limit = 1};
    assert_refused(s, FURROW_INVALID,
                   "a path of insert_with of model \"writer\" has conditions, an order or a limit",
                   furrow_rows_insert(s, &writer_model, &w, 1, (furrow_path_list){&path, 1}));
    path = (furrow_path){.steps = {WRITER.books}};
    path.where[1] =
        furrow_eq(BOOK.title, "t"); /* the condition must be found after the empty slot */
    assert_refused(s, FURROW_INVALID,
                   "a path of insert_with of model \"writer\" has conditions, an order or a limit",
                   furrow_rows_insert(s, &writer_model, &w, 1, (furrow_path_list){&path, 1}));
    int64_t count;
    assert_ok(s, writer_count(s, &count));
    assert_int_equal(count, 0);
}

/* The database itself enforces the ON DELETE rules, so they also apply to raw SQL. */
static void test_delete__rules_also_apply_to_raw_sql(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct room rooms[4] = {{0}, {0}, {0}, {0}};
    assert_ok(s, room_insert_many(s, rooms, 4));
    struct lamp lamps[4];
    struct chair chairs[4];
    for (int i = 0; i < 4; i++) {
        lamps[i] = (struct lamp){.room_id = rooms[i].id};
        chairs[i] = (struct chair){.room_id = furrow_some(rooms[i].id)};
    }
    assert_ok(s, lamp_insert_many(s, lamps, 4));
    assert_ok(s, chair_insert_many(s, chairs, 4));
    struct plug plug = {.lamp_id = lamps[3].id};
    assert_ok(s, plug_insert(s, &plug));
    assert_ok(s, furrow_commit(s));

    assert_ok(s, room_delete(s, &rooms[0]));
    assert_ok(s, room_delete_where(s, .where = {furrow_eq(ROOM.id, rooms[1].id)}));
    assert_ok(s, furrow_exec(s, "DELETE FROM room WHERE id = ?", rooms[2].id));
    struct lamp_list left;
    assert_ok(s, lamp_find(s, &left));
    assert_int_equal(left.count, 1);
    assert_int_equal(left.items[0]->id, lamps[3].id);
    struct chair_list kept;
    assert_ok(s, chair_find(s, &kept, .order_by = {furrow_asc(CHAIR.id)}));
    assert_int_equal(kept.count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(kept.items[i]->room_id.has, i == 3);
    assert_ok(s, furrow_commit(s));

    /* A row that must not be deleted stops a cascade. No row is then deleted. */
    assert_refused(s, FURROW_FOREIGN_KEY, "\"lamp\": a row of \"plug\" still refers to this row",
                   lamp_delete(s, &lamps[3]));
    assert_string_equal(furrow_session_error(s)->constraint, "plug_lamp_id_fkey");
    assert_status(s, FURROW_FOREIGN_KEY, furrow_exec(s, "DELETE FROM lamp"));
    furrow_rollback(s);
    assert_status(s, FURROW_FOREIGN_KEY, room_delete(s, &rooms[3]));
    furrow_rollback(s);
    int64_t count;
    assert_ok(s, room_count(s, &count));
    assert_int_equal(count, 1);
    assert_ok(s, plug_delete(s, &plug));
    assert_ok(s, room_delete(s, &rooms[3]));
    assert_ok(s, lamp_count(s, &count));
    assert_int_equal(count, 0);
}

static void test_statements__can_be_counted_in_tests(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct book b = new_book(s, "a"), *again;
    assert_ok(s, furrow_expect_statements(s, 1));
    for (int i = 0; i < 3; i++)
        assert_ok(s, book_get(s, &again, b.id));
    assert_int_equal(furrow_expect_statements(s, 1), FURROW_INVALID);
    assert_string_equal(furrow_session_error(s)->message,
                        "expected 1 statement since the last furrow_expect_statements, but 3 ran");
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    assert_ok(s, furrow_expect_statements(s, 0));
    assert_ok(s, furrow_commit(s));
}

static int told;
static void tell(void *context, const furrow_repeat_event *event)
{
    assert_ptr_equal(context, &told);
    assert_non_null(strstr(event->sql, "SELECT"));
    assert_int_equal(event->count, 4);
    told++;
}

static void test_statements__that_repeat_are_reported_once(void **state)
{
    (void)state;
    furrow_session *s = fresh();
    struct book b = new_book(s, "a"), *again;
    assert_ok(s, furrow_commit(s));
    furrow_engine *watched;
    furrow_error error;
    assert_int_equal(furrow_engine_open(&watched, database_url, &error, .repeat_limit = 3,
                                        .repeat = tell, .repeat_context = &told),
                     FURROW_OK);
    told = 0;
    furrow_session *w = furrow_session_open(watched);
    for (int i = 0; i < 10; i++) {
        assert_ok(w, book_get(w, &again, b.id));
        assert_int_equal(told, i >= 3);
    }
    struct writer *none;
    for (int i = 0; i < 10; i++)
        assert_status(w, FURROW_NOT_FOUND, writer_get(w, &none, 1));
    assert_int_equal(told, 2);
    furrow_session_close(w);
    furrow_engine_close(watched);
}

/* Runs the same operations as tests/northstar/blog.c. */
static void check_three(size_t count)
{
    furrow_session *s = fresh();
    struct genre news = {.name = "news"};
    struct writer *writers = calloc(count, sizeof *writers);
    struct book *books = calloc(count, sizeof *books);
    struct book_genre *links = calloc(count, sizeof *links);
    assert_true(writers && books && links);
    assert_ok(s, genre_insert(s, &news));
    for (size_t i = 0; i < count; i++)
        writers[i].name = "a writer";
    assert_ok(s, writer_insert_many(s, writers, count));
    for (size_t i = 0; i < count; i++) {
        books[i].title = "a book";
        furrow_put(books[i].writer_id, writers[i].id);
    }
    assert_ok(s, book_insert_many(s, books, count));
    for (size_t i = 0; i < count; i++)
        links[i] = (struct book_genre){.book_id = books[i].id, .genre_id = news.id};
    assert_ok(s, book_genre_insert_many(s, links, count));
    struct writer_list found;
    furrow_expect_statements(s, 0);
    assert_ok(s, writer_find(s, &found, .with = {furrow_load(WRITER.books, BOOK.genres)}));
    assert_ok(s, furrow_expect_statements(s, 3));
    assert_int_equal(found.count, count);
    furrow_each (struct writer, w, found) {
        assert_int_equal(w->books.count, 1);
        assert_int_equal(w->books.items[0]->genres.count, 1);
        assert_ptr_equal(w->books.items[0]->genres.items[0],
                         found.items[0]->books.items[0]->genres.items[0]);
    }
    close_session(s);
    free(writers);
    free(books);
    free(links);
}

static void test_statements__are_three_for_two_and_for_2000_rows(void **state)
{
    (void)state;
    check_three(2);
    check_three(2000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links__add_is_idempotent),
        cmocka_unit_test(test_links__remove_and_set),
        cmocka_unit_test(test_links__make_the_list_not_loaded),
        cmocka_unit_test(test_links__work_with_composite_keys),
        cmocka_unit_test(test_links__work_with_keys_that_share_a_column),
        cmocka_unit_test(test_links__refuse_mistakes),
        cmocka_unit_test(test_relation__counts_and_sums_for_each),
        cmocka_unit_test(test_relation__counts_a_row_once),
        cmocka_unit_test(test_relation__count_is_a_number_in_queries),
        cmocka_unit_test(test_relation__orders_through_to_one),
        cmocka_unit_test(test_insert__carries_keys),
        cmocka_unit_test(test_insert__runs_one_statement_for_each_table),
        cmocka_unit_test(test_insert__refuses_paths),
        cmocka_unit_test(test_delete__rules_also_apply_to_raw_sql),
        cmocka_unit_test(test_statements__can_be_counted_in_tests),
        cmocka_unit_test(test_statements__that_repeat_are_reported_once),
        cmocka_unit_test(test_statements__are_three_for_two_and_for_2000_rows),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
