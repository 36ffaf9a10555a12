/* SPDX-License-Identifier: MIT
 * Runs SQL of its own: a report, changes, and rows without a struct. */
#include <inttypes.h>
#include <stdio.h>

#include "sale.furrow.h"

static void insert_sales(furrow_session *s, furrow_time day)
{
    struct seller sellers[] = {{.name = "Ada"}, {.name = "Bob"}, {.name = "Eve"}};
    seller_insert_many(s, sellers, 3);
    int64_t ada = sellers[0].id, bob = sellers[1].id;
    struct sale sales[] = {
        {.seller_id = ada,
         .region = NORTH,
         .price = FURROW_DECIMAL(1000, 2),
         .units = 3,
         .sold_at = day},
        {.seller_id = bob,
         .region = SOUTH,
         .price = FURROW_DECIMAL(250, 2),
         .units = 4,
         .sold_at = day},
        {.seller_id = ada,
         .region = NORTH,
         .price = FURROW_DECIMAL(2499, 2),
         .units = 1,
         .sold_at = day},
    };
    sale_insert_many(s, sales, sizeof sales / sizeof *sales);
}

/* Groups are read as structs. */
static void print_turnover(furrow_session *s, furrow_time since)
{
    struct turnover_list regions;
    turnover_query(s, &regions,
                   "SELECT region, count(*) AS sales, sum(price * units) AS total FROM sale "
                   "WHERE sold_at >= ? GROUP BY region ORDER BY region",
                   furrow_value_of(SALE.sold_at, since));
    furrow_each (struct turnover, t, regions) {
        char total[FURROW_DECIMAL_SIZE];
        furrow_decimal_format(t->total, total, sizeof total);
        printf("%s: %" PRId64 " sales, %s\n", t->region == NORTH ? "north" : "south", t->sales,
               total);
    }
}

/* Groups of a join: every seller, also one without sales. */
static void print_sellers(furrow_session *s)
{
    struct seller_total_list totals;
    seller_total_query(s, &totals,
                       "SELECT seller.name, count(sale.id) AS sales, sum(sale.units) AS units "
                       "FROM seller LEFT JOIN sale ON sale.seller_id = seller.id "
                       "GROUP BY seller.id, seller.name ORDER BY seller.name");
    furrow_each (struct seller_total, t, totals) {
        if (t->units.has)
            printf("%s: %" PRId64 " sales, %" PRId64 " units\n", t->name, t->sales, t->units.value);
        else
            printf("%s: nothing\n", t->name);
    }
}

/* Values are bound in the form in which their column stores them. */
static void change_sales(furrow_session *s)
{
    furrow_exec(s, "UPDATE sale SET price = ? WHERE region = ? AND price < ?",
                furrow_value_of(SALE.price, furrow_decimal_of(999, 2)),
                furrow_value_of(SALE.region, SOUTH),
                furrow_value_of(SALE.price, furrow_decimal_of(5, 0)));
    printf("%" PRIu64 " price changed\n", furrow_session_changed(s));
}

/* Rows of a model, selected with SQL. */
static void find_sales(furrow_session *s)
{
    struct sale_list sales;
    sale_query(s, &sales, "SELECT * FROM sale WHERE units % 2 = ? ORDER BY id", 1);
    printf("%zu sales with an odd number of units\n", sales.count);
}

/* Rows without a struct. */
static void print_days(furrow_session *s)
{
    furrow_rows *rows;
    furrow_query(s, &rows, "SELECT max(sold_at), sum(units) FROM sale");
    while (furrow_rows_next(rows)) {
        char last[FURROW_TIME_SIZE];
        furrow_time_format(furrow_row_time(rows, 0), last, sizeof last);
        printf("%" PRId64 " units, last sold at %s\n", furrow_row_int64(rows, 1), last);
    }
}

/* A list: find the keys with SQL, and the rows with a typed condition. */
static void find_largest(furrow_session *s)
{
    int64_t keys[2];
    size_t count = 0;
    furrow_rows *rows;
    furrow_query(s, &rows, "SELECT id FROM sale ORDER BY price * units DESC LIMIT 2");
    while (furrow_rows_next(rows))
        keys[count++] = furrow_row_int64(rows, 0);
    struct sale_list largest;
    sale_get_many(s, &largest, keys, count);
    furrow_each (struct sale, sale, largest)
        printf("sale %" PRId64 "\n", sale->id);
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    furrow_time day;
    furrow_time_parse("2026-03-01T10:00:00Z", &day);
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///sql.db", &error)) {
        fprintf(stderr, "sql: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &sale_schema);
    insert_sales(s, day);
    print_turnover(s, day);
    print_sellers(s);
    change_sales(s);
    find_sales(s);
    print_days(s);
    find_largest(s);
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "sql: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
