/* SPDX-License-Identifier: MIT
 *
 * Fuzzes the model compiler. The compiler must not crash, hang or leak. If it rejects an input, it
 * must report an error. In the input, a line `//@` separates two headers. With libFuzzer:
 *
 *     clang -fsanitize=fuzzer,address,undefined … fuzz/compiler/compiler_fuzz.c …
 *
 * With replay.c in place of libFuzzer, any C compiler can build a program that tests the corpus.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Generates the code for a header twice. The two results must be equal. */
static void emit(furrow__compiler *c, size_t index)
{
    furrow__buffer texts[4] = {{0}, {0}, {0}, {0}};
    must(furrow__compiler_emit(c, index, &texts[0], &texts[1]));
    must(furrow__compiler_emit(c, index, &texts[2], &texts[3]));
    for (size_t i = 0; i < 2; i++)
        must(texts[i].size == texts[i + 2].size && texts[i].size > 0 &&
             memcmp(texts[i].text, texts[i + 2].text, texts[i].size) == 0);
    for (size_t i = 0; i < 4; i++)
        furrow__buffer_done(&texts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char mark[] = "//@\n";
    const char *text = (const char *)bytes;
    size_t first = size, second = size, count = 1;
    for (size_t i = 0; i + 4 <= size && count == 1; i++)
        if (memcmp(text + i, mark, 4) == 0) {
            first = i;
            second = i + 4;
            count = 2;
        }
    furrow__compiler *c = furrow__compiler_new(NULL, NULL);
    must(c && furrow__compiler_add(c, "a.h", size ? text : "", first));
    if (count == 2)
        must(furrow__compiler_add(c, "b.h", text + second, size - second));
    bool fine = furrow__compiler_run(c);
    const char *messages = furrow__compiler_messages(c);
    must(messages && fine == (furrow__compiler_error_count(c) == 0));
    must(fine || messages[0]);
    for (size_t i = 0; fine && i < count; i++)
        emit(c, i);
    furrow__compiler_free(c);
    return 0;
}
