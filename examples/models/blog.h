/* SPDX-License-Identifier: MIT
 * Relationships. */
#ifndef BLOG_H
#define BLOG_H

#include <furrow/model.h>

FURROW_LIST(post);
FURROW_LIST(tag);

struct author {
    int64_t          id    FURROW(primary_key);
    const char      *name;
    struct post_list posts;
};

struct post {
    int64_t         id        FURROW(primary_key);
    const char     *title;
    int64_t         author_id FURROW(references(author.id), on_delete(cascade), index);
    struct author  *author    FURROW(via(author_id));
    struct tag_list tags      FURROW(through(post_tag));
};

struct tag {
    int64_t          id    FURROW(primary_key);
    const char      *name  FURROW(unique);
    struct post_list posts;
};

struct post_tag {
    int64_t post_id FURROW(primary_key, references(post.id), on_delete(cascade));
    int64_t tag_id  FURROW(primary_key, references(tag.id), on_delete(cascade));
};

#endif
