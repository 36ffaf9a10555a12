/* SPDX-License-Identifier: MIT
 * Tags with a rank, which the link model holds. */
#ifndef RANKED_H
#define RANKED_H

#include <furrow/model.h>

FURROW_LIST(post);
FURROW_LIST(tag);
FURROW_LIST(post_tag);

struct post {
    int64_t              id    FURROW(primary_key);
    const char          *title;
    struct tag_list      tags  FURROW(through(post_tag));
    struct post_tag_list links;
};

struct tag {
    int64_t     id   FURROW(primary_key);
    const char *name FURROW(unique);
};

struct post_tag {
    int64_t     post_id FURROW(primary_key, references(post.id), on_delete(cascade));
    int64_t     tag_id  FURROW(primary_key, references(tag.id), on_delete(cascade));
    int32_t     rank    FURROW(default(0));
    struct tag *tag;
};

#endif
