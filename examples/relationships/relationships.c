/* SPDX-License-Identifier: MIT
 * Loads, counts, finds and changes related rows. */
#include <inttypes.h>
#include <stdio.h>

#include "blog.furrow.h"

/* Inserts an author with posts and their tags, in one call. */
static void insert_blog(furrow_session *s)
{
    struct tag sql = {.name = "sql"}, c = {.name = "c"};
    struct tag *both[] = {&sql, &c};
    struct post posts[] = {{.title = "One", .tags = {.items = both, .count = 2}},
                           {.title = "Two", .tags = {.items = both, .count = 1}}};
    struct post *items[] = {&posts[0], &posts[1]};
    struct author author = {.name = "Alice", .posts = {.items = items, .count = 2}};
    author_insert_with(s, &author, furrow_load(AUTHOR.posts, POST.tags));
}

/* Loads paths of relationships with a query. */
static void show_authors(furrow_session *s)
{
    struct author_list authors;
    author_find(s, &authors, .order_by = {furrow_asc(AUTHOR.name)},
                .with = {furrow_load(AUTHOR.posts, POST.tags), furrow_load(AUTHOR.profile)});
    furrow_each (struct author, a, authors) {
        printf("%s: %s\n", a->name, a->profile ? a->profile->text : "");
        furrow_each (struct post, p, a->posts)
            printf("  %s by %s, %zu tags\n", p->title, p->author->name, p->tags.count);
    }
}

/* Loads some rows of a relationship. */
static void find_best_posts(furrow_session *s)
{
    struct author_list authors;
    author_find(s, &authors,
                .with = {furrow_load_some((AUTHOR.posts), .where = {furrow_gt(POST.score, 10)},
                                          .order_by = {furrow_desc(POST.score)}, .limit = 3)});
    printf("%zu authors\n", authors.count);
}

/* Loads a row with its relationships. */
static void get_author(furrow_session *s)
{
    struct author *a;
    if (author_get_with(s, &a, 1, furrow_load(AUTHOR.posts, POST.tags)) == FURROW_OK)
        printf("%s: %zu posts\n", a->name, a->posts.count);
}

/* Loads relationships of a stream. */
static void stream_posts(furrow_session *s)
{
    struct post_cursor *cursor;
    post_stream(s, &cursor, .with = {furrow_load(POST.author)});
    for (struct post *p; (p = post_next(cursor));)
        printf("%s by %s\n", p->title, p->author->name);
}

/* Loads relationships of rows that were read before. */
static void load_later(furrow_session *s)
{
    struct author_list authors;
    author_find(s, &authors, .limit = 10);
    author_load(s, &authors, furrow_load(AUTHOR.posts, POST.tags), furrow_load(AUTHOR.mentor));
    printf("%zu authors, the first with %zu posts\n", authors.count,
           authors.count ? authors.items[0]->posts.count : 0);
}

/* Loads relationships when they are used. */
static void load_on_demand(furrow_session *s)
{
    struct author_list authors;
    author_find(s, &authors);
    furrow_each (struct author, a, authors)
        furrow_each (struct post, p, *author_posts(s, a))
            printf("%s: %zu tags\n", p->title, post_tags(s, p)->count);
}

/* Asks whether a relationship is loaded. */
static void find_profile(furrow_session *s)
{
    struct author *a;
    if (author_first(s, &a) == FURROW_OK && !author_profile_is_loaded(s, a))
        printf("%s\n", author_profile(s, a) ? "has a profile" : "has none");
}

/* Counts and adds up without loading. */
static void count_posts(furrow_session *s)
{
    struct author_list authors;
    author_find(s, &authors, .limit = 20);
    int64_t counts[20], scores[20];
    author_posts_count(s, &authors, counts);
    author_posts_sum(s, &authors, scores, POST.score);
    for (size_t i = 0; i < authors.count; i++)
        printf("%s: %d posts, score %d\n", authors.items[i]->name, (int)counts[i], (int)scores[i]);
}

/* Counts some rows. */
static void count_some_posts(furrow_session *s)
{
    struct author_list authors;
    int64_t counts[20];
    author_find(s, &authors, .limit = 20);
    author_posts_count(s, &authors, counts, .where = {furrow_gt(POST.score, 10)});
    printf("%d of %zu\n", authors.count ? (int)counts[0] : 0, authors.count);
}

/* Keeps a row of a stream. */
static void copy_post(furrow_session *s)
{
    struct post_cursor *cursor;
    struct post *first = NULL;
    post_stream(s, &cursor, .order_by = {furrow_desc(POST.score)},
                .with = {furrow_load(POST.author)});
    for (struct post *p; (p = post_next(cursor));)
        if (!first)
            first = post_copy(s, p);
    if (first)
        printf("%s by %s\n", first->title, first->author->name);
}

/* Conditions and orders by related rows. */
static void find_related(furrow_session *s)
{
    struct post_list posts;
    post_find(s, &posts,
              .where = {furrow_has(POST.author, furrow_eq(AUTHOR.name, "Alice")),
                        furrow_none(POST.tags,
                                    furrow_in(TAG.name, ((const char *[]){"draft", "old"}), 2))},
              .order_by = {furrow_asc_through(POST.author, AUTHOR.name), furrow_desc(POST.score)});

    struct author_list authors;
    author_find(s, &authors,
                .where = {furrow_ge(furrow_count_of(AUTHOR.posts), 5),
                          furrow_every(AUTHOR.posts, furrow_gt(POST.score, 0))},
                .order_by = {furrow_desc(furrow_count_of(AUTHOR.posts)), furrow_asc(AUTHOR.id)});
    printf("%zu posts, %zu authors\n", posts.count, authors.count);
}

/* Changes the rows that a link model connects. */
static void change_tags(furrow_session *s)
{
    struct post *post;
    struct tag_list tags;
    if (post_get(s, &post, 1) == FURROW_OK) {
        tag_find(s, &tags, .where = {furrow_starts_with(TAG.name, "sql")});
        post_tags_add(s, post, tags.items, tags.count);
        post_tags_remove(s, post, tags.items, 1);
        post_tags_set(s, post, tags.items, tags.count); /* exactly these */
        post_tags_set(s, post, NULL, 0);                /* none */
    }
    printf("%zu tags\n", tags.count);
}

/* Checks the number of statements. */
static void expect_statements(furrow_session *s)
{
    struct author_list authors;
    furrow_expect_statements(s, 0); /* count from here */
    author_find(s, &authors, .with = {furrow_load(AUTHOR.posts, POST.tags)});
    if (furrow_expect_statements(s, 3) != FURROW_OK)
        puts(furrow_session_error(s)->message);
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///relationships.db", &error)) {
        fprintf(stderr, "relationships: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &blog_schema);
    insert_blog(s);
    show_authors(s);
    find_best_posts(s);
    get_author(s);
    stream_posts(s);
    load_later(s);
    load_on_demand(s);
    find_profile(s);
    count_posts(s);
    count_some_posts(s);
    copy_post(s);
    find_related(s);
    change_tags(s);
    expect_statements(s);
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "relationships: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
