/* SPDX-License-Identifier: MIT */
#include "scan/missing.h"

#include "base/text.h"

/* Copies the name of a token without its quotes. */
static void copy_name(char *field, size_t size, furrow__token token)
{
    furrow_arena arena = {0};
    const char *name = furrow__token_copy(token, &arena);
    furrow__copy_text(field, size, name ? name : "");
    furrow__arena_done(&arena);
}

void furrow__missing_name(const furrow__missing *missing, furrow_error *error)
{
    furrow__cursor cursor = furrow__cursor_begin(missing->text, missing->size, missing->syntax);
    furrow__token before = {0}, name = cursor.token;
    bool is_qualified = false;
    if (!furrow__token_names(name))
        return;
    for (furrow__cursor_next(&cursor); furrow__token_is(cursor.token, '.');) {
        furrow__cursor_next(&cursor);
        if (!furrow__token_names(cursor.token))
            break;
        before = name;
        name = cursor.token;
        is_qualified = true;
        furrow__cursor_next(&cursor);
    }
    if (missing->kind == FURROW__MISSING_TABLE) {
        copy_name(error->table, sizeof error->table, name);
        return;
    }
    copy_name(error->column, sizeof error->column, name);
    if (is_qualified)
        copy_name(error->table, sizeof error->table, before);
}

furrow_status furrow__missing_hint(furrow__missing_kind kind, furrow_error *error)
{
    return furrow__hint(error, kind == FURROW__MISSING_TABLE
                                   ? "call furrow_create_all, or migrate the database"
                                   : "migrate the database, or correct the name");
}
