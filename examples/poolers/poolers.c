/* SPDX-License-Identifier: MIT
 * Writes to one server and reads from another: poolers WRITE_URL READ_URL */
#include <inttypes.h>
#include <stdio.h>

#include "counter.furrow.h"

/* Adds one to a counter. May run more than once. */
static furrow_status count(furrow_session *s, void *context)
{
    const char *name = context;
    return counter_upsert(s, &(struct counter){.name = name, .value = 1},
                          .set = {furrow_increment(COUNTER.value, 1)});
}

static furrow_status show(furrow_session *s, void *context)
{
    const char *name = context;
    struct counter *found;
    furrow_status status = counter_get(s, &found, name);
    if (status == FURROW_OK)
        printf("%s: %" PRId64 "\n", found->name, found->value);
    return status;
}

int main(int argc, char **argv)
{
    const char *write_url = argc > 1 ? argv[1] : "sqlite:///poolers.db";
    const char *read_url = argc > 2 ? argv[2] : write_url;
    furrow_engine *primary, *replica = NULL;
    furrow_error error;
    if (furrow_engine_open(&primary, write_url, &error) ||
        furrow_engine_open(&replica, read_url, &error)) {
        fprintf(stderr, "poolers: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(primary);
    furrow_create_all(s, &counter_schema);
    furrow_commit(s);
    furrow_session_close(s);

    char name[] = "visits";
    for (int i = 0; i < 3; i++)
        if (furrow_transact(primary, count, name, &error))
            fprintf(stderr, "poolers: %s\n", error.message);
    if (furrow_transact(replica, show, name, &error, .read_only = true))
        fprintf(stderr, "poolers: %s\n", error.message);
    furrow_engine_close(replica);
    furrow_engine_close(primary);
    return 0;
}
