/* SPDX-License-Identifier: MIT
 * Correct uses of relationships, which must compile without a warning. */
#include "../blog.furrow.h"

furrow_status accept(furrow_session *s, struct author_list *authors, struct post *post,
                     const struct tag_list *tags, int64_t *numbers);
furrow_status accept(furrow_session *s, struct author_list *authors, struct post *post,
                     const struct tag_list *tags, int64_t *numbers)
{
    author_find(s, authors, .where = {furrow_gt(furrow_count_of(AUTHOR.posts), 3)},
                .order_by = {furrow_desc(furrow_count_of(AUTHOR.posts))},
                .with = {furrow_load(AUTHOR.posts, POST.tags),
                         furrow_load_some((AUTHOR.posts), .where = {furrow_eq(POST.title, "1")},
                                          .order_by = {furrow_desc(POST.id)}, .limit = 3)});
    author_load(s, authors, furrow_load(AUTHOR.posts, POST.tags), furrow_load(AUTHOR.posts));
    furrow_each (struct post, p, *author_posts(s, authors->items[0]))
        *numbers += p->id;
    author_posts_count(s, authors, numbers);
    author_posts_sum(s, authors, numbers, POST.id);
    post_tags_add(s, post, tags->items, tags->count);
    post_tags_set(s, post, NULL, 0);
    if (!post_author_is_loaded(s, post) && post_author(s, post))
        post_insert_many_with(s, post, 1, furrow_load(POST.author), furrow_load(POST.tags));
    return post_insert_with(s, post, furrow_load(POST.tags));
}
