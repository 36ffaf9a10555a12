/* SPDX-License-Identifier: MIT
 * Prints the tags of a post in the order of the rank that the link model holds. */
#include <stdio.h>

#include "ranked.furrow.h"

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///ranked.db", &error)) {
        fprintf(stderr, "ranked: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &ranked_schema);
    struct post post = {.title = "One"};
    struct tag tags[] = {{.name = "c"}, {.name = "sql"}};
    post_insert(s, &post);
    tag_insert_many(s, tags, 2);
    post_tag_insert(s, &(struct post_tag){.post_id = post.id, .tag_id = tags[0].id, .rank = 2});
    post_tag_insert(s, &(struct post_tag){.post_id = post.id, .tag_id = tags[1].id, .rank = 1});

    struct post_tag_list links;
    post_tag_find(s, &links, .where = {furrow_eq(POST_TAG.post_id, post.id)},
                  .order_by = {furrow_asc(POST_TAG.rank)}, .with = {furrow_load(POST_TAG.tag)});
    furrow_each (struct post_tag, link, links)
        printf("%d: %s\n", (int)link->rank, link->tag->name);
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "ranked: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
