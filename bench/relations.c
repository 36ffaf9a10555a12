/* SPDX-License-Identifier: MIT
 * Implements the benchmarks that load users with their posts and comments. This file contains the
 * tables, furrow's side, and the functions that the hand-written sides share.
 */
#include "relations.h"

#include <stdio.h>

#include "blog.furrow.h"

enum {
    POSTS = BENCH_USERS * BENCH_POSTS_EACH,
    COMMENTS = POSTS * BENCH_COMMENTS_EACH,
};

static void insert_users(furrow_session *s)
{
    static char names[BENCH_USERS][24];
    struct user users[BENCH_USERS] = {{0}};
    for (int i = 0; i < BENCH_USERS; i++) {
        snprintf(names[i], sizeof names[i], "User %d", i);
        users[i].name = names[i];
        users[i].hair_color = i % 2 ? "chestnut" : NULL;
    }
    user_insert_many(s, users, BENCH_USERS);
}

/* Inserts the posts. As in real data, the posts of one user are not adjacent in the table. */
static void insert_posts(furrow_session *s)
{
    static char titles[POSTS][32];
    static struct post posts[POSTS];
    memset(posts, 0, sizeof posts);
    for (int i = 0; i < POSTS; i++) {
        snprintf(titles[i], sizeof titles[i], "Post %d", i);
        posts[i].user_id = 1 + i % BENCH_USERS;
        posts[i].title = titles[i];
        posts[i].body =
            i % 3 ? "What there is to say, in some words more than the title has" : NULL;
    }
    post_insert_many(s, posts, POSTS);
}

static void insert_comments(furrow_session *s)
{
    static char texts[COMMENTS][48];
    static struct comment comments[COMMENTS];
    memset(comments, 0, sizeof comments);
    for (int i = 0; i < COMMENTS; i++) {
        snprintf(texts[i], sizeof texts[i], "comment number %d, which is short", i);
        comments[i].post_id = 1 + i % POSTS;
        comments[i].text = texts[i];
    }
    comment_insert_many(s, comments, COMMENTS);
}

void bench_fill_blog(const char *url)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error))
        bench_fail("%s", error.message);
    furrow_session *s = furrow_session_open(engine);
    furrow_drop_all(s, &blog_schema);
    furrow_create_all(s, &blog_schema);
    insert_users(s);
    insert_posts(s);
    insert_comments(s);
    if (furrow_commit(s))
        bench_fail("%s", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static inline uint64_t mix(uint64_t sum, int64_t id, const char *text, const char *other)
{
    return sum * 31 + (uint64_t)id + (unsigned char)text[strlen(text) - 1] +
           (other ? (unsigned char)other[0] : 0);
}

uint64_t bench_sum_of_users(const bench_rows *users)
{
    uint64_t sum = 0;
    const struct raw_user *user = (const struct raw_user *)(const void *)users->items;
    for (size_t i = 0; i < users->count; i++, user++) {
        sum = mix(sum, user->id, user->name, user->hair_color);
        for (size_t k = 0; k < user->post_count; k++) {
            const struct raw_post *post = &user->posts[k];
            sum = mix(sum, post->id, post->title, post->body);
            for (size_t m = 0; m < post->comment_count; m++)
                sum = mix(sum, post->comments[m].id, post->comments[m].text, NULL);
        }
    }
    return sum;
}

uint64_t bench_load_blog(furrow_session *s, bench_job job)
{
    struct user_list users = {0};
    uint64_t sum = 0;
    if (job == BENCH_COMMENTS)
        user_find(s, &users, .with = {furrow_load(USER.posts, POST.comments)});
    else
        user_find(s, &users, .with = {furrow_load(USER.posts)});
    furrow_each (struct user, user, users) {
        sum = mix(sum, user->id, user->name, user->hair_color);
        furrow_each (struct post, post, user->posts) {
            sum = mix(sum, post->id, post->title, post->body);
            furrow_each (struct comment, comment, post->comments)
                sum = mix(sum, comment->id, comment->text, NULL);
        }
    }
    return sum;
}

/* Sets parents[i] to the index of the parent of child i. Returns true if the children of each
 * parent are already adjacent. */
static bool find_parents(size_t *parents, const bench_rows *rows, size_t size,
                         const bench_rows *children, size_t child_size, size_t key_offset)
{
    bench_index index = bench_index_of(rows, size);
    bool grouped = true;
    int64_t last_key = 0;
    for (size_t i = 0; i < children->count; i++) {
        int64_t key;
        memcpy(&key, children->items + i * child_size + key_offset, sizeof key);
        if (i && key == last_key) {
            parents[i] = parents[i - 1];
            continue;
        }
        parents[i] = bench_index_find(&index, rows, size, key);
        grouped = grouped && (!i || parents[i] > parents[i - 1]);
        last_key = key;
    }
    free(index.slots);
    return grouped;
}

/* Sorts the children by their parents. ends[i] is set to the index after the last child of parent
 * i. */
static void arrange(bench_rows *children, size_t child_size, const size_t *parents, size_t *ends,
                    size_t parent_count, bool grouped)
{
    for (size_t i = 0; i < children->count; i++)
        ends[parents[i]]++;
    size_t at = 0;
    for (size_t i = 0; i < parent_count; i++) {
        at += ends[i];
        ends[i] = at - ends[i];
    }
    if (grouped) {
        for (size_t i = 0; i < children->count; i++)
            ends[parents[i]] = i + 1;
        return;
    }
    char *items = malloc(children->capacity * child_size);
    if (!items)
        bench_fail("out of memory");
    for (size_t i = 0; i < children->count; i++)
        memcpy(items + ends[parents[i]]++ * child_size, children->items + i * child_size,
               child_size);
    free(children->items);
    children->items = items;
}

/* Groups the children by their parents. Returns an array that contains, for each parent, the index
 * after its last child. The caller frees the array. */
static size_t *group(const bench_rows *rows, size_t size, bench_rows *children, size_t child_size,
                     size_t key_offset)
{
    size_t *parents = malloc((children->count + 1) * sizeof *parents);
    size_t *ends = calloc(rows->count + 1, sizeof *ends);
    if (!parents || !ends)
        bench_fail("out of memory");
    bool grouped = find_parents(parents, rows, size, children, child_size, key_offset);
    arrange(children, child_size, parents, ends, rows->count, grouped);
    free(parents);
    return ends;
}

void bench_group(bench_rows *users, bench_rows *posts, bench_rows *comments)
{
    size_t *ends = group(users, sizeof(struct raw_user), posts, sizeof(struct raw_post),
                         offsetof(struct raw_post, user_id));
    struct raw_user *user = (struct raw_user *)(void *)users->items;
    struct raw_post *post = (struct raw_post *)(void *)posts->items;
    for (size_t i = 0, start = 0; i < users->count; start = ends[i++]) {
        user[i].posts = post + start;
        user[i].post_count = ends[i] - start;
    }
    free(ends);
    if (!comments->count)
        return;
    ends = group(posts, sizeof(struct raw_post), comments, sizeof(struct raw_comment),
                 offsetof(struct raw_comment, post_id));
    struct raw_comment *comment = (struct raw_comment *)(void *)comments->items;
    for (size_t i = 0, start = 0; i < posts->count; start = ends[i++]) {
        post[i].comments = comment + start;
        post[i].comment_count = ends[i] - start;
    }
    free(ends);
}
