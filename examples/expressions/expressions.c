/* SPDX-License-Identifier: MIT
 * Inserts rows that meet the checks of item.h, and rows that do not. */
#include <stdio.h>

#include "item.furrow.h"

static void insert(furrow_session *s, const char *code, furrow_decimal price)
{
    furrow_time sold;
    furrow_time_parse("2126-01-31T12:00:00Z", &sold);
    furrow_savepoint_begin(s);
    item_insert(s, &(struct item){.code = code, .price = price, .sold_at = sold});
    furrow_status status = furrow_savepoint_end(s);
    printf("%s: %s\n", code, status ? furrow_session_error(s)->message : "inserted");
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///expressions.db", &error)) {
        fprintf(stderr, "expressions: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &item_schema);
    insert(s, "A17", furrow_decimal_of(950, 2));
    insert(s, "B17", furrow_decimal_of(950, 2));
    insert(s, "A18", furrow_decimal_of(100000, 2));
    furrow_status status = furrow_commit(s);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
