/* SPDX-License-Identifier: MIT
 * The models of the fault tests. Their columns have most types, a reference, a version and
 * defaults. */
#ifndef FAULTS_LIBRARY_H
#define FAULTS_LIBRARY_H

#include <furrow/model.h>

FURROW_LIST(book);

enum genre { NOVEL, ESSAY, POEM };

struct shelf {
    int64_t id FURROW(primary_key);
    const char *name FURROW(unique, pattern("^[a-z ]+$"));
    int64_t version FURROW(version);
    struct book_list books FURROW(via(shelf_id));
} FURROW(table("fault_shelves"));

struct book {
    int64_t id FURROW(primary_key);
    int64_t shelf_id FURROW(references(shelf.id), on_delete(cascade), index);
    const char *title FURROW(unique, max_length(100));
    char code[8] FURROW(default(""));
    furrow_opt(int32_t) copies FURROW(range(0, 1000), default(1));
    double weight;
    enum genre genre;
    bool lent;
    furrow_opt(double) rating;
    furrow_decimal price FURROW(decimal(8, 2));
    furrow_time bought;
    furrow_uuid serial;
    furrow_blob cover FURROW(nullable);
    const char *note FURROW(nullable);
} FURROW(table("fault_books"), check("weight >= 0"));

/* A row of a raw query that counts the books on each shelf. */
struct shelf_total {
    const char *name;
    int64_t books;
} FURROW(result);

#endif
