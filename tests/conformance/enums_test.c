/* SPDX-License-Identifier: MIT
 *
 * Enums compare and sort by their values in C. Every condition on every enum column runs through
 * every kind of query, and the result is compared with an evaluation in C. The conditions, columns
 * and orders are generated from tables.
 */
#include "conformance.h"
#include "enums.furrow.h"
#include "many.furrow.h"

enum { SHELVES = 8, SAMPLES = 32, COLUMNS = 7, MAX_VALUES = 5 };

static struct shelf shelves[SHELVES];
static struct sample samples[SAMPLES];
static struct tag tags[MAX_VALUES];
static bool links[SHELVES][MAX_VALUES];

static uint32_t seed = 1;
static uint32_t dice(uint32_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (seed >> 8) % sides;
}

static const int64_t tones[] = {TONE_SOFT, TONE_LOUD, TONE_ALTO, TONE_MUTE, TONE_BASS};
static const int64_t tinies[] = {TINY_ZERO, TINY_LOW, TINY_HIGH};
static const int64_t words[] = {WORD_ZERO, WORD_MIDDLE, WORD_HIGH};
static const int64_t grades[] = {GRADE_WORST, GRADE_BAD, GRADE_FINE, GRADE_BEST};

static enum tone any_tone(void)
{
    return (enum tone)tones[dice(5)];
}

static void fill(furrow_session *s)
{
    for (int i = 0; i < SHELVES; i++) {
        shelves[i] = (struct shelf){0};
        if (i % 4)
            furrow_put(shelves[i].tone, any_tone());
    }
    assert_ok(s, shelf_insert_many(s, shelves, SHELVES));
    for (int i = 0; i < SAMPLES; i++) {
        samples[i] = (struct sample){
            .tone = any_tone(), .grade = (enum grade)grades[dice(4)], .only = ONLY_ONE, .hits = i};
        if (dice(3))
            furrow_put(samples[i].other, any_tone());
        if (dice(3))
            furrow_put(samples[i].mark, (enum grade)grades[dice(4)]);
        samples[i].word = (enum word)words[dice(3)];
        if (dice(3))
            furrow_put(samples[i].tiny, (enum tiny)tinies[dice(3)]);
        if (dice(5)) /* the last shelf has no samples */
            furrow_put(samples[i].shelf_id, shelves[dice(SHELVES - 1)].id);
    }
    assert_ok(s, sample_insert_many(s, samples, SAMPLES));
    for (int i = 0; i < MAX_VALUES; i++)
        tags[i] = (struct tag){(enum tone)tones[i], (enum grade)grades[i % 4]};
    assert_ok(s, tag_insert_many(s, tags, MAX_VALUES));
    for (int i = 0; i < SHELVES; i++)
        for (int k = 0; k < MAX_VALUES; k++)
            if ((links[i][k] = dice(2)))
                assert_ok(s, label_insert(s, &(struct label){shelves[i].id, tags[k].tone}));
}

/* An enum column of the model `sample`, and the values of its enum. */
typedef struct subject {
    const furrow_column *column;
    const int64_t *values;
    size_t count;
} subject;

static subject subject_at(size_t i)
{
    static const int64_t only[] = {ONLY_ONE};
    switch (i) {
    case 0:
        return (subject){FURROW_COLUMN_(SAMPLE.tone), tones, 5};
    case 1:
        return (subject){FURROW_COLUMN_(SAMPLE.other), tones, 5};
    case 2:
        return (subject){FURROW_COLUMN_(SAMPLE.grade), grades, 4};
    case 3:
        return (subject){FURROW_COLUMN_(SAMPLE.mark), grades, 4};
    case 4:
        return (subject){FURROW_COLUMN_(SAMPLE.tiny), tinies, 3};
    case 5:
        return (subject){FURROW_COLUMN_(SAMPLE.word), words, 3};
    default:
        return (subject){FURROW_COLUMN_(SAMPLE.only), only, 1};
    }
}

/* Reads a field. NULL is less than every value. */
static int64_t value_of(const furrow_column *column, const void *row)
{
    const char *at = row;
    if (column->flags & FURROW_COLUMN_OPT && !*(const bool *)(at + column->has_offset))
        return INT64_MIN;
    at += column->offset;
    bool is_unsigned = column->flags & FURROW_COLUMN_UNSIGNED;
    uint8_t tiny;
    uint16_t word;
    uint32_t value;
    switch (column->size) {
    case 1:
        memcpy(&tiny, at, sizeof tiny);
        return is_unsigned ? tiny : (int8_t)tiny;
    case 2:
        memcpy(&word, at, sizeof word);
        return is_unsigned ? word : (int16_t)word;
    default:
        memcpy(&value, at, sizeof value);
        return is_unsigned ? (int64_t)value : (int32_t)value;
    }
}

/* Orders */

typedef struct key {
    const furrow_column *column;
    const furrow_relation *through; /* NULL, or the relationship to the row with this column */
    bool descending;
} key;

static key keys[2]; /* the columns that `compare` sorts by; a key without a column is not used */

static const struct shelf *shelf_of(const struct sample *sample)
{
    for (int i = 0; i < SHELVES; i++)
        if (sample->shelf_id.has && shelves[i].id == sample->shelf_id.value)
            return &shelves[i];
    return NULL;
}

static int64_t key_value(const key *k, const struct sample *sample)
{
    if (!k->through)
        return value_of(k->column, sample);
    const struct shelf *shelf = shelf_of(sample);
    return shelf ? value_of(k->column, shelf) : INT64_MIN;
}

/* Compares by both keys, and then by id in the direction of the last key, as pages do. */
static int compare(const void *left, const void *right)
{
    const struct sample *a = *(const struct sample *const *)left;
    const struct sample *b = *(const struct sample *const *)right;
    bool descending = false;
    for (size_t i = 0; i < 2 && keys[i].column; i++) {
        int64_t x = key_value(&keys[i], a), y = key_value(&keys[i], b);
        descending = keys[i].descending;
        if (x != y)
            return (x < y) != descending ? -1 : 1;
    }
    return (a->id < b->id) != descending ? -1 : 1;
}

static furrow_ordering ordering_of(const key *k)
{
    return k->through ? furrow_order_through_(k->through, k->column, k->descending)
                      : furrow_order(k->column, k->descending);
}

/* Conditions */

typedef enum truth { NO, YES, UNKNOWN } truth;

/* A condition on one column, possibly within furrow_not. */
typedef struct condition {
    enum furrow_op_ op;
    bool negated;
    const furrow_column *column, *other; /* `other` is used only for a comparison of two columns */
    int64_t a, b;                        /* `b` is used only for `between` and `in` */
    int array[2];
} condition;

static size_t build(condition *c, furrow_condition *out)
{
    size_t n = 0;
    if (c->negated)
        out[n++] = furrow_condition_plain_(NULL, FURROW_OP_NOT_);
    if (c->other) {
        out[n++] = furrow_condition_columns_(c->column, c->op, c->other);
    } else if (c->op == FURROW_OP_IN_ || c->op == FURROW_OP_NOT_IN_) {
        c->array[0] = (int)c->a;
        c->array[1] = (int)c->b;
        out[n++] = furrow_condition_(c->column, c->op,
                                     furrow_value_array_(c->column, c->array, sizeof(int), 2));
    } else {
        out[n++] = furrow_condition_(c->column, c->op, furrow_value_integer_(c->a));
        if (c->op == FURROW_OP_BETWEEN_)
            out[n++] =
                furrow_condition_(NULL, FURROW_OP_BETWEEN_HIGH_, furrow_value_integer_(c->b));
    }
    if (c->negated)
        out[n++] = FURROW_CLOSE_;
    return n;
}

static truth compare_values(enum furrow_op_ op, int64_t x, int64_t a, int64_t b)
{
    switch (op) {
    case FURROW_OP_EQ_:
    case FURROW_OP_EQ_COLUMN_:
        return x == a;
    case FURROW_OP_NE_:
    case FURROW_OP_NE_COLUMN_:
        return x != a;
    case FURROW_OP_LT_:
    case FURROW_OP_LT_COLUMN_:
        return x < a;
    case FURROW_OP_LE_:
    case FURROW_OP_LE_COLUMN_:
        return x <= a;
    case FURROW_OP_GT_:
    case FURROW_OP_GT_COLUMN_:
        return x > a;
    case FURROW_OP_GE_:
    case FURROW_OP_GE_COLUMN_:
        return x >= a;
    case FURROW_OP_BETWEEN_:
        return a <= x && x <= b;
    case FURROW_OP_IN_:
        return x == a || x == b;
    default:
        return x != a && x != b;
    }
}

static truth evaluate(const condition *c, const struct sample *row)
{
    int64_t x = value_of(c->column, row), a = c->other ? value_of(c->other, row) : c->a;
    if (x == INT64_MIN || a == INT64_MIN)
        return UNKNOWN;
    truth t = compare_values(c->op, x, a, c->b);
    return c->negated ? t == NO : t;
}

/* A condition, and the samples that meet it, sorted by `keys`. */
typedef struct expected {
    condition condition;
    furrow_condition where[6];
    size_t where_count;
    const struct sample *rows[SAMPLES];
    size_t count;
} expected;

static void set_where(furrow_condition *slots, const expected *e)
{
    memcpy(slots, e->where, e->where_count * sizeof *slots);
}

static void assert_rows(const struct sample_list *list, const struct sample *const *rows,
                        size_t count)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list->items[i]->id, rows[i]->id);
}

static void check_find(furrow_session *s, const expected *e)
{
    struct sample_list list;
    struct sample_find_options o = {.s = s, .out = &list};
    set_where(o.where, e);
    o.order_by[0] = ordering_of(&keys[0]);
    o.order_by[1] = furrow_order(FURROW_COLUMN_(SAMPLE.id), keys[0].descending);
    assert_ok(s, sample_find_using(&o));
    assert_rows(&list, e->rows, e->count);
    if (e->count < 3)
        return;
    o.limit = 2;
    o.offset = 1;
    assert_ok(s, sample_find_using(&o));
    assert_rows(&list, e->rows + 1, 2);
}

static void check_first(furrow_session *s, const expected *e)
{
    struct sample *row;
    struct sample_first_options o = {.s = s, .out = &row};
    set_where(o.where, e);
    o.order_by[0] = ordering_of(&keys[0]);
    o.order_by[1] = furrow_order(FURROW_COLUMN_(SAMPLE.id), keys[0].descending);
    assert_status(s, e->count ? FURROW_OK : FURROW_NOT_FOUND, sample_first_using(&o));
    if (e->count)
        assert_int_equal(row->id, e->rows[0]->id);
}

static void check_stream(furrow_session *s, const expected *e)
{
    struct sample_cursor *cursor;
    struct sample_stream_options o = {.s = s, .out = &cursor};
    set_where(o.where, e);
    o.order_by[0] = ordering_of(&keys[0]);
    o.order_by[1] = furrow_order(FURROW_COLUMN_(SAMPLE.id), keys[0].descending);
    assert_ok(s, sample_stream_using(&o));
    for (size_t i = 0; i < e->count; i++)
        assert_int_equal(sample_next(cursor)->id, e->rows[i]->id);
    assert_null(sample_next(cursor));
}

static void check_count(furrow_session *s, const expected *e)
{
    int64_t count;
    bool exists;
    struct sample_count_options o = {.s = s, .out = &count};
    struct sample_exists_options x = {.s = s, .out = &exists};
    set_where(o.where, e);
    set_where(x.where, e);
    assert_ok(s, sample_count_using(&o));
    assert_int_equal(count, e->count);
    assert_ok(s, sample_exists_using(&x));
    assert_int_equal(exists, e->count > 0);
}

/* Checks the least and the greatest value of the condition's column and of another column; both are
 * 0 if there are no values. */
static void check_extremes(furrow_session *s, const expected *e)
{
    for (size_t i = 0; i < 2; i++) {
        const furrow_column *column = i ? subject_at(dice(COLUMNS)).column : e->condition.column;
        int64_t least = INT64_MAX, greatest = INT64_MIN;
        int got_least = 99, got_greatest = 99;
        for (size_t k = 0; k < e->count; k++) {
            int64_t v = value_of(column, e->rows[k]);
            least = v != INT64_MIN && v < least ? v : least;
            greatest = v > greatest ? v : greatest;
        }
        struct sample_min_options o = {.s = s, .out = &got_least, .column = furrow_col_of(column)};
        struct sample_max_options p = {
            .s = s, .out = &got_greatest, .column = furrow_col_of(column)};
        set_where(o.where, e);
        set_where(p.where, e);
        assert_ok(s, sample_min_using(&o));
        assert_ok(s, sample_max_using(&p));
        assert_int_equal(got_least, least == INT64_MAX ? 0 : least);
        assert_int_equal(got_greatest, greatest == INT64_MIN ? 0 : greatest);
    }
}

static void check_update(furrow_session *s, const expected *e)
{
    uint64_t changed;
    int64_t sum, wanted = 0;
    struct sample_update_where_options o = {
        .s = s, .set = {furrow_set(SAMPLE.hits, -1000)}, .changed = &changed};
    set_where(o.where, e);
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, sample_update_where_using(&o));
    assert_int_equal(changed, e->count);
    assert_ok(s, sample_sum(s, &sum, SAMPLE.hits));
    for (int i = 0; i < SAMPLES; i++)
        wanted += samples[i].hits;
    for (size_t i = 0; i < e->count; i++)
        wanted -= 1000 + e->rows[i]->hits;
    assert_int_equal(sum, wanted);
    assert_ok(s, furrow_savepoint_rollback(s));
}

static void check_delete(furrow_session *s, const expected *e)
{
    uint64_t changed;
    struct sample_delete_where_options o = {.s = s, .changed = &changed};
    struct sample_list list;
    set_where(o.where, e);
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, sample_delete_where_using(&o));
    assert_int_equal(changed, e->count);
    assert_ok(s, sample_find(s, &list));
    assert_int_equal(list.count, SAMPLES - e->count);
    for (size_t i = 0; i < list.count; i++)
        for (size_t k = 0; k < e->count; k++)
            assert_true(list.items[i]->id != e->rows[k]->id);
    assert_ok(s, furrow_savepoint_rollback(s));
}

/* Reads all pages in both directions. */
static void check_pages(furrow_session *s, const expected *e)
{
    struct sample_list list;
    furrow_page page = {0};
    int64_t size = 1 + dice(9);
    size_t at = 0;
    struct sample_find_options o = {.s = s, .out = &list, .page_size = size, .page = &page};
    set_where(o.where, e);
    for (size_t i = 0; i < 2 && keys[i].column; i++)
        o.order_by[i] = ordering_of(&keys[i]);
    do {
        o.after = page.next;
        assert_ok(s, sample_find_using(&o));
        assert_true(at + list.count <= e->count);
        assert_rows(&list, e->rows + at, list.count);
        at += list.count;
    } while (page.next);
    assert_int_equal(at, e->count);
    at -= list.count;
    o.after = NULL;
    while ((o.before = page.previous)) {
        assert_ok(s, sample_find_using(&o));
        assert_true(list.count <= at);
        at -= list.count;
        assert_rows(&list, e->rows + at, list.count);
    }
    assert_int_equal(at, 0);
}

/* Checks which shelves have at least one sample, no sample or only samples that meet the condition,
 * and how many such samples each shelf has. */
static void check_relations(furrow_session *s, const expected *e)
{
    static const enum furrow_op_ verbs[] = {FURROW_OP_HAS_, FURROW_OP_NONE_OF_, FURROW_OP_EVERY_};
    int64_t met[SHELVES] = {0}, failed[SHELVES] = {0}, counts[SHELVES], count;
    struct shelf_list all;
    for (int i = 0; i < SAMPLES; i++) {
        const struct shelf *shelf = shelf_of(&samples[i]);
        if (!shelf)
            continue;
        bool meets = evaluate(&e->condition, &samples[i]) == YES;
        met[shelf - shelves] += meets;
        failed[shelf - shelves] += !meets;
    }
    for (size_t v = 0; v < 3; v++) {
        struct shelf_count_options o = {.s = s, .out = &count};
        int64_t wanted = 0;
        o.where[0] = furrow_condition_plain_(FURROW_RELATION_(SHELF.samples), verbs[v]);
        set_where(o.where + 1, e);
        o.where[1 + e->where_count] = FURROW_CLOSE_;
        for (int i = 0; i < SHELVES; i++)
            wanted += v == 0 ? met[i] > 0 : v == 1 ? met[i] == 0 : failed[i] == 0;
        assert_ok(s, shelf_count_using(&o));
        assert_int_equal(count, wanted);
    }
    assert_ok(s, shelf_find(s, &all, .order_by = {furrow_asc(SHELF.id)}));
    struct shelf_samples_count_options o = {.s = s, .rows = &all, .out = counts};
    set_where(o.where, e);
    assert_ok(s, shelf_samples_count_using(&o));
    for (int i = 0; i < SHELVES; i++)
        assert_int_equal(counts[i], met[i]);
}

typedef void check(furrow_session *s, const expected *e);
static check *const checks[] = {check_find,   check_first,    check_stream,
                                check_count,  check_extremes, check_update,
                                check_delete, check_pages,    check_relations};

/* Runs every kind of query with a condition and with its negation. */
static void run(furrow_session *s, condition c)
{
    for (int negated = 0; negated < 2; negated++) {
        expected e = {.condition = c};
        e.condition.negated = negated;
        e.where_count = build(&e.condition, e.where);
        keys[0] = (key){c.column, NULL, dice(2)};
        keys[1] = (key){0};
        for (int i = 0; i < SAMPLES; i++)
            if (evaluate(&e.condition, &samples[i]) == YES)
                e.rows[e.count++] = &samples[i];
        qsort(e.rows, e.count, sizeof *e.rows, compare);
        for (size_t k = 0; k < sizeof checks / sizeof *checks; k++)
            checks[k](s, &e);
    }
}

static void test_enums__compare_with_values(void **state)
{
    (void)state;
    furrow_session *s = filled_session(&enums_schema, fill);
    for (size_t i = 0; i < COLUMNS; i++) {
        subject on = subject_at(i);
        for (size_t v = 0; v < on.count; v++) {
            for (int op = FURROW_OP_EQ_; op <= FURROW_OP_GE_; op++)
                run(s,
                    (condition){.op = (enum furrow_op_)op, .column = on.column, .a = on.values[v]});
            for (size_t w = 0; w < on.count; w++) {
                condition c = {FURROW_OP_BETWEEN_, .column = on.column, .a = on.values[v],
                               .b = on.values[w]};
                run(s, c);
                c.op = v < w ? FURROW_OP_IN_ : FURROW_OP_NOT_IN_;
                if (w == (v + 1) % on.count)
                    run(s, c);
            }
        }
    }
    close_session(s);
}

static void test_enums__compare_with_columns(void **state)
{
    (void)state;
    furrow_session *s = filled_session(&enums_schema, fill);
    for (size_t i = 0; i < 4; i++) {
        condition c = {.column = subject_at(i).column, .other = subject_at(i ^ 1).column};
        for (int op = FURROW_OP_EQ_COLUMN_; op <= FURROW_OP_GE_COLUMN_; op++) {
            c.op = (enum furrow_op_)op;
            run(s, c);
        }
    }
    int64_t count;
    assert_refused(s, FURROW_INVALID, "\"sample\".\"tone\" and \"grade\" are of different enums",
                   sample_count(s, &count, .where = {furrow_eq_column(SAMPLE.tone, SAMPLE.grade)}));
    close_session(s);
}

/* Sorts by every pair of columns, including columns of a related model, in every combination of
 * directions. */
static void test_enums__sort_by_value(void **state)
{
    (void)state;
    furrow_session *s = filled_session(&enums_schema, fill);
    key all[COLUMNS + 1];
    for (size_t i = 0; i < COLUMNS; i++)
        all[i] = (key){.column = subject_at(i).column};
    all[COLUMNS] =
        (key){.column = FURROW_COLUMN_(SHELF.tone), .through = FURROW_RELATION_(SAMPLE.shelf)};
    for (size_t i = 0; i < 4 * (COLUMNS + 1) * (COLUMNS + 1); i++) {
        expected e = {.count = SAMPLES};
        keys[0] = all[i / 4 % (COLUMNS + 1)];
        keys[1] = all[i / 4 / (COLUMNS + 1)];
        keys[0].descending = i & 1;
        keys[1].descending = i & 2;
        if (keys[0].column == keys[1].column)
            keys[1] = (key){0};
        for (int k = 0; k < SAMPLES; k++)
            e.rows[k] = &samples[k];
        qsort(e.rows, e.count, sizeof *e.rows, compare);
        check_pages(s, &e);
        if (keys[1].column)
            continue;
        check_find(s, &e);
        check_first(s, &e);
        check_stream(s, &e);
    }
    close_session(s);
}

/* Compares the loaded samples of a shelf with those that must be loaded under a limit per shelf. */
static void check_loaded(const struct shelf *shelf, int64_t limit, int64_t least)
{
    const struct sample *rows[SAMPLES];
    size_t count = 0;
    for (int i = 0; i < SAMPLES; i++)
        if (samples[i].shelf_id.has && samples[i].shelf_id.value == shelf->id &&
            value_of(keys[0].column, &samples[i]) >= least)
            rows[count++] = &samples[i];
    bool descending = keys[0].descending;
    qsort(rows, count, sizeof *rows, compare);
    keys[0].descending = descending;
    assert_rows(&shelf->samples, rows, limit && count > (size_t)limit ? (size_t)limit : count);
}

static void test_enums__sort_the_rows_of_relationships(void **state)
{
    (void)state;
    furrow_session *s = filled_session(&enums_schema, fill);
    for (size_t i = 0; i < 4 * COLUMNS; i++) {
        subject on = subject_at(i / 4);
        struct shelf_list list;
        int64_t limit = i & 1 ? 2 : 0, least = on.values[dice((uint32_t)on.count)];
        keys[0] = (key){on.column, NULL, i & 2};
        keys[1] = (key){0};
        struct shelf_find_options o = {.s = s, .out = &list};
        o.with[0] = (furrow_path){
            .steps = {SHELF.samples},
            .where = {furrow_condition_(on.column, FURROW_OP_GE_, furrow_value_integer_(least))},
            .order_by = {ordering_of(&keys[0]),
                         furrow_order(FURROW_COLUMN_(SAMPLE.id), keys[0].descending)},
            .limit = limit};
        assert_ok(s, shelf_find_using(&o));
        assert_int_equal(list.count, SHELVES);
        for (size_t k = 0; k < list.count; k++)
            check_loaded(list.items[k], limit, least);
    }
    close_session(s);
}

/* Rows that are reached through a link model are in the order of their key, which is an enum. */
static void test_enums__sort_keys(void **state)
{
    (void)state;
    static const enum tone ascending[] = {TONE_BASS, TONE_LOUD, TONE_MUTE, TONE_SOFT, TONE_ALTO};
    furrow_session *s = filled_session(&enums_schema, fill);
    for (int64_t limit = 0; limit < 3; limit++) {
        struct shelf_list list;
        assert_ok(s, shelf_find(s, &list, .order_by = {furrow_asc(SHELF.id)},
                                .with = {furrow_load_some((SHELF.tags), .limit = limit)}));
        for (int i = 0; i < SHELVES; i++) {
            size_t at = 0;
            for (int v = 0; v < MAX_VALUES; v++)
                for (int k = 0; k < MAX_VALUES; k++)
                    if (tags[k].tone == ascending[v] && links[i][k] &&
                        (!limit || (int64_t)at < limit))
                        assert_int_equal(list.items[i]->tags.items[at++]->tone, ascending[v]);
            assert_int_equal(list.items[i]->tags.count, at);
        }
    }
    struct tag_list list;
    furrow_page page = {0};
    for (int i = 0; i < MAX_VALUES; i++) {
        assert_ok(s, tag_find(s, &list, .page_size = 1, .after = page.next, .page = &page));
        assert_int_equal(list.count, 1);
        assert_int_equal(list.items[0]->tone, ascending[i]);
    }
    assert_null(page.next);
    close_session(s);
}

/* A cursor holds the name of an enumerator. A later version of the program, in which the enumerator
 * has another value, continues after the same rows. */
static void test_enums__cursors_survive_renumbering(void **state)
{
    (void)state;
    static const furrow_enumerator later_tones[] = {{"TONE_BASS", 10},
                                                    {"TONE_LOUD", 20},
                                                    {"TONE_MUTE", 30},
                                                    {"TONE_SOFT", 40},
                                                    {"TONE_ALTO", 50}};
    static furrow_enum later_enum = {"tone", later_tones, 5};
    furrow_session *s = filled_session(&enums_schema, fill);
    struct tag_list list;
    furrow_page page = {0};
    assert_ok(s, tag_find(s, &list, .page_size = 2, .page = &page));
    assert_int_equal(list.items[1]->tone, TONE_LOUD);

    furrow_model later = tag_model;
    furrow_column columns[2];
    memcpy(columns, tag_model.columns, sizeof columns);
    columns[0].enumeration = &later_enum;
    columns[0].model = columns[1].model = &later;
    later.columns = columns;
    struct tag_find_options o = {
        .s = s, .out = &list, .page_size = 2, .after = page.next, .page = &page};
    assert_ok(s, furrow_model_find(&later, sizeof o, &o));
    assert_int_equal(list.count, 2);
    assert_int_equal((int)list.items[0]->tone, 30);
    assert_int_equal((int)list.items[1]->tone, 40);

    later_enum.count = 3; /* the cursor's enumerator no longer exists */
    o.after = page.next;
    assert_refused(s, FURROW_INVALID, "the cursor of a page of \"tag\" does not match the order",
                   furrow_model_find(&later, sizeof o, &o));
    close_session(s);
}

static void test_enums__conditions_use_an_index(void **state)
{
    (void)state;
    furrow_session *s = filled_session(&enums_schema, fill);
    static struct sample rows[3000];
    for (size_t i = 0; i < 3000; i++)
        rows[i] = (struct sample){.tone = i % 1000 ? TONE_ALTO : TONE_BASS,
                                  .mark = furrow_some(i % 1000 ? GRADE_WORST : GRADE_BEST),
                                  .only = ONLY_ONE};
    assert_ok(s, sample_insert_many(s, rows, 3000));
    assert_ok(s, furrow_exec(s, "ANALYZE"));
    const furrow_condition few[][2] = {
        {furrow_lt(SAMPLE.tone, TONE_LOUD)},
        {furrow_le(SAMPLE.tone, TONE_BASS)},
        {furrow_between(SAMPLE.tone, TONE_BASS, TONE_LOUD)},
        {furrow_gt(SAMPLE.mark, GRADE_FINE)},
        {furrow_ge(SAMPLE.mark, GRADE_BEST)},
        {furrow_between(SAMPLE.mark, GRADE_FINE, GRADE_BEST)},
    };
    for (size_t i = 0; i < sizeof few / sizeof *few; i++) {
        const char *plan, *name = ((const furrow_column *)few[i][0].subject)->name;
        char wanted[80];
        snprintf(wanted, sizeof wanted, is_postgresql() ? "sample_%s_idx" : "sample_%s_idx (%s=?)",
                 name, name);
        assert_ok(s, sample_explain(s, &plan, .where = {few[i][0], few[i][1]}));
        if (!strstr(plan, wanted))
            fail_msg("the plan of condition %zu does not use the index: %s", i, plan);
    }
    close_session(s);
}

/* The enum has as many enumerators as an enum can have, with long names. */
static void test_enums__may_have_many_enumerators(void **state)
{
    (void)state;
    create_fresh(&many_schema);
    furrow_session *s = open_session();
    static struct crowd rows[MEMBER_COUNT];
    for (int i = 0; i < MEMBER_COUNT; i++)
        rows[i] = (struct crowd){.member = (enum member)(i * 7 % MEMBER_COUNT),
                                 .friend = furrow_some((enum member)(MEMBER_COUNT - 1 - i))};
    assert_ok(s, crowd_insert_many(s, rows, MEMBER_COUNT));
    struct crowd_list list;
    int64_t count;
    enum member least, greatest;
    furrow_page page = {0};
    int at = 0;
    do {
        assert_ok(s, crowd_find(s, &list,
                                .order_by = {furrow_desc(CROWD.friend), furrow_asc(CROWD.member)},
                                .page_size = 300, .after = page.next, .page = &page));
        for (size_t i = 0; i < list.count; i++, at++)
            assert_int_equal(list.items[i]->friend.value, MEMBER_COUNT - 1 - at);
    } while (page.next);
    assert_int_equal(at, MEMBER_COUNT);
    assert_ok(s, crowd_count(s, &count, .where = {furrow_lt(CROWD.member, (enum member)700)}));
    assert_int_equal(count, 700);
    assert_ok(s, crowd_count(s, &count, .where = {furrow_lt_column(CROWD.member, CROWD.friend)}));
    int64_t wanted = 0;
    for (int i = 0; i < MEMBER_COUNT; i++)
        wanted += i * 7 % MEMBER_COUNT < MEMBER_COUNT - 1 - i;
    assert_int_equal(count, wanted);
    assert_ok(s, crowd_min(s, &least, CROWD.member));
    assert_ok(s, crowd_max(s, &greatest, CROWD.member,
                           .where = {furrow_le(CROWD.member, (enum member)998)}));
    assert_int_equal(least, 0);
    assert_int_equal(greatest, 998);
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enums__compare_with_values),
        cmocka_unit_test(test_enums__compare_with_columns),
        cmocka_unit_test(test_enums__sort_by_value),
        cmocka_unit_test(test_enums__sort_the_rows_of_relationships),
        cmocka_unit_test(test_enums__sort_keys),
        cmocka_unit_test(test_enums__cursors_survive_renumbering),
        cmocka_unit_test(test_enums__conditions_use_an_index),
        cmocka_unit_test(test_enums__may_have_many_enumerators),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
