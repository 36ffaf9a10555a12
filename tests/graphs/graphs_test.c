/* SPDX-License-Identifier: MIT
 *
 * Random graphs of rows, with random queries and loads through relationships. The results are
 * compared with plain loops over the graph (naive.c).
 *
 *   graphs_test URL [SEED [GRAPHS]]     FURROW_TEST_SCALE=full runs 2,000 graphs
 *
 * For each result, the test follows all loaded relationships. It checks the rows and their order,
 * that there is only one object for each row, which relationships are loaded, and how many
 * statements ran.
 */
#include <inttypes.h>

#include "naive.h"

enum { BATCH = 256 }; /* a stream loads the relationships of this many rows together */

static furrow_engine *engine;
static furrow_session *s;
static struct world w;
static bool failed;

static void complain(const char *what, const char *name)
{
    if (!failed)
        printf("    %s: %s\n", name, what);
    failed = true;
}

static bool worked(furrow_status status, const char *name)
{
    if (status == FURROW_OK)
        return true;
    complain(furrow_session_error(s)->message, name);
    return false;
}

/* The objects in memory that have been found so far, indexed by kind and row. `waiting` lists the
 * objects whose relationships have not been checked yet. */
struct found {
    void **objects[KINDS];
    struct {
        enum kind kind;
        int row;
    } * waiting;
    int first, last, room;
};

static void found_start(struct found *f)
{
    *f = (struct found){.room = 0};
    for (int k = 0; k < KINDS; k++) {
        f->objects[k] = calloc((size_t)w.count[k], sizeof(void *));
        f->room += w.count[k];
    }
    f->waiting = calloc((size_t)f->room, sizeof *f->waiting);
}

static void found_end(struct found *f)
{
    for (int k = 0; k < KINDS; k++)
        free(f->objects[k]);
    free(f->waiting);
}

/* Checks that an object has the values of a row, and records it as the only object of this row. */
static bool is_row(struct found *f, enum kind k, int row, void *object, const char *where)
{
    const void *wanted = row_at(&w, k, row);
    int32_t m = 0, wanted_m = 0;
    if (!object) {
        complain("a row is missing", where);
        return false;
    }
    if (f->objects[k][row] == object)
        return true;
    if (f->objects[k][row]) {
        complain("a row has two objects", where);
        return false;
    }
    const char *t = t_of(k, object), *wanted_t = t_of(k, wanted);
    if (kinds[k].compare(object, wanted) || n_of(k, object) != n_of(k, wanted) ||
        m_of(k, object, &m) != m_of(k, wanted, &wanted_m) || m != wanted_m || !t != !wanted_t ||
        (t && strcmp(t, wanted_t))) {
        complain("an object has the values of another row", where);
        return false;
    }
    f->objects[k][row] = object;
    f->waiting[f->last].kind = k;
    f->waiting[f->last++].row = row;
    return true;
}

struct any_list {
    void **items;
    size_t count;
    bool loaded;
};

static void check_list(struct found *f, const struct shape *shape, const void *object,
                       const struct rows *wanted)
{
    struct any_list list;
    memcpy(&list, (const char *)object + shape->offset, sizeof list);
    if (furrow_relation_is_loaded(s, shape->relation, object) != (wanted != NULL) ||
        list.loaded != (wanted != NULL))
        complain(wanted ? "is not loaded" : "is loaded, but should not be", shape->name);
    else if (list.count != (size_t)(wanted ? wanted->count : 0))
        complain("a wrong number of rows", shape->name);
    else
        for (int i = 0; wanted && i < wanted->count && !failed; i++)
            is_row(f, shape->to, wanted->items[i], list.items[i], shape->name);
}

static void check_pointer(struct found *f, int index, int row, const void *object,
                          const struct rows *wanted, bool filtered)
{
    const struct shape *shape = &shapes[index];
    const int *first = w.first[index];
    void *target;
    memcpy(&target, (const char *)object + shape->offset, sizeof target);
    bool has = first[2 * row] < first[2 * row + 1],
         is_loaded = furrow_relation_is_loaded(s, shape->relation, object);
    if (wanted && !is_loaded)
        complain("is not loaded", shape->name);
    else if (wanted && wanted->count)
        is_row(f, shape->to, wanted->items[0], target, shape->name);
    else if (target && (!has || (wanted && !filtered)))
        complain("is not NULL", shape->name);
    else if (target) /* a child refers back to the parent that it was loaded for */
        is_row(f, shape->to, w.related[index][first[2 * row]], target, shape->name);
    else if (!wanted && is_loaded && has)
        complain("is loaded without a row, but a row exists", shape->name);
}

/* Checks the relationships of all objects in `waiting`. */
static void check_found(struct found *f, const struct loaded *l)
{
    for (; f->first < f->last && !failed; f->first++) {
        enum kind k = f->waiting[f->first].kind;
        int row = f->waiting[f->first].row;
        const void *object = f->objects[k][row];
        for (int i = 0; i < shape_count && !failed; i++) {
            if (shapes[i].from != k)
                continue;
            if (shapes[i].how == MANY || shapes[i].how == THROUGH)
                check_list(f, &shapes[i], object, l->lists[i][row]);
            else
                check_pointer(f, i, row, object, l->lists[i][row], l->filtered[i][row]);
        }
    }
}

struct query {
    enum kind kind;
    struct filter where;
    struct order order;
    int limit;
    struct path paths[FURROW_MAX_PATHS];
    int path_count;
    struct rows wanted;
    struct furrow_find_options options;
};

static void query_make(struct query *q, bool with_paths)
{
    *q = (struct query){.kind = (enum kind)random_below(KINDS)};
    if (chance(40))
        filter_make(&q->where, q->kind, 16, 3);
    order_make(&q->order);
    if (chance(30))
        q->limit = 1 + (int)random_below((uint32_t)w.count[q->kind]);
    q->path_count = with_paths ? paths_make(q->paths, q->kind) : 0;
    for (int i = 0; i < w.count[q->kind]; i++)
        if (filter_matches(&q->where, &w, q->kind, i))
            rows_add(&q->wanted, i);
    order_rows(&q->order, &w, q->kind, q->wanted.items, q->wanted.count);
    if (q->limit && q->wanted.count > q->limit)
        q->wanted.count = q->limit;
    filter_write(&q->where, q->kind, q->options.where);
    order_write(&q->order, q->kind, q->options.order_by);
    const furrow_model *model =
        kinds[q->kind].model; /* rows that compare equal are ordered by key */
    for (int i = 0; i < model->primary_key_count; i++)
        q->options.order_by[q->order.count + i] =
            furrow_order(&model->columns[model->primary_key[i]], false);
    q->options.limit = q->limit;
    for (int p = 0; p < q->path_count; p++)
        path_write(&q->paths[p], &q->options.with[p]);
    q->options.s = s;
}

static void query_end(const struct query *q, const char *verb)
{
    if (failed) {
        printf("  %s %s", verb, kinds[q->kind].name);
        filter_print(&q->where, q->kind, stdout);
        printf(" limit %d\n", q->limit);
        for (int p = 0; p < q->path_count; p++)
            path_print(&q->paths[p], stdout);
    }
    free(q->wanted.items);
}

static int statements(void)
{
    return (int)furrow_session_stats(s).statements;
}

static void check_statements(int before, int wanted, const char *name)
{
    char text[80];
    snprintf(text, sizeof text, "%d statements, not %d", statements() - before, wanted);
    if (statements() - before != wanted)
        complain(text, name);
}

/* Checks the rows of a result, and all rows that can be reached from them. */
static void check_result(const struct query *q, const struct any_list *list, const struct loaded *l)
{
    struct found f;
    found_start(&f);
    if (list->count != (size_t)q->wanted.count)
        complain("a wrong number of rows", kinds[q->kind].name);
    for (int i = 0; i < q->wanted.count && !failed; i++)
        is_row(&f, q->kind, q->wanted.items[i], list->items[i], kinds[q->kind].name);
    check_found(&f, l);
    found_end(&f);
}

/* Tests `find` with paths, and `find` followed by a load of the paths. */
static void test_find(void)
{
    struct query q;
    struct loaded l;
    struct any_list list = {0};
    bool later = chance(30);
    furrow_path paths[FURROW_MAX_PATHS + 1] = {{.limit = 0}};
    query_make(&q, true);
    loaded_start(&l, &w);
    loaded_paths(&l, q.kind, &q.wanted, q.paths, q.path_count);
    q.options.out = &list;
    if (later) {
        memcpy(paths, q.options.with, sizeof paths);
        memset(q.options.with, 0, sizeof q.options.with);
    }
    int before = statements();
    furrow_status status = furrow_model_find(kinds[q.kind].model, sizeof q.options, &q.options);
    if (later && !status)
        status = furrow_rows_load(s, kinds[q.kind].model, (void *const *)list.items, list.count,
                                  (furrow_path_list){paths, (size_t)q.path_count});
    if (worked(status, "find")) {
        check_statements(before, 1 + l.statements, "find");
        check_result(&q, &list, &l);
    }
    loaded_end(&l);
    query_end(&q, later ? "load" : "find");
}

/* Tests only conditions: `find` and `count` must agree with the loops. */
static void test_count(void)
{
    struct query q;
    query_make(&q, false);
    struct furrow_count_options o = {.s = s};
    int64_t count = 0, wanted = 0;
    memcpy(o.where, q.options.where, sizeof o.where);
    o.out = &count;
    for (int i = 0; i < w.count[q.kind]; i++)
        wanted += filter_matches(&q.where, &w, q.kind, i);
    if (worked(furrow_model_count(kinds[q.kind].model, sizeof o, &o), "count") && count != wanted)
        complain("a wrong number of rows", "count");
    query_end(&q, "count");
}

/* Loads a relationship of each row of the result, one row after the other. All these loads together
 * must need at most one statement. */
static void test_later(void)
{
    struct query q;
    struct loaded l;
    struct any_list list = {0};
    struct rows children = {0}, grandchildren = {0};
    query_make(&q, false);
    q.options.out = &list;
    loaded_start(&l, &w);
    for (int i = 0; i < q.wanted.count; i++)
        l.seen[q.kind][q.wanted.items[i]] = true;
    furrow_status status = furrow_model_find(kinds[q.kind].model, sizeof q.options, &q.options);
    if (worked(status, "find") && list.count == (size_t)q.wanted.count && list.count) {
        int choices[RELATIONS], count = 0;
        for (int i = 0; i < shape_count; i++)
            if (shapes[i].from == q.kind)
                choices[count++] = i;
        int index = choices[random_below((uint32_t)count)], before = statements();
        const struct shape *shape = &shapes[index];
        loaded_step(&l, index, &q.wanted, NULL, &children);
        for (size_t i = 0, at = random_below((uint32_t)list.count); i < list.count && !failed; i++)
            worked(furrow_relation_load(s, shape->relation, list.items[(at + i) % list.count]),
                   shape->name);
        check_statements(before, l.statements, shape->name);
        check_result(&q, &list, &l);
    }
    free(children.items);
    free(grandchildren.items);
    loaded_end(&l);
    query_end(&q, "find, then load");
}

/* Tests a stream, which must load the paths of each batch of rows together. */
static void test_stream(void)
{
    struct query q;
    furrow_cursor *cursor = NULL;
    query_make(&q, chance(80));
    q.options.out = &cursor;
    int before = statements(), wanted = 1, i = 0;
    if (!worked(furrow_model_stream(kinds[q.kind].model, sizeof q.options, &q.options), "stream")) {
        query_end(&q, "stream");
        return;
    }
    for (int start = 0; start < q.wanted.count && !failed; start += BATCH) {
        struct loaded l;
        struct found f;
        struct rows batch = {.items = q.wanted.items + start, .count = q.wanted.count - start};
        batch.count = batch.count > BATCH ? BATCH : batch.count;
        loaded_start(&l, &w);
        found_start(&f);
        loaded_paths(&l, q.kind, &batch, q.paths, q.path_count);
        wanted += l.statements;
        for (i = start; i < start + batch.count && !failed; i++) {
            void *row = furrow_cursor_next(cursor);
            is_row(&f, q.kind, q.wanted.items[i], row, "a row of the stream");
            check_found(&f, &l);
        }
        found_end(&f);
        loaded_end(&l);
    }
    if (!failed && furrow_cursor_next(cursor))
        complain("too many rows", "stream");
    furrow_cursor_close(cursor);
    worked(furrow_session_status(s), "stream");
    check_statements(before, wanted, "stream");
    query_end(&q, "stream");
}

static bool run_graph(uint64_t seed, int number)
{
    random_state = (seed + (uint64_t)number) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    for (int i = 0; i < 8; i++)
        random_below(2);
    uint32_t kind_of_size = random_below(100);
    int size = kind_of_size < 60 ? 12 : kind_of_size < 90 ? 60 : kind_of_size < 98 ? 400 : 2000;
    failed = false;
    world_make(&w, size);
    s = furrow_session_open(engine);
    if (worked(world_insert(&w, s), "insert"))
        for (int i = 0; i < 8 && !failed; i++) {
            nodes_free();
            uint32_t choice = random_below(10);
            if (choice < 4)
                test_find();
            else if (choice < 6)
                test_count();
            else if (choice < 8)
                test_later();
            else
                test_stream();
        }
    furrow_session_close(s);
    world_free(&w);
    if (failed)
        printf("graph %d of seed %" PRIu64 " failed\n", number, seed);
    return !failed;
}

int main(int argc, char **argv)
{
    const char *argument = argc > 1 ? argv[1] : "sqlite:///", *scale = getenv("FURROW_TEST_SCALE");
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : UINT64_C(20261123);
    int graphs = argc > 3                              ? (int)strtol(argv[3], NULL, 10)
                 : scale && strcmp(scale, "full") == 0 ? 2000
                                                       : 100;
    int passed = 0, lost = 0, first = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
    if (must_skip(argument)) {
        fprintf(stderr, "FURROW_TEST_POSTGRESQL is not set\n");
        return SKIPPED;
    }
    if (!open_database(&engine, argument)) {
        printf("0 passed, 1 failed\n");
        return 1;
    }
    printf("seed %" PRIu64 "\n", seed);
    fflush(stdout); /* printed before the test, so that the seed is known after a crash */
    for (int i = first; i < first + graphs && lost < 10; i++)
        if (run_graph(seed, i))
            passed++;
        else
            lost++;
    close_database(engine);
    printf("%d passed, %d failed\n", passed, lost);
    return lost != 0;
}
