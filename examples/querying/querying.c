/* SPDX-License-Identifier: MIT
 * Shows every verb, conditions, orders, pages, locks, aggregates and streams. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "shop.furrow.h"

static void print_products(const char *title, struct product_list products)
{
    printf("%s:", title);
    furrow_each (struct product, p, products)
        printf(" %s", p->code);
    printf("\n");
}

/* Inserts rows: one, and several at once. */
static void insert_products(furrow_session *s)
{
    struct product hammer = {
        .code = "HAMMER", .name = "Hammer", .category = TOOL, .price = FURROW_DECIMAL(1950, 2)};
    product_insert(s, &hammer);
    printf("the hammer has the id %" PRId64 "\n", hammer.id);

    struct product more[] = {
        {.code = "SAW", .name = "Saw", .category = TOOL, .price = FURROW_DECIMAL(2400, 2)},
        {.code = "CHESS", .name = "Chess", .category = GAME, .price = FURROW_DECIMAL(3000, 2)},
        {.code = "C", .name = "The C Language", .category = BOOK, .price = FURROW_DECIMAL(45, 0)},
        {.code = "ATLAS", .name = "Atlas, 50% larger", .category = BOOK, .stock = 7},
    };
    product_insert_many(s, more, sizeof more / sizeof *more);
}

/* Reads rows by their keys. */
static void get_products(furrow_session *s)
{
    struct product *product;
    if (product_get(s, &product, 1) == FURROW_OK)
        printf("product 1 is %s\n", product->name);
    if (product_get(s, &product, 99) == FURROW_NOT_FOUND)
        printf("there is no product 99\n");

    int64_t keys[] = {3, 99, 2};
    struct product_list some;
    product_get_many(s, &some, keys, 3);
    print_products("by keys", some);
}

/* Conditions. Elements of .where are combined with AND. */
static void find_products(furrow_session *s)
{
    struct product_list found;
    product_find(s, &found,
                 .where = {furrow_eq(PRODUCT.category, TOOL),
                           furrow_lt(PRODUCT.price, furrow_decimal_of(20, 0))});
    print_products("cheap tools", found);

    product_find(s, &found,
                 .where = {furrow_any(
                     furrow_eq(PRODUCT.category, GAME),
                     furrow_all(furrow_eq(PRODUCT.category, BOOK), furrow_gt(PRODUCT.stock, 0)))},
                 .order_by = {furrow_asc(PRODUCT.code)});
    print_products("games, and books in stock", found);

    product_find(s, &found, .where = {furrow_contains(PRODUCT.name, "50%")});
    print_products("contains 50%", found);

    enum category wanted[] = {BOOK, GAME};
    product_find(s, &found, .where = {furrow_in(PRODUCT.category, wanted, 2)},
                 .order_by = {furrow_desc(PRODUCT.category), furrow_asc(PRODUCT.name)}, .limit = 2);
    print_products("two of the games and books", found);

    product_find(s, &found, .where = {furrow_gt_column(PRODUCT.reserved, PRODUCT.stock)});
    print_products("reserved beyond the stock", found);

    struct product *dearest;
    product_first(s, &dearest, .order_by = {furrow_desc(PRODUCT.price)});
    if (dearest)
        printf("the dearest: %s\n", dearest->code);
}

/* What a user may have entered into a search form. NULL means nothing. */
struct search {
    const char *text, *max_price, *sort;
};

/* A query whose conditions and order are known at run time only. */
static furrow_status search_products(furrow_session *s, struct product_list *out,
                                     const struct search *search)
{
    struct product_find_options query = {.s = s, .out = out, .limit = 50};
    furrow_decimal max_price;
    if (search->text)
        furrow_add(query.where, furrow_icontains(PRODUCT.name, search->text));
    if (search->max_price) {
        if (!furrow_decimal_parse(search->max_price, &max_price) ||
            !furrow_decimal_rescale(max_price, 2, &max_price))
            return FURROW_INVALID; /* the user entered something else, or 19.999 */
        furrow_add(query.where, furrow_le(PRODUCT.price, max_price));
    }
    const furrow_column *column = product_column(search->sort ? search->sort : "code");
    if (!column)
        column = product_column("code"); /* the user can enter any text */
    furrow_add_order(query.order_by, furrow_order(column, false));
    return product_find_using(&query);
}

/* Pages: `next` and `previous` are texts that can be part of a link. */
static void show_pages(furrow_session *s)
{
    struct product_list products;
    furrow_page page = {0};
    do {
        product_find(s, &products, .order_by = {furrow_asc(PRODUCT.name)}, .page_size = 2,
                     .after = page.next, .page = &page);
        print_products("page", products);
    } while (page.next);
}

static void count_products(furrow_session *s)
{
    int64_t count, stock;
    bool any;
    furrow_decimal cheapest, total;
    double average;
    product_count(s, &count, .where = {furrow_eq(PRODUCT.category, BOOK)});
    product_exists(s, &any, .where = {furrow_gt(PRODUCT.stock, 100)});
    product_sum(s, &stock, PRODUCT.stock);
    product_sum(s, &total, PRODUCT.price, .where = {furrow_eq(PRODUCT.category, TOOL)});
    product_min(s, &cheapest, PRODUCT.price, .where = {furrow_ne(PRODUCT.code, "ATLAS")});
    product_avg(s, &average, PRODUCT.stock);
    char tools[FURROW_DECIMAL_SIZE], least[FURROW_DECIMAL_SIZE];
    furrow_decimal_format(total, tools, sizeof tools);
    furrow_decimal_format(cheapest, least, sizeof least);
    printf("%" PRId64 " books, %s stock over 100, %" PRId64 " in stock, tools cost %s, "
           "the cheapest costs %s, %.1f on average\n",
           count, any ? "some" : "no", stock, tools, least, average);
}

/* Changes one row, several rows, and a row that may exist. */
static void change_products(furrow_session *s)
{
    struct product *saw;
    product_first(s, &saw, .where = {furrow_eq(PRODUCT.code, "SAW")});
    if (!saw)
        return;
    saw->stock = 3;
    saw->note = "sharp";
    product_update(s, saw);
    saw->name = "Fine saw";
    product_update(s, saw, .only = {furrow_col(PRODUCT.name)});

    uint64_t changed;
    product_update_where(
        s, .set = {furrow_increment(PRODUCT.stock, 10), furrow_set_null(PRODUCT.note)},
        .where = {furrow_eq(PRODUCT.category, TOOL)}, .changed = &changed);
    printf("%" PRIu64 " tools delivered\n", changed);

    product_refresh(s, saw);
    printf("%s: %d, %s\n", saw->name, saw->stock, saw->note ? saw->note : "no note");

    struct product delivered = {.code = "SAW", .name = "Saw", .category = TOOL, .stock = 5};
    product_upsert(s, &delivered, .conflict = {furrow_col(PRODUCT.code)},
                   .set = {furrow_increment(PRODUCT.stock, 5)});
    printf("%s: %d\n", delivered.name, delivered.stock);
}

/* Reads all rows in constant memory. */
static void stream_products(furrow_session *s)
{
    int64_t characters = 0;
    struct product_cursor *cursor;
    product_stream(s, &cursor, .order_by = {furrow_asc(PRODUCT.id)});
    for (struct product *p; (p = product_next(cursor));) /* valid until the next call */
        characters += (int64_t)strlen(p->name);
    printf("%" PRId64 " characters\n", characters);
}

/* Takes the next job of a queue that several workers read at the same time. */
static furrow_status work(furrow_session *s)
{
    struct job *job;
    furrow_status status = job_first(
        s, &job, .where = {furrow_eq(JOB.state, WAITING)}, .order_by = {furrow_asc(JOB.id)},
        .lock = FURROW_LOCK_FOR_UPDATE, .if_locked = FURROW_IF_LOCKED_SKIP);
    if (status != FURROW_OK)
        return status; /* FURROW_NOT_FOUND: no job is waiting */
    /* … do the work of job->task … */
    job->state = DONE;
    job_update(s, job);
    return furrow_commit(s);
}

struct worker {
    furrow_engine *engine;
    pthread_t thread;
    int done;
};

/* Works until the queue is empty. */
static void *run_worker(void *context)
{
    struct worker *worker = context;
    furrow_session *s = furrow_session_open(worker->engine);
    furrow_status status;
    do {
        furrow_session_reset(s); /* frees the last job, and ends its transaction if it failed */
        status = work(s);
        worker->done += status == FURROW_OK;
    } while (status == FURROW_OK || status == FURROW_BUSY);
    if (status != FURROW_NOT_FOUND)
        fprintf(stderr, "querying: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    return NULL;
}

/* Two workers take the jobs of the queue. */
static void run_workers(furrow_engine *engine)
{
    struct worker workers[2] = {{.engine = engine}, {.engine = engine}};
    for (int i = 0; i < 2; i++)
        pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(workers[i].thread, NULL);
    printf("2 workers: %d jobs done\n", workers[0].done + workers[1].done);
}

static void delete_products(furrow_session *s)
{
    struct product *chess;
    product_first(s, &chess, .where = {furrow_eq(PRODUCT.code, "CHESS")});
    if (chess)
        product_delete(s, chess);
    uint64_t deleted;
    product_delete_where(s, .where = {furrow_eq(PRODUCT.category, BOOK)}, .changed = &deleted);
    printf("%" PRIu64 " books deleted\n", deleted);
}

int main(int argc, char **argv)
{
    struct job jobs[] = {{.task = "pack"}, {.task = "send"}, {.task = "bill"}};
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///querying.db", &error)) {
        fprintf(stderr, "querying: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &shop_schema);
    insert_products(s);
    get_products(s);
    find_products(s);
    struct product_list found;
    if (search_products(s, &found, &(struct search){"a", "25.00", "price"}) == FURROW_OK)
        print_products("found", found);
    show_pages(s);
    count_products(s);
    change_products(s);
    stream_products(s);
    delete_products(s);
    job_insert_many(s, jobs, sizeof jobs / sizeof *jobs);
    furrow_status status = furrow_commit(s);
    if (status != FURROW_OK)
        fprintf(stderr, "querying: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    if (status == FURROW_OK)
        run_workers(engine);
    furrow_engine_close(engine);
    return status == FURROW_OK ? 0 : 1;
}
