/* SPDX-License-Identifier: MIT
 * Compound literals with commas as arguments, and uses of furrow_each, which must compile without a
 * warning. */
#include "../bank.furrow.h"
#include "../blog.furrow.h"

furrow_status accept(furrow_session *s, struct author *items[2], int64_t *numbers);
furrow_status accept(furrow_session *s, struct author *items[2], int64_t *numbers)
{
    struct post_list posts = {0};
    post_find(s, &posts,
              .where = {furrow_eq(POST.created_at,
                                  (furrow_time){
                                      .us = 1,
                                  }),
                        furrow_ne(POST.created_at, (furrow_time){1}),
                        furrow_ge(POST.created_at, (furrow_time){
                                                       1,
                                                   })});
    post_update_where(s,
                      .set = {furrow_set(POST.created_at,
                                         (furrow_time){
                                             .us = 2,
                                         })},
                      .all_rows = true);
    post_update(s, &(struct post){.id = 1, .title = "x"}, .only = {furrow_col(POST.title)});
    furrow_exec(s, "SELECT ?",
                furrow_value_of(POST.created_at, (furrow_time){
                                                     .us = 2,
                                                 }));
    author_posts_count(s, &(struct author_list){.items = items, .count = 2}, numbers);
    author_posts_count(s, &(struct author_list){items, 2, false}, numbers,
                       .where = {furrow_gt(POST.id, 1)});
    furrow_each (struct post, p, posts)
        furrow_each (struct author, a, (struct author_list){items, 2, false}) {
            if (a->id == p->author_id)
                continue;
            if (a->id == 7)
                break;
            *numbers += a->id;
        }
    return furrow_commit(s);
}
