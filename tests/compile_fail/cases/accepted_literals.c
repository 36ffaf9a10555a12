/* SPDX-License-Identifier: MIT
 * Compound literals with commas as arguments, empty elements of lists, and uses of furrow_each,
 * which must compile without a warning. */
#include "../bank.furrow.h"
#include "../blog.furrow.h"

struct pair {
    int64_t a, b;
};

furrow_status accept(furrow_session *s, struct author *items[2], int64_t *numbers);
void in_parentheses(furrow_session *s, struct author *items[2], int64_t *numbers);
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
    furrow_condition chosen[3] = {furrow_gt(POST.id, 1), (furrow_condition){0},
                                  furrow_lt(POST.id, numbers[0])};
    post_delete_where(s, .where = {chosen[0], (furrow_condition){0}, chosen[2]});
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

/* Where other arguments follow, a compound literal with commas needs parentheses. */
void in_parentheses(furrow_session *s, struct author *items[2], int64_t *numbers)
{
    struct author *author;
    struct post_list posts = {0};
    furrow_rows *rows;
    post_find(s, &posts,
              .where = {furrow_between(POST.created_at,
                                       ((furrow_time){
                                           .us = 1,
                                       }),
                                       ((furrow_time){
                                           .us = 2,
                                       })),
                        furrow_in(POST.id, ((int64_t[]){1, 2}), 2)});
    furrow_exec(s, "SELECT ?, ?", ((furrow_decimal){2499, 2}), 1);
    furrow_query(s, &rows, "SELECT ?, ?", 1, ((furrow_decimal){2499, 2}));
    author_get_with(s, &author, ((struct pair){1, 2}.a), furrow_load(AUTHOR.posts));
    author_load(s, (&(struct author_list){items, 2, false}), furrow_load(AUTHOR.posts));
    post_insert_with(s, (&(struct post){.id = 1, .title = "x"}), furrow_load(POST.tags));
    post_insert_many_with(s, ((struct post[]){{.id = 1}, {.id = 2}}), 2, furrow_load(POST.tags));
    author_posts_sum(s, (&(struct author_list){items, 2, false}), numbers, POST.id);
}
