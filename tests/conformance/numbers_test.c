/* SPDX-License-Identifier: MIT
 *
 * A comparison with a number that a column cannot hold has a result and is not an error. Every
 * comparison of every numeric column with every number runs through every kind of query, and the
 * result is compared with an evaluation in C. A sum is exact, even if an intermediate sum would not
 * fit its type. A sum that does not fit its type is an error.
 */
#include <float.h>
#include <math.h>

#include "conformance.h"
#include "numbers.furrow.h"

enum { PARENTS = 3, ROWS = 12 };

static struct parent parents[PARENTS];
static struct number rows[ROWS];

static const int16_t smalls[] = {INT16_MIN, -1, 0, 5, INT16_MAX};
static const int32_t middles[] = {INT32_MIN, -40000, 0, 40000, INT32_MAX};
static const int64_t larges[] = {INT64_MIN, -1, 0, (INT64_C(1) << 53) + 1, INT64_MAX};
static const float singles[] = {-INFINITY, -FLT_MAX, 0.5f, FLT_MAX, INFINITY};
static const double reals[] = {-INFINITY, -0x1p63, 9007199254740992.0, 0x1p64, INFINITY};
static const int64_t prices[] = {-9999, -1, 0, 550, 9999};
static const int64_t long_prices[] = {-999999999999999999, -1, 0, 15000, 999999999999999999};

/* The last rows have NULL in every column. */
static void fill(furrow_session *s)
{
    for (int i = 0; i < PARENTS; i++)
        parents[i] = (struct parent){0};
    assert_ok(s, parent_insert_many(s, parents, PARENTS));
    for (int i = 0; i < ROWS; i++) {
        int a = i % 5, b = (i * 2 + 1) % 5;
        rows[i] = (struct number){.parent_id = parents[i % 2].id};
        if (i >= 10)
            continue;
        furrow_put(rows[i].small, smalls[a]);
        furrow_put(rows[i].middle, middles[b]);
        furrow_put(rows[i].large, larges[a]);
        furrow_put(rows[i].single, singles[b]);
        furrow_put(rows[i].real, reals[a]);
        furrow_put(rows[i].price, furrow_decimal_of(prices[b], 2));
        furrow_put(rows[i].long_price, furrow_decimal_of(long_prices[a], 4));
        furrow_put(rows[i].units, furrow_decimal_of(long_prices[b], 0));
    }
    assert_ok(s, number_insert_many(s, rows, ROWS));
}

/* Compares two numbers exactly: returns a negative number, 0 or a positive number. A long double
 * has at least the 64 digits of a uint64_t. */
_Static_assert(LDBL_MANT_DIG >= 64, "a long double holds every 64-bit integer");
__extension__ typedef __int128 wide;

static const furrow_decimal *decimal_of(const furrow_value *v, furrow_decimal *place)
{
    if (v->type == FURROW_TYPE_DECIMAL)
        return &v->as.decimal;
    *place = (furrow_decimal){v->as.integer, 0};
    return place;
}

static int compare(const furrow_value *a, const furrow_value *b)
{
    if (a->type == FURROW_TYPE_DECIMAL) {
        furrow_decimal place;
        const furrow_decimal *x = &a->as.decimal, *y = decimal_of(b, &place);
        wide left = x->unscaled;
        wide right = b->problem ? (wide)(uint64_t)b->as.integer : y->unscaled;
        for (int i = x->scale; i < y->scale; i++)
            left *= 10;
        for (int i = y->scale; i < x->scale; i++)
            right *= 10;
        return left < right ? -1 : left > right;
    }
    long double v[2];
    for (int i = 0; i < 2; i++) {
        const furrow_value *n = i ? b : a;
        v[i] = n->type == FURROW_TYPE_DOUBLE ? (long double)n->as.real
               : n->problem                  ? (long double)(uint64_t)n->as.integer
                                             : (long double)n->as.integer;
    }
    return v[0] < v[1] ? -1 : v[0] > v[1];
}

static bool read_value(const furrow_column *column, const void *row, furrow_value *out)
{
    const char *at = row;
    if (!*(const bool *)(at + column->has_offset))
        return false;
    at += column->offset;
    float single;
    switch (column->type) {
    case FURROW_TYPE_INT16:
        *out = furrow_value_integer_(*(const int16_t *)(const void *)at);
        break;
    case FURROW_TYPE_INT32:
        *out = furrow_value_integer_(*(const int32_t *)(const void *)at);
        break;
    case FURROW_TYPE_INT64:
        *out = furrow_value_integer_(*(const int64_t *)(const void *)at);
        break;
    case FURROW_TYPE_FLOAT:
        memcpy(&single, at, sizeof single);
        *out = furrow_value_real_((double)single);
        break;
    case FURROW_TYPE_DOUBLE:
        *out = furrow_value_real_(*(const double *)(const void *)at);
        break;
    default:
        *out = furrow_value_decimal_(*(const furrow_decimal *)(const void *)at);
    }
    return true;
}

/* A comparison of a column with one or two numbers, possibly within furrow_not. */
typedef struct condition {
    enum furrow_op_ op;
    bool negated;
    const furrow_column *column;
    furrow_value a, b;
    furrow_decimal array[2]; /* for `in` */
    furrow_condition where[6];
    size_t where_count;
} condition;

static void build(condition *c)
{
    size_t n = 0;
    if (c->negated)
        c->where[n++] = furrow_condition_plain_(NULL, FURROW_OP_NOT_);
    if (c->op == FURROW_OP_IN_ || c->op == FURROW_OP_NOT_IN_) {
        c->array[0] = c->a.as.decimal;
        c->array[1] = c->b.as.decimal;
        c->where[n++] = furrow_condition_(
            c->column, c->op, furrow_value_array_(c->column, c->array, sizeof *c->array, 2));
    } else {
        c->where[n++] = furrow_condition_(c->column, c->op, c->a);
        if (c->op == FURROW_OP_BETWEEN_)
            c->where[n++] = furrow_condition_(NULL, FURROW_OP_BETWEEN_HIGH_, c->b);
    }
    if (c->negated)
        c->where[n++] = FURROW_CLOSE_;
    c->where_count = n;
}

static bool is_true(enum furrow_op_ op, int a, int b)
{
    switch (op) {
    case FURROW_OP_EQ_:
        return a == 0;
    case FURROW_OP_NE_:
        return a != 0;
    case FURROW_OP_LT_:
        return a < 0;
    case FURROW_OP_LE_:
        return a <= 0;
    case FURROW_OP_GT_:
        return a > 0;
    case FURROW_OP_GE_:
        return a >= 0;
    case FURROW_OP_BETWEEN_:
        return a >= 0 && b <= 0;
    case FURROW_OP_IN_:
        return a == 0 || b == 0;
    default:
        return a != 0 && b != 0;
    }
}

static bool meets(const condition *c, const struct number *row)
{
    furrow_value x;
    if (!read_value(c->column, row, &x))
        return false; /* a comparison with NULL is unknown, even within furrow_not */
    return is_true(c->op, compare(&x, &c->a), compare(&x, &c->b)) != c->negated;
}

static void check_find(furrow_session *s, const condition *c)
{
    struct number_list list;
    struct number_find_options o = {.s = s, .out = &list, .order_by = {furrow_asc(NUMBER.id)}};
    size_t at = 0;
    memcpy(o.where, c->where, c->where_count * sizeof *c->where);
    assert_ok(s, number_find_using(&o));
    for (int i = 0; i < ROWS; i++)
        if (meets(c, &rows[i])) {
            assert_true(at < list.count);
            assert_int_equal(list.items[at++]->id, rows[i].id);
        }
    assert_int_equal(at, list.count);
}

static void check_count(furrow_session *s, const condition *c)
{
    int64_t count, wanted = 0;
    struct number_count_options o = {.s = s, .out = &count};
    memcpy(o.where, c->where, c->where_count * sizeof *c->where);
    for (int i = 0; i < ROWS; i++)
        wanted += meets(c, &rows[i]);
    assert_ok(s, number_count_using(&o));
    assert_int_equal(count, wanted);
}

static void check_changes(furrow_session *s, const condition *c)
{
    uint64_t changed, wanted = 0;
    struct number_update_where_options u = {
        .s = s, .changed = &changed, .set = {furrow_set(NUMBER.hits, 1)}};
    struct number_delete_where_options d = {.s = s, .changed = &changed};
    memcpy(u.where, c->where, c->where_count * sizeof *c->where);
    memcpy(d.where, c->where, c->where_count * sizeof *c->where);
    for (int i = 0; i < ROWS; i++)
        wanted += meets(c, &rows[i]);
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, number_update_where_using(&u));
    assert_int_equal(changed, wanted);
    assert_ok(s, number_delete_where_using(&d));
    assert_int_equal(changed, wanted);
    assert_ok(s, furrow_savepoint_rollback(s));
}

static void check_relations(furrow_session *s, const condition *c)
{
    static const enum furrow_op_ verbs[] = {FURROW_OP_HAS_, FURROW_OP_NONE_OF_, FURROW_OP_EVERY_};
    int met[PARENTS] = {0}, failed[PARENTS] = {0};
    for (int i = 0; i < ROWS; i++)
        *(meets(c, &rows[i]) ? &met[i % 2] : &failed[i % 2]) += 1;
    for (size_t v = 0; v < 3; v++) {
        int64_t count, wanted = 0;
        struct parent_count_options o = {.s = s, .out = &count};
        o.where[0] = furrow_condition_plain_(FURROW_RELATION_(PARENT.numbers), verbs[v]);
        memcpy(o.where + 1, c->where, c->where_count * sizeof *c->where);
        o.where[1 + c->where_count] = FURROW_CLOSE_;
        for (int i = 0; i < PARENTS; i++)
            wanted += v == 0 ? met[i] > 0 : v == 1 ? met[i] == 0 : failed[i] == 0;
        assert_ok(s, parent_count_using(&o));
        assert_int_equal(count, wanted);
    }
}

static void run(furrow_session *s, condition c)
{
    for (int negated = 0; negated < 2; negated++) {
        c.negated = negated;
        build(&c);
        check_find(s, &c);
        check_count(s, &c);
        check_changes(s, &c);
        check_relations(s, &c);
    }
}

/* Compares the column with every number, and with every range between two of the numbers. */
static void run_all(furrow_session *s, const furrow_column *column, const furrow_value *numbers,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        condition c = {.column = column, .a = numbers[i]};
        for (int op = FURROW_OP_EQ_; op <= FURROW_OP_GE_; op++) {
            c.op = (enum furrow_op_)op;
            run(s, c);
        }
        for (size_t k = i % 3; k < count; k += 3) {
            c.b = numbers[k];
            c.op = FURROW_OP_BETWEEN_;
            run(s, c);
            if (column->type != FURROW_TYPE_DECIMAL || c.a.type != FURROW_TYPE_DECIMAL ||
                c.b.type != FURROW_TYPE_DECIMAL)
                continue;
            c.op = FURROW_OP_IN_;
            run(s, c);
            c.op = FURROW_OP_NOT_IN_;
            run(s, c);
        }
    }
}

#define INTEGER(v) furrow_value_integer_(v)
#define UNSIGNED(v) furrow_value_unsigned_(v)
#define REAL(v) furrow_value_real_(v)
#define DECIMAL(v, scale) furrow_value_decimal_(furrow_decimal_of(v, scale))
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const furrow_column *column_at(size_t i)
{
    const furrow_column *columns[] = {
        FURROW_COLUMN_(NUMBER.small),      FURROW_COLUMN_(NUMBER.middle),
        FURROW_COLUMN_(NUMBER.large),      FURROW_COLUMN_(NUMBER.single),
        FURROW_COLUMN_(NUMBER.real),       FURROW_COLUMN_(NUMBER.price),
        FURROW_COLUMN_(NUMBER.long_price), FURROW_COLUMN_(NUMBER.units)};
    return columns[i];
}

static void test_numbers__integers_are_compared_with_any_integer(void **state)
{
    (void)state;
    const furrow_value numbers[] = {INTEGER(INT64_MIN),  INTEGER((int64_t)INT32_MIN - 1),
                                    INTEGER(INT32_MIN),  INTEGER(INT16_MIN - 1),
                                    INTEGER(INT16_MIN),  INTEGER(0),
                                    INTEGER(INT16_MAX),  INTEGER(INT16_MAX + 1),
                                    INTEGER(INT32_MAX),  INTEGER(5000000000),
                                    INTEGER(INT64_MAX),  UNSIGNED((uint64_t)INT64_MAX + 1),
                                    UNSIGNED(UINT64_MAX)};
    furrow_session *s = filled_session(&numbers_schema, fill);
    for (size_t i = 0; i < 3; i++)
        run_all(s, column_at(i), numbers, COUNT(numbers));
    close_session(s);
}

static void test_numbers__reals_are_compared_with_any_number(void **state)
{
    (void)state;
    const furrow_value numbers[] = {REAL(-INFINITY),
                                    REAL(-1e300),
                                    REAL(-FLT_MAX),
                                    INTEGER(INT64_MIN),
                                    INTEGER(-9007199254740993),
                                    REAL(0.5),
                                    INTEGER(9007199254740993),
                                    INTEGER(INT64_MAX),
                                    UNSIGNED((uint64_t)INT64_MAX + 1),
                                    UNSIGNED(UINT64_MAX),
                                    REAL(FLT_MAX),
                                    REAL(1e300),
                                    REAL(INFINITY)};
    furrow_session *s = filled_session(&numbers_schema, fill);
    for (size_t i = 3; i < 5; i++)
        run_all(s, column_at(i), numbers, COUNT(numbers));
    close_session(s);
}

static void test_numbers__decimals_are_compared_with_any_number(void **state)
{
    (void)state;
    const furrow_value numbers[] = {
        INTEGER(INT64_MIN),    DECIMAL(-INT64_MAX, 0), DECIMAL(-100, 0),    DECIMAL(-99, 0),
        DECIMAL(0, 0),         DECIMAL(99, 0),         INTEGER(100),        DECIMAL(1000000, 4),
        DECIMAL(INT64_MAX, 0), INTEGER(INT64_MAX),     UNSIGNED(UINT64_MAX)};
    furrow_session *s = filled_session(&numbers_schema, fill);
    for (size_t i = 5; i < 8; i++)
        run_all(s, column_at(i), numbers, COUNT(numbers));
    close_session(s);
}

static void test_numbers__expressions_compare_with_wide_numbers(void **state)
{
    (void)state;
    furrow_session *s = filled_session(&numbers_schema, fill);
    struct guarded least = {.small = INT16_MIN,
                            .middle = INT32_MIN,
                            .large = INT64_MIN,
                            .single = -FLT_MAX,
                            .price = FURROW_DECIMAL(-9999, 2)},
                   greatest = {.small = INT16_MAX,
                               .middle = INT32_MAX,
                               .large = INT64_MAX,
                               .single = FLT_MAX,
                               .price = FURROW_DECIMAL(9999, 2)},
                   infinite = {.single = INFINITY};
    assert_ok(s, guarded_insert(s, &least));
    assert_ok(s, guarded_insert(s, &greatest));
    assert_int_equal(guarded_insert(s, &infinite), FURROW_CHECK);
    close_session(s);
}

/* Sums */

/* A sum or an average of some numbers. */
typedef struct total {
    const furrow_value numbers[5];
    size_t count;
    bool fails;
    furrow_value sum;
    bool average_fails;
    double average;
} total;

static void put(const furrow_column *column, struct number *row, furrow_value v)
{
    char *at = (char *)row;
    at[column->has_offset] = true;
    at += column->offset;
    switch (column->type) {
    case FURROW_TYPE_INT16:
        *(int16_t *)(void *)at = (int16_t)v.as.integer;
        break;
    case FURROW_TYPE_INT32:
        *(int32_t *)(void *)at = (int32_t)v.as.integer;
        break;
    case FURROW_TYPE_INT64:
        *(int64_t *)(void *)at = v.as.integer;
        break;
    case FURROW_TYPE_FLOAT:
        *(float *)(void *)at = (float)v.as.real;
        break;
    case FURROW_TYPE_DOUBLE:
        *(double *)(void *)at = v.as.real;
        break;
    default:
        *(furrow_decimal *)(void *)at = v.as.decimal;
    }
}

static void assert_sum(const furrow_column *column, const void *got, const total *t)
{
    static const furrow_value none = {0};
    const furrow_value *wanted = t->fails ? &none : &t->sum;
    if (column->type == FURROW_TYPE_DECIMAL)
        assert_int_equal(((const furrow_decimal *)got)->unscaled, wanted->as.decimal.unscaled);
    else if (column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE)
        assert_true(*(const double *)got >= wanted->as.real &&
                    *(const double *)got <= wanted->as.real);
    else
        assert_int_equal(*(const int64_t *)got, wanted->as.integer);
}

static void assert_total(furrow_session *s, const total *t, bool fails, furrow_status status)
{
    assert_int_equal(status, fails ? FURROW_INVALID : FURROW_OK);
    if (fails)
        assert_string_equal(furrow_session_error(s)->message,
                            "a number is out of range for its type");
    (void)t;
}

/* Inserts the numbers, beginning with the number at index `first`, and computes their sum and
 * average, both for the table and through a relationship. */
static void check_total(const furrow_column *column, const total *t, size_t first)
{
    static const struct number empty;
    struct number some[5];
    struct parent parent = {0}, *one = &parent;
    struct parent_list list = {.items = &one, .count = 1};
    union {
        int64_t integer;
        double real;
        furrow_decimal decimal;
    } sum;
    double average = 99;
    furrow_session *s = filled_session(&numbers_schema, fill);
    assert_ok(s, number_delete_where(s, .all_rows = true));
    assert_ok(s, parent_insert(s, &parent));
    for (size_t i = 0; i < t->count; i++) {
        some[i] = empty;
        some[i].parent_id = parent.id;
        put(column, &some[i], t->numbers[(first + i) % t->count]);
    }
    assert_ok(s, number_insert_many(s, some, t->count));
    struct number_sum_options o = {.s = s, .out = &sum, .column = furrow_col_of(column)};
    struct parent_numbers_sum_options r = {
        .s = s, .rows = &list, .out = &sum, .column = furrow_col_of(column)};
    struct number_avg_options a = {.s = s, .out = &average, .column = furrow_col_of(column)};
    for (int way = 0; way < 3; way++) {
        assert_ok(s, furrow_savepoint_begin(s));
        memset(&sum, 0xa5, sizeof sum);
        furrow_status status = way == 0   ? number_sum_using(&o)
                               : way == 1 ? parent_numbers_sum_using(&r)
                                          : number_avg_using(&a);
        assert_total(s, t, way == 2 ? t->average_fails : t->fails, status);
        if (way < 2)
            assert_sum(column, &sum, t);
        else if (!t->average_fails)
            assert_true(average >= t->average && average <= t->average);
        assert_ok(s, furrow_savepoint_rollback(s));
    }
    close_session(s);
}

static void check_totals(const furrow_column *column, const total *totals, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t first = 0; first < totals[i].count; first++)
            check_total(column, &totals[i], first);
}

static void test_numbers__sums_of_integers_are_exact(void **state)
{
    (void)state;
    const total totals[] = {
        {{INTEGER(INT64_MAX), INTEGER(INT64_MAX), INTEGER(-INT64_MAX), INTEGER(-INT64_MAX),
          INTEGER(7)},
         5,
         .sum = INTEGER(7),
         .average = 0},
        {{INTEGER(INT64_MIN), INTEGER(-1), INTEGER(1)},
         3,
         .sum = INTEGER(INT64_MIN),
         .average = -0x1p63 / 3},
        {{INTEGER(INT64_MAX), INTEGER(1)}, 2, .fails = true, .average = 0x1p62},
        {{INTEGER(INT64_MIN), INTEGER(INT64_MIN)}, 2, .fails = true, .average = -0x1p63},
    };
    const total narrow[] = {
        {{INTEGER(INT16_MAX), INTEGER(INT16_MAX)},
         2,
         .sum = INTEGER(2 * INT16_MAX),
         .average = INT16_MAX},
    };
    for (size_t i = 0; i < 2; i++)
        check_totals(column_at(i), narrow, COUNT(narrow));
    check_totals(column_at(2), totals + 1, COUNT(totals) - 1);
    check_total(column_at(2), &totals[0], 4); /* the average depends on the order of the rows */
}

static void test_numbers__sums_of_decimals_are_exact(void **state)
{
    (void)state;
    for (size_t i = 6; i < 8; i++) {
        int8_t scale = i == 6 ? 4 : 0;
        int64_t huge = 999999999999999999;
        const total totals[] = {
            {{DECIMAL(huge, scale), DECIMAL(huge, scale), DECIMAL(-7, scale)},
             3,
             .sum = DECIMAL(2 * huge - 7, scale),
             .average_fails = false},
        };
        furrow_session *s = filled_session(&numbers_schema, fill);
        struct number many[30];
        furrow_decimal sum;
        assert_ok(s, number_delete_where(s, .all_rows = true));
        for (int k = 0; k < 30; k++) {
            many[k] = (struct number){.parent_id = parents[0].id};
            put(column_at(i), &many[k], DECIMAL(k < 15 ? huge : -huge, scale));
        }
        struct number_sum_options o = {.s = s, .out = &sum, .column = furrow_col_of(column_at(i))};
        assert_ok(s, number_insert_many(s, many, 30));
        assert_ok(s, number_sum_using(&o));
        assert_int_equal(sum.unscaled, 0);
        assert_int_equal(sum.scale, scale);
        o.where[0] = furrow_condition_(column_at(i), FURROW_OP_GT_, furrow_value_integer_(0));
        assert_refused(s, FURROW_INVALID, "a number is out of range for its type",
                       number_sum_using(&o));
        close_session(s);
        s = filled_session(&numbers_schema, fill);
        assert_ok(s, number_delete_where(s, .all_rows = true));
        for (size_t k = 0; k < 3; k++)
            put(column_at(i), &many[k], totals[0].numbers[k]);
        assert_ok(s, number_insert_many(s, many, 3));
        o = (struct number_sum_options){.s = s, .out = &sum, .column = furrow_col_of(column_at(i))};
        assert_ok(s, number_sum_using(&o));
        assert_int_equal(sum.unscaled, totals[0].sum.as.decimal.unscaled);
        close_session(s);
    }
}

static void test_numbers__sums_of_reals_do_not_depend_on_the_order(void **state)
{
    (void)state;
    const total totals[] = {
        {{REAL(1e308), REAL(1e308), REAL(-1e308)}, 3, .sum = REAL(1e308), .average = 1e308 / 3},
        {{REAL(DBL_MAX), REAL(DBL_MAX), REAL(-DBL_MAX), REAL(-DBL_MAX), REAL(2.5)},
         5,
         .sum = REAL(2.5),
         .average = 0.5},
        {{REAL(DBL_MAX), REAL(DBL_MAX)}, 2, .fails = true, .average = DBL_MAX},
        {{REAL(1e200), REAL(3e200)}, 2, .sum = REAL(1e200 + 3e200), .average = 2e200},
        {{REAL(1e-300), REAL(3e-300)}, 2, .sum = REAL(1e-300 + 3e-300), .average = 2e-300},
        {{REAL(INFINITY), REAL(1)}, 2, .sum = REAL(INFINITY), .average = INFINITY},
        {{REAL(INFINITY), REAL(-INFINITY)}, 2, .fails = true, .average_fails = true},
        {{REAL(INFINITY), REAL(DBL_MAX), REAL(DBL_MAX)},
         3,
         .sum = REAL(INFINITY),
         .average = INFINITY},
    };
    const total floats[] = {
        {{REAL(FLT_MAX), REAL(FLT_MAX)}, 2, .sum = REAL(2 * (double)FLT_MAX), .average = FLT_MAX},
        {{REAL(INFINITY), REAL(-INFINITY)}, 2, .fails = true, .average_fails = true},
        {{REAL(-INFINITY), REAL(0.5)}, 2, .sum = REAL(-INFINITY), .average = -INFINITY},
    };
    check_totals(column_at(4), totals, COUNT(totals));
    check_totals(column_at(3), floats, COUNT(floats));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers__integers_are_compared_with_any_integer),
        cmocka_unit_test(test_numbers__reals_are_compared_with_any_number),
        cmocka_unit_test(test_numbers__decimals_are_compared_with_any_number),
        cmocka_unit_test(test_numbers__expressions_compare_with_wide_numbers),
        cmocka_unit_test(test_numbers__sums_of_integers_are_exact),
        cmocka_unit_test(test_numbers__sums_of_decimals_are_exact),
        cmocka_unit_test(test_numbers__sums_of_reals_do_not_depend_on_the_order),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
