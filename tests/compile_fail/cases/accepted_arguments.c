/* SPDX-License-Identifier: MIT
 * Required arguments in every form that is allowed. They must compile without a warning. */
#include "../blog.furrow.h"

furrow_status accept(furrow_session *s, struct author **row, struct author_list *authors,
                     struct post_tag_list *links, int64_t *numbers);
furrow_status accept(furrow_session *s, struct author **row, struct author_list *authors,
                     struct post_tag_list *links, int64_t *numbers)
{
    short small = 1;
    const char *plan;
    struct post_tag *link;
    furrow_status (*get)(furrow_session *, struct author **, int64_t) = author_get;
    get(s, row, 1);
    author_get(s, row, small++);
    author_get(s, row, numbers ? *numbers : 1);
    author_get_with(s, row, 1U, furrow_load(AUTHOR.posts), furrow_load(AUTHOR.posts, POST.tags));
    author_get_many(s, authors, numbers, 2);
    author_get_many(s, authors, NULL, 0);
    author_get_many(s, authors, ((int64_t[]){1, 2}), 2);
    post_tag_get(s, &link, 1, 2);
    post_tag_get_many(s, links, ((struct post_tag_key[]){{1, 2}, {3, 4}}), 2);
    /* A row may be a compound literal that contains commas. */
    author_update(s, &(struct author){.id = 1, .name = "a", .email = "b"});
    author_upsert(s, &(struct author){.name = "a", .email = "b"},
                  .conflict = {furrow_col(AUTHOR.email)});
    author_explain(s, &plan, .where = {furrow_eq(AUTHOR.id, 1)}, .limit = 3);
    author_posts_count(s, authors, numbers, .where = {furrow_like(POST.title, "a%")});
    author_posts_sum(s, authors, numbers, POST.id, .where = {furrow_gt(POST.id, 1)});
    author_query(s, authors, "SELECT * FROM author WHERE id > ?", 1);
    if (author_count(NULL, numbers))
        author_delete_where(s, .all_rows = true);
    struct author_posts_count_options o = {.s = s, .rows = authors, .out = numbers};
    author_posts_count_using(&o);
    *row = author_copy(s, *row);
    struct author_explain_options e = {.s = s, .out = &plan};
    return author_explain_using(&e);
}
