/* SPDX-License-Identifier: MIT
 * The same as by_hand.c, with furrow. */
#include <stdio.h>

#include "reading.furrow.h"

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///readings.db", &error)) {
        fprintf(stderr, "with_furrow: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &reading_schema);
    reading_insert(s, &(struct reading){.sensor = "cellar", .celsius = 11.5});
    reading_insert(s, &(struct reading){.sensor = "attic", .celsius = 28.25});
    furrow_commit(s);

    struct reading_list warm;
    reading_find(s, &warm, .where = {furrow_gt(READING.celsius, 20.0)},
                 .order_by = {furrow_asc(READING.id)});
    furrow_each (struct reading, r, warm)
        printf("%s: %.2f\n", r->sensor, r->celsius);
    furrow_status status = furrow_session_status(s);
    if (status != FURROW_OK)
        fprintf(stderr, "with_furrow: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
