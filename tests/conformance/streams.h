/* SPDX-License-Identifier: MIT
 *
 * The models of stream_test.c. The rows of `item` and `lone` are streamed. They have the same
 * columns, but `lone` has no relationships, so its rows are not read ahead.
 */
#ifndef STREAMS_H
#define STREAMS_H

#include <furrow/model.h>

FURROW_LIST(item);
FURROW_LIST(tag);

struct shop {
    int64_t id FURROW(primary_key);
    const char *name;
    struct item_list items;
};
struct item {
    int64_t id FURROW(primary_key);
    int64_t shop_id FURROW(references(shop.id), on_delete(cascade), index);
    int32_t price FURROW(index);
    int32_t plain;
    const char *name;
    const char *code FURROW(unique);
    struct shop *shop;
    struct tag_list tags FURROW(through(item_tag));
};
struct lone {
    int64_t id FURROW(primary_key);
    int64_t shop_id FURROW(references(shop.id), on_delete(cascade), index);
    int32_t price FURROW(index);
    int32_t plain;
    const char *name;
    const char *code FURROW(unique);
};
struct tag {
    int64_t id FURROW(primary_key);
    const char *name;
};
struct item_tag {
    int64_t item_id FURROW(primary_key, references(item.id), on_delete(cascade));
    int64_t tag_id FURROW(primary_key, references(tag.id), on_delete(cascade));
};

/* A trigger adds `amount` to the prices of all items and lones. */
struct increase {
    int64_t id FURROW(primary_key);
    int32_t amount;
};

#endif
