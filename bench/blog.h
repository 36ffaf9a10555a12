/* SPDX-License-Identifier: MIT
 * The models of users, their posts, and the comments on the posts. The tables are those of the
 * benchmark loading_associations_sequentially in diesel_bench. */
#ifndef BENCH_BLOG_H
#define BENCH_BLOG_H

#include <furrow/model.h>

FURROW_LIST(post);
FURROW_LIST(comment);

struct user {
    int64_t id FURROW(primary_key);
    const char *name;
    const char *hair_color FURROW(nullable);
    struct post_list posts FURROW(via(user_id));
} FURROW(table("users"));

struct post {
    int64_t id FURROW(primary_key);
    int64_t user_id FURROW(references(user.id), index);
    const char *title;
    const char *body FURROW(nullable);
    struct comment_list comments FURROW(via(post_id));
} FURROW(table("posts"));

struct comment {
    int64_t id FURROW(primary_key);
    int64_t post_id FURROW(references(post.id), index);
    const char *text;
} FURROW(table("comments"));

#endif
