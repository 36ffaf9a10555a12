/* SPDX-License-Identifier: MIT
 *
 * Fuzzes the parser of revision files. The parser must not crash, hang or leak. If it rejects an
 * input, it must report an error. If a parsed revision is written and parsed again, the result must
 * be the same revision. */
#include <stdlib.h>
#include <string.h>

#include "migrate/revision/revision.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__history history = {.arena = &arena};
    furrow__problem_list problems;
    furrow__file_location place;
    furrow__buffer text = {0}, said = {0};
    furrow_status status = furrow__history_add_all(
        &history,
        &(furrow__source_text){
            .text = size ? (const char *)bytes : "", .size = size, .location = {.file = "a.sql"}},
        &problems, &error);
    must(status == FURROW_OK || (status == FURROW_INVALID && problems.count && error.message[0]));
    furrow__problems_write(&said, &problems, "a.sql", size ? (const char *)bytes : "", size);
    if (status == FURROW_OK) {
        furrow__revision_write(&text, history.items[0], NULL, NULL);
        status = furrow__history_add(&history,
                                     &(furrow__source_text){.text = text.text,
                                                            .size = text.size,
                                                            .location = {.file = "b.sql"}},
                                     &place, &error);
        must(status == FURROW_OK);
        must(history.items[1]->upgrade.count == history.items[0]->upgrade.count);
    }
    furrow__buffer_done(&text);
    furrow__buffer_done(&said);
    furrow__arena_done(&arena);
    return 0;
}
