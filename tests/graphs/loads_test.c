/* SPDX-License-Identifier: MIT
 *
 * Tests extreme cases of loads: invalid paths, failing allocations, many parents.
 *
 *   loads_test URL
 *
 * With FURROW_TEST_SCALE=full, there are 200,000 parents instead of 10,000. */
#include "world.h"

static furrow_engine *engine;
static int passed, lost;

static void check(bool holds, const char *what)
{
    if (!holds)
        printf("failed: %s\n", what);
    *(holds ? &passed : &lost) += 1;
}

static size_t in_use, peak;
static long allocations, fail_at = -1;

static void *take(size_t size, void *context)
{
    (void)context;
    if (allocations++ == fail_at)
        return NULL;
    size_t *block = malloc(size + 16);
    if (!block)
        return NULL;
    *block = size;
    in_use += size;
    peak = in_use > peak ? in_use : peak;
    return block + 2;
}

static void give(void *memory, void *context)
{
    (void)context;
    size_t *block = memory;
    if (!block)
        return;
    in_use -= block[-2];
    free(block - 2);
}

static void *retake(void *memory, size_t size, void *context)
{
    void *other = take(size, context);
    if (other && memory) {
        size_t old = ((size_t *)memory)[-2];
        memcpy(other, memory, old < size ? old : size);
        give(memory, context);
    }
    return other;
}

static bool says(furrow_session *s, furrow_status status, const char *first, const char *second)
{
    const char *message = furrow_session_error(s)->message;
    bool good = status == FURROW_INVALID && strstr(message, first) && strstr(message, second);
    if (!good)
        printf("%s: %s\n", furrow_status_name(status), message);
    furrow_rollback(s);
    return good;
}

/* Checks that a `find` with these options is rejected before a statement is sent. Its result must
 * be empty. */
static void refused(furrow_session *s, struct person_find_options o, const char *first,
                    const char *second, const char *what)
{
    struct person_list list = {.items = (struct person **)&list, .count = 3, .loaded = true};
    o.s = s;
    o.out = &list;
    uint64_t before = furrow_session_stats(s).statements;
    furrow_status status = person_find_using(&o);
    check(!list.items && !list.count && !list.loaded, "the result of a rejected call is empty");
    check(furrow_session_stats(s).statements == before, "a rejected call sends no statement");
    check(says(s, status, first, second), what);
}

static void test_paths(furrow_session *s)
{
    refused(s, (struct person_find_options){.with = {furrow_load(PAPER.author)}}, "\"paper\"",
            "\"person\"", "a path that begins at another model is rejected");
    refused(s, (struct person_find_options){.with = {furrow_load(PERSON.written, PERSON.boss)}},
            "\"person\"", "\"paper\"", "a step of the wrong model is rejected");
    refused(s,
            (struct person_find_options){
                .with = {{.steps = {PERSON.boss, PERSON.boss, PERSON.boss, PERSON.boss, PERSON.boss,
                                    PERSON.boss, PERSON.boss}}}},
            "\"person\"", "6 steps", "a path with too many steps is rejected");
    refused(
        s,
        (struct person_find_options){.with = {furrow_load(PERSON.boss), furrow_load(PERSON.boss),
                                              furrow_load(PERSON.boss), furrow_load(PERSON.boss),
                                              furrow_load(PERSON.boss)}},
        ".with", "4 paths", "too many paths are rejected");
    refused(s,
            (struct person_find_options){
                .with = {furrow_load_some((PERSON.written), .where = {furrow_eq(PERSON.n, 1)})}},
            "\"person\"", "\"paper\"", "a condition on another model's column is rejected");
    refused(s,
            (struct person_find_options){
                .with = {furrow_load_some((PERSON.written), .order_by = {furrow_asc(CLUB.n)})}},
            "\"club\"", "\"paper\"", "an order by another model's column is rejected");
    refused(s,
            (struct person_find_options){.with = {furrow_load_some((PERSON.written), .limit = -1)}},
            "written", "negative", "a negative limit is rejected");
    refused(s,
            (struct person_find_options){
                .with = {furrow_load(PERSON.boss, (furrow_relation_ref){0}, PERSON.boss)}},
            "NULL", "\"person\"", "a NULL step is rejected");
    furrow_cursor *cursor = (furrow_cursor *)&cursor;
    struct person_find_options o = {.s = s, .with = {furrow_load(PAPER.author)}};
    struct furrow_find_options stream;
    memcpy(&stream, &o, sizeof o < sizeof stream ? sizeof o : sizeof stream);
    stream.out = &cursor;
    furrow_status status = furrow_model_stream(&person_model, sizeof stream, &stream);
    check(!cursor, "a rejected stream is NULL");
    check(says(s, status, "\"paper\"", "\"person\""),
          "a stream with a path that begins at another model is rejected");
}

/* The ways to load only some rows of a relationship. */
#define SOME                                                                                       \
    OPTION(.where = {furrow_ge(PAPER.n, 1)})                                                       \
    OPTION(.where = {furrow_ge(PAPER.n, 2)})                                                       \
    OPTION(.where = {furrow_le(PAPER.n, 1)})                                                       \
    OPTION(.where = {furrow_ge(PAPER.m, 1)})                                                       \
    OPTION(.where = {furrow_eq(PAPER.t, "a")})                                                     \
    OPTION(.where = {furrow_eq(PAPER.t, "b")})                                                     \
    OPTION(.where = {furrow_eq_column(PAPER.n, PAPER.m)})                                          \
    OPTION(.where = {furrow_in(PAPER.n, ((int32_t[]){1, 2}), 2)})                                  \
    OPTION(.where = {furrow_in(PAPER.n, ((int32_t[]){1, 3}), 2)})                                  \
    OPTION(.where = {furrow_in(PAPER.t, ((const char *[]){"a", "b"}), 2)})                         \
    OPTION(.where = {furrow_in(PAPER.t, ((const char *[]){"a", "c"}), 2)})                         \
    OPTION(.where = {furrow_is_null(PAPER.t)})                                                     \
    OPTION(.where = {furrow_not(furrow_is_null(PAPER.t))})                                         \
    OPTION(.where = {furrow_has(PAPER.labels)})                                                    \
    OPTION(.where = {furrow_ge(PAPER.n, 1), furrow_ge(PAPER.m, 1)})                                \
    OPTION(.order_by = {furrow_asc(PAPER.n)})                                                      \
    OPTION(.order_by = {furrow_desc(PAPER.n)})                                                     \
    OPTION(.order_by = {furrow_asc(PAPER.m)})                                                      \
    OPTION(.order_by = {furrow_asc(PAPER.n), furrow_asc(PAPER.m)})                                 \
    OPTION(.order_by = {furrow_asc_through(PAPER.author, PERSON.n)})                               \
    OPTION(.limit = 1)                                                                             \
    OPTION(.limit = 2)                                                                             \
    OPTION(.limit = 2, .order_by = {furrow_asc(PAPER.n)})

/* Two paths may lead to the same relationship only with equal options. */
static void test_options(furrow_session *s)
{
    static const char first[] = "\"person\".\"written\"",
                      second[] = "different conditions, orders or limits";
#define OPTION(...) furrow_load_some((PERSON.written), __VA_ARGS__),
    const furrow_path written[] = {furrow_load(PERSON.written), SOME},
                      again[] = {furrow_load(PERSON.written), SOME};
#undef OPTION
#define OPTION(...) furrow_load_some((PERSON.boss, PERSON.written), __VA_ARGS__),
    const furrow_path other[] = {furrow_load(PERSON.boss, PERSON.written), SOME};
#undef OPTION
    enum { COUNT = sizeof written / sizeof *written };
    const furrow_path longer = furrow_load(PERSON.written, PAPER.labels),
                      through_boss = furrow_load(PERSON.boss, PERSON.written, PAPER.labels);
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < COUNT; k++) {
            struct person_find_options same = {.with = {written[i], again[k]}},
                                       reached = {.with = {written[i], other[k]}};
            if (i == k) {
                struct person_list list = {0};
                same.s = reached.s = s;
                same.out = reached.out = &list;
                check(person_find_using(&same) == FURROW_OK, "two equal paths are accepted");
                check(person_find_using(&reached) == FURROW_OK,
                      "two ways to a relationship with equal options are accepted");
                furrow_rollback(s);
                continue;
            }
            refused(s, same, first, second, "equal paths with different options are rejected");
            refused(s, reached, first, second,
                    "two ways to a relationship with different options are rejected");
        }
        struct person_list list = {0};
        struct person_find_options before = {.s = s, .out = &list, .with = {written[i], longer}},
                                   after = {.s = s, .out = &list, .with = {longer, written[i]}};
        check(person_find_using(&before) == FURROW_OK && person_find_using(&after) == FURROW_OK,
              "a path that continues from another path is accepted");
        furrow_rollback(s);
        if (i)
            refused(s, (struct person_find_options){.with = {through_boss, written[i]}}, first,
                    second, "a step without options conflicts with another way to its rows");
    }
    struct person_list list = {0};
    check(person_find(s, &list,
                      .with = {furrow_load(PERSON.boss),
                               furrow_load_some((PERSON.boss), .limit = 1)}) == FURROW_OK,
          "the limit of a relationship to one row makes no difference");
    furrow_rollback(s);
}

/* Every call with paths checks their options. */
static void test_options_of_every_call(furrow_session *s)
{
    static const char first[] = "\"person\".\"written\"",
                      second[] = "different conditions, orders or limits";
    const furrow_path all = furrow_load(PERSON.written),
                      some = furrow_load_some((PERSON.written), .limit = 1);
    struct person row = {.n = 1}, *out = NULL;
    struct person_list list = {0};
    struct person_cursor *cursor = NULL;
    check(says(s, person_find(s, &list, .with = {all, some}), first, second), "find");
    check(says(s, person_first(s, &out, .with = {all, some}), first, second), "first");
    check(says(s, person_stream(s, &cursor, .with = {all, some}), first, second), "stream");
    check(says(s,
               person_get_with(s, &out, 1, furrow_load(PERSON.written),
                               furrow_load_some((PERSON.written), .limit = 1)),
               first, second),
          "get_with");
    check(person_insert(s, &row) == FURROW_OK && person_find(s, &list) == FURROW_OK, "a row");
    check(says(s,
               person_load(s, &list, furrow_load(PERSON.written),
                           furrow_load_some((PERSON.written), .limit = 1)),
               first, second),
          "load");
}

static void test_rows(furrow_session *s)
{
    struct world w;
    random_state = 77;
    world_make(&w, 20);
    world_insert(&w, s);
    struct person_list people = {0};
    person_find(s, &people, .with = {furrow_load(PERSON.passport)});
    furrow_savepoint_begin(s);
    furrow_savepoint_end(s);
    furrow_path path[] = {furrow_load(PERSON.boss)};
    check(people.count > 1 && furrow_session_status(s) == FURROW_OK, "rows were found");
    int64_t absent = 0;
    furrow_each (struct person, p, people)
        absent += !p->passport && furrow_relation_is_loaded(s, PERSON.passport.relation, p);
    check(absent == w.count[PEOPLE] - w.count[PASSPORTS],
          "a missing passport differs from a passport that is not loaded");
    struct person *one = NULL;
    person_first(s, &one, .where = {furrow_gt(PERSON.id, 0)});
    check(one && !furrow_relation_is_loaded(s, PERSON.passport.relation, one),
          "a relationship is not loaded before its first use");
    check(furrow_relation_load(s, PERSON.passport.relation, one) == FURROW_OK &&
              furrow_relation_is_loaded(s, PERSON.passport.relation, one),
          "a relationship without a row can be loaded for a single row");
    check(furrow_rows_load(s, &person_model, NULL, 0, (furrow_path_list){path, 1}) == FURROW_OK,
          "no rows");

    struct person *holes[] = {people.items[0], NULL};
    check(says(s,
               furrow_rows_load(s, &person_model, (void *const *)holes, 2,
                                (furrow_path_list){path, 1}),
               "row 2", "NULL"),
          "a NULL row is rejected");
    check(says(s, furrow_rows_load(s, &person_model, NULL, 2, (furrow_path_list){path, 1}), "rows",
               "NULL"),
          "a NULL array of rows is rejected");
    check(says(s, furrow_relation_load(s, PERSON.boss.relation, NULL), "\"boss\"", "NULL"),
          "loading a relationship of a NULL row is rejected");
    check(says(s, furrow_relation_load(s, PAPER.author.relation, people.items[0]), "\"author\"",
               "\"person\""),
          "a relationship of another model is rejected");
    const furrow_path author = furrow_load(PAPER.author);
    check(says(s,
               furrow_rows_load(s, &paper_model, (void *const *)people.items, people.count,
                                (furrow_path_list){&author, 1}),
               "paper", "\"person\""),
          "rows of another model are rejected");
    check(furrow_relation_load(NULL, PERSON.boss.relation, people.items[0]) != FURROW_OK,
          "no session");
    furrow_exec(s, "SELECT no_such_column");
    check(furrow_relation_load(s, PERSON.boss.relation, people.items[0]) == FURROW_ABORTED &&
              furrow_rows_load(s, &person_model, (void *const *)people.items, 1,
                               (furrow_path_list){path, 1}) == FURROW_ABORTED &&
              !people.items[0]->boss,
          "after a failure");
    furrow_rollback(s);
    world_free(&w);
}

/* Runs every kind of load once, and returns the status of the session. */
static furrow_status load_everything(void)
{
    furrow_session *s = furrow_session_open(engine, .read_only = true);
    if (!s)
        return FURROW_NOMEM;
    struct person_list people = {0};
    struct club_list clubs = {0};
    struct paper_cursor *papers = NULL;
    person_find(s, &people, .order_by = {furrow_asc(PERSON.id)},
                .with = {furrow_load(PERSON.written, PAPER.labels), furrow_load(PERSON.passport),
                         furrow_load_some((PERSON.follows), .where = {furrow_ge(PERSON.n, 0)},
                                          .order_by = {furrow_desc(PERSON.t)}, .limit = 2)});
    club_find(s, &clubs);
    for (size_t i = 0; i < clubs.count; i++)
        if (furrow_relation_load(s, CLUB.members.relation, clubs.items[i]))
            break;
    paper_stream(
        s, &papers,
        .with = {furrow_load(PAPER.reviewer, PERSON.clubs),
                 furrow_load_some((PAPER.remarks), .where = {furrow_contains(REMARK.t, "a")})});
    while (paper_next(papers))
        ;
    furrow_status status = furrow_session_status(s);
    if (status && people.items && !people.count)
        status =
            FURROW_DATABASE; /* after a failure, a result without rows must not have an array */
    furrow_session_close(s);
    return status;
}

static void test_memory(furrow_session *s)
{
    struct world w;
    random_state = 99;
    world_make(&w, 24);
    world_insert(&w, s);
    check(furrow_commit(s) == FURROW_OK, "the graph is committed");
    furrow_session_reset(s);
    check(load_everything() == FURROW_OK, "the load works");
    size_t before = in_use;
    allocations = 0;
    check(load_everything() == FURROW_OK, "a second load works");
    long count = allocations;
    bool good = count > 50, no_leak = in_use == before;
    /* A few more allocations are tried: if memory runs out, statements are closed, and the next
     * load prepares them again. */
    for (long k = 0; k < count + 8 && good; k++) {
        allocations = 0;
        fail_at = k;
        furrow_status status = load_everything();
        bool ran_out = allocations > k;
        fail_at = -1;
        good = ran_out ? status == FURROW_NOMEM : status == FURROW_OK;
        if (!good)
            printf("allocation %ld of %ld: %s\n", k, count, furrow_status_name(status));
    }
    check(good, "each failing allocation is reported as FURROW_NOMEM");
    load_everything();
    before = in_use;
    load_everything();
    no_leak &= in_use == before;
    check(no_leak, "no memory is leaked");
    furrow_drop_all(s, &graph_schema);
    furrow_create_all(s, &graph_schema);
    check(furrow_commit(s) == FURROW_OK, "the graph is deleted");
    world_free(&w);
}

/* The maximum amount of memory for one child row. While the result exists, this is twice the size
 * of its struct (blocks of rows can be half empty) and a pointer in its parent's list (8 bytes).
 * The load itself also needs:
 *   48 bytes    the row and its key (16 bytes), three times while that array grows
 *   432 bytes   an entry (24 bytes) in each of 3 hash tables, times 6: a table is at least a
 *               quarter full, and while it grows, the previous table of half the size still exists
 *   100 bytes   the key of the parent in chains, tables and arrays */
enum { FIXED = 32768, PER_CHILD = 2 * sizeof(struct paper) + 8 + 48 + 432 + 100 };

static void insert_many(furrow_session *s, int parents)
{
    struct person *people = calloc((size_t)parents, sizeof *people);
    struct paper *papers = calloc((size_t)parents, sizeof *papers);
    if (!people || !papers)
        abort();
    for (int i = 0; i < parents; i++) {
        people[i].id = i + 1;
        papers[i].author_id = parents - i;
        memcpy(papers[i].id.bytes, &i, sizeof i);
    }
    check(person_insert_many(s, people, (size_t)parents) == FURROW_OK &&
              paper_insert_many(s, papers, (size_t)parents) == FURROW_OK,
          "rows are inserted");
    free(people);
    free(papers);
}

static void test_many(furrow_session *s, int parents)
{
    insert_many(s, parents);
    struct person_list people = {0};
    person_find(s, &people);
    uint64_t before = furrow_session_stats(s).statements;
    size_t start = peak = in_use;
    const furrow_path both[] = {furrow_load(PERSON.written, PAPER.author),
                                furrow_load(PERSON.passport)};
    furrow_rows_load(s, &person_model, (void *const *)people.items, people.count,
                     (furrow_path_list){both, 2});
    size_t bytes = peak - start;
    bool whole = people.count == (size_t)parents;
    furrow_each (struct person, p, people)
        whole &= p->written.count == 1 && p->written.items[0]->author == p && !p->passport;
    check(whole, "every parent has its own children");
    check(furrow_session_stats(s).statements == before + 2,
          "each step of a path needs one statement");
    printf("%d parents: %zu bytes per child at most\n", parents, bytes / (size_t)parents);
    check(bytes <= FIXED + PER_CHILD * (size_t)parents, "memory is proportional to the result");

    struct person_cursor *cursor = NULL;
    person_stream(s, &cursor, .with = {furrow_load(PERSON.written)});
    start = peak = in_use;
    int rows = 0;
    for (struct person *p; (p = person_next(cursor)) != NULL; rows++)
        whole &= p->written.count == 1;
    check(whole && rows == parents, "every parent in a stream has its own children");
    check(peak - start < 1024 * 1024, "a stream's memory does not grow with its rows");
    furrow_rollback(s);
    furrow_session_reset(s);
}

int main(int argc, char **argv)
{
    const char *argument = argc > 1 ? argv[1] : "sqlite:///", *scale = getenv("FURROW_TEST_SCALE");
    if (must_skip(argument)) {
        fprintf(stderr, "FURROW_TEST_POSTGRESQL is not set\n");
        return SKIPPED;
    }
    furrow_set_allocator(&(furrow_allocator){take, retake, give, NULL});
    if (!open_database(&engine, argument)) {
        printf("0 passed, 1 failed\n");
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    test_paths(s);
    test_options(s);
    test_options_of_every_call(s);
    test_rows(s);
    test_memory(s);
    test_many(s, 2);
    test_many(s, scale && strcmp(scale, "full") == 0 ? 200000 : 10000);
    furrow_session_close(s);
    close_database(engine);
    printf("%d passed, %d failed\n", passed, lost);
    return lost != 0;
}
