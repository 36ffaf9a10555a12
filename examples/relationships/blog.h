/* SPDX-License-Identifier: MIT
 * The models of docs/relationships.md. */
#ifndef BLOG_H
#define BLOG_H

#include <furrow/model.h>

FURROW_LIST(author);
FURROW_LIST(post);
FURROW_LIST(tag);

struct author {
    int64_t             id        FURROW(primary_key);
    const char         *name;
    furrow_opt(int64_t) mentor_id FURROW(references(author.id), on_delete(set_null), index);
    struct author      *mentor    FURROW(via(mentor_id));
    struct author_list  pupils    FURROW(via(mentor_id));
    struct post_list    posts;
    struct profile     *profile;
};

struct profile {
    int64_t        id        FURROW(primary_key);
    int64_t        author_id FURROW(unique, references(author.id), on_delete(cascade));
    const char    *text;
    struct author *author;
};

struct post {
    int64_t         id        FURROW(primary_key);
    const char     *title;
    int32_t         score;
    int64_t         author_id FURROW(references(author.id), on_delete(cascade), index);
    struct author  *author;
    struct tag_list tags      FURROW(through(post_tag));
};

struct tag {
    int64_t          id    FURROW(primary_key);
    const char      *name  FURROW(unique);
    struct post_list posts FURROW(through(post_tag));
};

struct post_tag {
    int64_t     post_id  FURROW(primary_key, references(post.id), on_delete(cascade));
    int64_t     tag_id   FURROW(primary_key, references(tag.id), on_delete(cascade), index);
    furrow_time added_at FURROW(default(now));
};

#endif
