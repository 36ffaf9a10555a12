/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.furrow.h"
#include "workload.h"

enum { SEEDED = 12 };

bool workload_has_large_rows;

static furrow_engine *open_engine(const char *url)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error))
        fprintf(stderr, "workload: %s\n", error.message);
    return engine;
}

static bool finish(furrow_session *s)
{
    furrow_status status = furrow_commit(s);
    if (status)
        fprintf(stderr, "workload: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    return status == FURROW_OK;
}

bool workload_reset(const char *url)
{
    furrow_engine *engine = open_engine(url);
    if (!engine)
        return false;
    furrow_session *s = furrow_session_open(engine);
    furrow_drop_all(s, &library_schema);
    furrow_create_all(s, &library_schema);
    struct shelf shelf = {.name = "old shelf"};
    shelf_insert(s, &shelf);
    for (int i = 0; i < SEEDED; i++) {
        char title[24];
        snprintf(title, sizeof title, "old book %d", i);
        struct book book = {
            .shelf_id = shelf.id, .title = title, .copies = furrow_some(i + 1), .price = {100, 2}};
        book_insert(s, &book);
    }
    bool finished = finish(s);
    furrow_engine_close(engine);
    return finished;
}

static void write_rows(furrow_session *s, struct shelf *shelf)
{
    *shelf = (struct shelf){.name = "new shelf"};
    shelf_insert(s, shelf);
    struct book one = {.shelf_id = shelf->id,
                       .title = "one",
                       .weight = 0.5,
                       .genre = POEM,
                       .rating = furrow_some(4.5),
                       .price = FURROW_DECIMAL(1999, 2),
                       .bought = {1},
                       .cover = {"\0\1\2", 3},
                       .note = "a note"};
    book_insert(s, &one);
    struct book many[24] = {{0}};
    char titles[24][16];
    for (int i = 0; i < 24; i++) {
        snprintf(titles[i], sizeof titles[i], "many %d", i);
        many[i] = (struct book){.shelf_id = shelf->id, .title = titles[i]};
        if (i % 5)
            furrow_put(many[i].copies, i);
    }
    book_insert_many(s, many, 24);
    furrow_put(one.copies, 9);
    book_upsert(s, &one);
    one.lent = true;
    book_update(s, &one);
    book_update(s, &one, .only = {furrow_col(BOOK.note)});
    shelf->name = "renamed shelf";
    shelf_update(s, shelf);
    book_update_where(s, .set = {furrow_increment(BOOK.copies, 1), furrow_set_null(BOOK.note)},
                      .where = {furrow_starts_with(BOOK.title, "many 1")});
    book_delete(s, &many[3]);
    uint64_t changed = 0;
    book_delete_where(s, .where = {furrow_eq(BOOK.title, "many 5")}, .changed = &changed);
}

static void read_rows(furrow_session *s, const struct shelf *shelf)
{
    struct book *row = NULL;
    struct book_list list = {0};
    struct shelf_list shelves = {0};
    struct book_cursor *cursor = NULL;
    int64_t keys[] = {1, 3, 2}, total = 0;
    bool any = false;
    const char *plan = NULL;
    book_get(s, &row, 2);
    if (row)
        book_refresh(s, row);
    book_get_many(s, &list, keys, 3);
    book_find(s, &list,
              .where = {furrow_in(BOOK.id, keys, 3), furrow_not(furrow_eq(BOOK.lent, true))},
              .order_by = {furrow_desc(BOOK.id)}, .limit = 2);
    book_find(s, &list,
              .where = {furrow_any(furrow_ilike(BOOK.title, "ONE%"), furrow_ge(BOOK.weight, 2.0))},
              .lock = FURROW_LOCK_FOR_UPDATE);
    book_first(s, &row, .order_by = {furrow_asc(BOOK.title)});
    shelf_find(s, &shelves, .with = {furrow_load(SHELF.books)});
    book_stream(s, &cursor, .where = {furrow_eq(BOOK.shelf_id, shelf->id)});
    while (book_next(cursor))
        ;
    book_count(s, &total, .where = {furrow_is_null(BOOK.note)});
    book_exists(s, &any, .where = {furrow_eq(BOOK.genre, ESSAY)});
    book_sum(s, &total, BOOK.copies);
    book_explain(s, &plan, .where = {furrow_eq(BOOK.title, "one")});
}

static void write_raw(furrow_session *s)
{
    furrow_rows *rows = NULL;
    struct shelf_total_list totals = {0};
    furrow_query(s, &rows,
                 "SELECT title, copies, rating FROM fault_books WHERE copies > ? ORDER BY title",
                 2);
    while (furrow_rows_next(rows))
        if (!furrow_row_text(rows, 0))
            return;
    shelf_total_query(
        s, &totals,
        "SELECT s.name AS name, count(*) AS books FROM fault_shelves s JOIN fault_books b ON "
        "b.shelf_id = s.id GROUP BY s.name");
    furrow_exec(s, "UPDATE fault_books SET code = ? WHERE title = ?", "raw", "one");
}

/* Writes while a stream is open. Large rows fit neither into the memory for its unread rows nor
 * into the cache of their temporary file. */
static furrow_status write_within_stream(furrow_session *s)
{
    static const unsigned char cover[100000];
    struct book_cursor *cursor = NULL;
    int64_t wanted = 0, count = 0;
    if (workload_has_large_rows)
        book_update_where(s, .set = {furrow_set(BOOK.cover, ((furrow_blob){cover, sizeof cover}))},
                          .where = {furrow_starts_with(BOOK.title, "old book 1")});
    book_count(s, &wanted);
    book_stream(s, &cursor, .order_by = {furrow_asc(BOOK.title)}, .lock = FURROW_LOCK_FOR_UPDATE);
    for (const struct book *book; (book = book_next(cursor)); count++)
        if (count % 9 == 0)
            book_update_where(s, .set = {furrow_increment(BOOK.copies, 1)},
                              .where = {furrow_ge(BOOK.title, book->title)});
    if (workload_has_large_rows)
        book_update_where(s, .set = {furrow_set_null(BOOK.cover)},
                          .where = {furrow_starts_with(BOOK.title, "old book 1")});
    furrow_status status = furrow_session_status(s);
    if (status == FURROW_OK && count != wanted)
        status = FURROW_INVALID;
    return status;
}

/* One savepoint is kept, one is rolled back, and the last one fails. The end of the last savepoint
 * removes the failure from the session. The test therefore checks the status that
 * furrow_savepoint_end returns. */
static furrow_status use_savepoints(furrow_session *s, const struct shelf *shelf)
{
    struct book book = {.shelf_id = shelf->id, .title = "kept"};
    furrow_savepoint_begin(s);
    book_insert(s, &book);
    furrow_status status = furrow_savepoint_end(s);
    if (status)
        return status;
    furrow_savepoint_begin(s);
    book_delete_where(s, .all_rows = true);
    status = furrow_savepoint_rollback(s);
    if (status)
        return status;
    furrow_savepoint_begin(s);
    book = (struct book){.shelf_id = shelf->id, .title = "one"};
    book_insert(s, &book);
    status = furrow_savepoint_end(s);
    return status == FURROW_UNIQUE ? furrow_session_status(s) : status;
}

static furrow_status transaction(furrow_session *s, void *unused)
{
    struct shelf shelf;
    (void)unused;
    furrow_create_all(s, &library_schema);
    write_rows(s, &shelf);
    read_rows(s, &shelf);
    write_raw(s);
    furrow_status status = write_within_stream(s);
    return status ? status : use_savepoints(s, &shelf);
}

furrow_status workload_run(const char *url, furrow_error *error)
{
    furrow_engine *engine = NULL;
    *error = (furrow_error){0};
    furrow_status status = furrow_engine_open(&engine, url, error, .statement_cache = 16);
    if (status)
        return status;
    status = furrow_transact(engine, transaction, NULL, error, .max_attempts = 1);
    furrow_engine_close(engine);
    return status;
}

static bool print_query(furrow_session *s, furrow_rows *rows, FILE *out)
{
    while (furrow_rows_next(rows)) {
        for (int i = 0; i < (int)furrow_rows_column_count(rows); i++)
            fprintf(out, "%s|", furrow_row_is_null(rows, i) ? "NULL" : furrow_row_text(rows, i));
        fputc('\n', out);
    }
    return furrow_session_status(s) == FURROW_OK;
}

char *workload_dump(const char *url)
{
    furrow_engine *engine = open_engine(url);
    char *text = engine ? workload_dump_of(engine) : NULL;
    furrow_engine_close(engine);
    return text;
}

char *workload_dump_of(furrow_engine *engine)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    furrow_session *s = furrow_session_open(engine);
    furrow_rows *rows = NULL;
    /* Keys are not compared, because a transaction that was rolled back may have used some keys. */
    furrow_query(s, &rows, "SELECT name, CAST(version AS text) FROM fault_shelves ORDER BY name");
    print_query(s, rows, out);
    furrow_query(
        s, &rows,
        "SELECT b.title, s.name, b.code, CAST(b.copies AS text), CAST(b.weight AS text), b.genre, "
        "CAST(b.lent AS text), CAST(b.rating AS text), CAST(b.price AS text), CAST(b.bought AS "
        "text), CAST(b.serial AS text), CAST(length(b.cover) AS text), b.note FROM "
        "fault_books b JOIN fault_shelves s ON s.id = b.shelf_id ORDER BY b.title");
    print_query(s, rows, out);
    fclose(out);
    if (!finish(s)) {
        free(text);
        return NULL;
    }
    return text;
}

void workload_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[600];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        remove(name);
    }
}
