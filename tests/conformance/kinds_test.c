/* SPDX-License-Identifier: MIT
 *
 * Round trips of every type of field, with every function and every condition, for NULL, zero and
 * extreme values. The values of a type are in ascending order, so the expected number of matches
 * can be computed from the index of a value. The tests are in kind_template.h.
 */
#include <float.h>
#include <math.h>

#include "conformance.h"
#include "kinds.furrow.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_OF_(a) #a
#define TEXT_OF(a) TEXT_OF_(a)

static void create_once(void)
{
    static bool created;
    if (!created)
        create_fresh(&kinds_schema);
    created = true;
}

static bool same_bytes(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}
static bool same_float(float a, float b)
{
    return same_bytes(&a, &b, sizeof a);
}
static bool same_double(double a, double b)
{
    return same_bytes(&a, &b, sizeof a);
}
static bool same_blob(furrow_blob a, furrow_blob b)
{
    return a.bytes && b.bytes && a.size == b.size && same_bytes(a.bytes, b.bytes, a.size);
}
static bool same_decimal(furrow_decimal a, furrow_decimal b)
{
    return a.unscaled == b.unscaled && a.scale == b.scale;
}
/* Two JSON values are equal if their texts differ only in white space between tokens. */
static const char *next_of_json(const char *at, bool *in_text)
{
    while (!*in_text && (*at == ' ' || *at == '\n' || *at == '\t'))
        at++;
    if (*at == '"')
        *in_text = !*in_text;
    return at;
}
static bool same_json(furrow_json a, furrow_json b)
{
    bool in_a = false, in_b = false;
    const char *x = a.text, *y = b.text;
    for (; x && y; x++, y++) {
        x = next_of_json(x, &in_a);
        y = next_of_json(y, &in_b);
        if (*x != *y)
            return false;
        if (!*x)
            return true;
        if (*x == '\\' && in_a && x[1] == y[1])
            x++, y++;
    }
    return false;
}

static char mebibyte[(1 << 20) + 1]; /* a string of 'b' characters */
static unsigned char every_byte[256];

static const bool bools[] = {false, true};
static const int16_t int16s[] = {INT16_MIN, -1, 0, 1, INT16_MAX};
static const int32_t int32s[] = {INT32_MIN, INT16_MIN - 1, -1, 0, 1, INT32_MAX};
static const int ints[] = {INT32_MIN, -1, 0, 1, INT32_MAX};
static const int64_t int64s[] = {
    INT64_MIN, INT64_MIN + 1, (int64_t)INT32_MIN - 1, -1, 0, 1, ((int64_t)1 << 53) + 1, INT64_MAX};
static const float floats[] = {-INFINITY,   -FLT_MAX,     -0.1f,   -FLT_TRUE_MIN,
                               0.0f,        FLT_TRUE_MIN, FLT_MIN, 0.1f,
                               16777216.0f, FLT_MAX,      INFINITY};
static const double doubles[] = {-INFINITY, -DBL_MAX,           -1.0,    -DBL_TRUE_MIN,
                                 0.0,       DBL_TRUE_MIN,       DBL_MIN, 0.1,
                                 1.0 / 3,   9007199254740993.0, DBL_MAX, INFINITY};
static const char *const texts[] = {"",
                                    "\x01",
                                    "\t\n",
                                    " ",
                                    "\"",
                                    "%",
                                    "'",
                                    "A",
                                    "B",
                                    "\\",
                                    "_",
                                    "a",
                                    "ab",
                                    mebibyte,
                                    "z",
                                    "\x7f",
                                    "\xc2\x80",
                                    "\xc3\xa9",
                                    "\xe6\x97\xa5\xe6\x9c\xac",
                                    "\xef\xbf\xbf",
                                    "\xf0\x9f\x98\x80",
                                    "\xf4\x8f\xbf\xbf"};
static const char *const charses[] = {"",
                                      "12345678",
                                      "ABCDEFGH",
                                      "a",
                                      "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
                                      "\xe6\x97\xa5",
                                      "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"};
static const furrow_blob blobs[] = {{"", 0},           {"\0", 1},    {"\0\0", 2},
                                    {every_byte, 256}, {"\x01", 1},  {mebibyte, 1 << 20},
                                    {"\xff", 1},       {"\xff\0", 2}};
static const furrow_time times[] = {{-62135596800000000}, {-62135596799999999}, {-1}, {0}, {1},
                                    {951782400123456},    {253402300799999999}};
static const furrow_date dates[] = {{-719162}, {-1}, {0}, {1}, {11016}, {2932896}};
static const furrow_uuid uuids[] = {{{0}},
                                    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
                                    {{0x7f, 0xab, 0xcd, 0xef}},
                                    {{0x80}},
                                    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}};
static const furrow_decimal decimals[] = {
    {-999999999999999999, 4}, {-10000, 4}, {-1, 4}, {0, 4}, {1, 4}, {15000, 4}, {100000000, 4},
    {999999999999999999, 4}};
static const furrow_json jsons[] = {{"null"},
                                    {"true"},
                                    {"false"},
                                    {"0"},
                                    {"-1"},
                                    {"123456789012345678901234567890"},
                                    {"0.5"},
                                    {"\"\""},
                                    {"\"it's \\\"so\\\" \\\\ \\n\""},
                                    {"\"\xf0\x9f\x98\x80\""},
                                    {"[]"},
                                    {"{}"},
                                    {"[1,[2,[3,{\"a\":null}]],\"x y\"]"},
                                    {"{\"a\":1,\"b\":[true,false],\"cc\":{\"d\":\"e\"}}"}};
static const enum mood moods[] = {MOOD_LOW, MOOD_NONE, MOOD_SOME, MOOD_HIGH};
static const enum colour colours[] = {COLOUR_RED, COLOUR_GREEN, COLOUR_BLUE};

static const char *mood_text(enum mood v)
{
    return v == MOOD_HIGH  ? "MOOD_HIGH"
           : v == MOOD_LOW ? "MOOD_LOW"
           : v             ? "MOOD_SOME"
                           : "MOOD_NONE";
}
static const char *colour_text(enum colour v)
{
    return v == COLOUR_BLUE ? "COLOUR_BLUE" : v == COLOUR_GREEN ? "COLOUR_GREEN" : "COLOUR_RED";
}
/* SQLite stores a decimal as an integer, in units of the column's scale. SQLite's parameters have
 * no types, so a raw statement must bind the integer. */
static furrow_value raw_decimal(furrow_decimal v)
{
    return is_postgresql() ? furrow_value_decimal_(v) : furrow_value_integer_(v.unscaled);
}

#define MODEL of_bool
#define RESULT got_bool
#define COLUMNS OF_BOOL
#define T bool
#define VALUES bools
#define SAME(a, b) ((a) == (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT true
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 0
#include "kind_template.h"

#define MODEL of_int16
#define RESULT got_int16
#define COLUMNS OF_INT16
#define T int16_t
#define VALUES int16s
#define SAME(a, b) ((a) == (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT INT16_MIN
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_int32
#define RESULT got_int32
#define COLUMNS OF_INT32
#define T int32_t
#define VALUES int32s
#define SAME(a, b) ((a) == (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT INT32_MAX
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_int
#define RESULT got_int
#define COLUMNS OF_INT
#define T int
#define VALUES ints
#define SAME(a, b) ((a) == (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT -1
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_int64
#define RESULT got_int64
#define COLUMNS OF_INT64
#define T int64_t
#define VALUES int64s
#define SAME(a, b) ((a) == (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT INT64_MAX
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_float
#define RESULT got_float
#define COLUMNS OF_FLOAT
#define T float
#define VALUES floats
#define SAME(a, b) same_float((a), (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT 0.5f
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_double
#define RESULT got_double
#define COLUMNS OF_DOUBLE
#define T double
#define VALUES doubles
#define SAME(a, b) same_double((a), (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT -2.5
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_text
#define RESULT got_text
#define COLUMNS OF_TEXT
#define T const char *
#define VALUES texts
#define SAME(a, b) (strcmp((a), (b)) == 0)
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) ((r).n = (x))
#define HAS_N(r) (((r).n) != NULL)
#define N_OF(r) ((r).n)
#define HAS_D(r) (((r).d) != NULL)
#define D_OF(r) ((r).d)
#define DEFAULT "it's \"so\" \\ ? $1"
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_chars
#define RESULT got_chars
#define COLUMNS OF_CHARS
#define T const char *
#define VALUES charses
#define SAME(a, b) (strcmp((a), (b)) == 0)
#define PUT_V(r, x) snprintf((r).v, sizeof(r).v, "%s", (x))
#define PUT_N(r, x) ((r).n = (x))
#define HAS_N(r) (((r).n) != NULL)
#define N_OF(r) ((r).n)
#define HAS_D(r) (((r).d) != NULL)
#define D_OF(r) ((r).d)
#define DEFAULT "d"
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_blob
#define RESULT got_blob
#define COLUMNS OF_BLOB
#define T furrow_blob
#define VALUES blobs
#define SAME(a, b) same_blob((a), (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) ((r).n = (x))
#define HAS_N(r) (((r).n.bytes) != NULL)
#define N_OF(r) ((r).n)
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 0
#include "kind_template.h"

#define MODEL of_time
#define RESULT got_time
#define COLUMNS OF_TIME
#define T furrow_time
#define VALUES times
#define SAME(a, b) ((a).us == (b).us)
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT ((furrow_time){981173106789012})
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_date
#define RESULT got_date
#define COLUMNS OF_DATE
#define T furrow_date
#define VALUES dates
#define SAME(a, b) ((a).days == (b).days)
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT ((furrow_date){11356})
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_uuid
#define RESULT got_uuid
#define COLUMNS OF_UUID
#define T furrow_uuid
#define VALUES uuids
#define SAME(a, b) same_bytes((a).bytes, (b).bytes, 16)
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT                                                                                    \
    ((furrow_uuid){{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc,     \
                    0xdd, 0xee, 0xff}})
#define RAW(x) (x)
#define ORDERED 1
#define EXTREME 0
#include "kind_template.h"

#define MODEL of_decimal
#define RESULT got_decimal
#define COLUMNS OF_DECIMAL
#define T furrow_decimal
#define VALUES decimals
#define SAME(a, b) same_decimal((a), (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT ((furrow_decimal){-15000, 4})
#define RAW(x) raw_decimal(x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_json
#define RESULT got_json
#define COLUMNS OF_JSON
#define T furrow_json
#define VALUES jsons
#define SAME(a, b) same_json((a), (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) ((r).n = (x))
#define HAS_N(r) (((r).n.text) != NULL)
#define N_OF(r) ((r).n)
#define HAS_D(r) (((r).d.text) != NULL)
#define D_OF(r) ((r).d)
#define DEFAULT ((furrow_json){"{\"a\":[1,null]}"})
#define RAW(x) (x)
#define ORDERED 0
#define EXTREME 0
#define IS_JSON_NULL(x) (strcmp((x).text, "null") == 0)
#include "kind_template.h"

#define MODEL of_mood
#define RESULT got_mood
#define COLUMNS OF_MOOD
#define T enum mood
#define VALUES moods
#define SAME(a, b) ((a) == (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT MOOD_LOW
#define RAW(x) mood_text(x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

#define MODEL of_colour
#define RESULT got_colour
#define COLUMNS OF_COLOUR
#define T enum colour
#define VALUES colours
#define SAME(a, b) ((a) == (b))
#define PUT_V(r, x) ((r).v = (x))
#define PUT_N(r, x) furrow_put((r).n, (x))
#define HAS_N(r) ((r).n.has)
#define N_OF(r) ((r).n.value)
#define HAS_D(r) ((r).d.has)
#define D_OF(r) ((r).d.value)
#define DEFAULT COLOUR_BLUE
#define RAW(x) colour_text(x)
#define ORDERED 1
#define EXTREME 1
#include "kind_template.h"

static void test_of_double__negative_zero_becomes_zero(void **state)
{
    (void)state;
    furrow_session *s = of_double_session();
    struct of_double row = {.v = -0.0, .n = furrow_some(-0.0)}, *got = NULL;
    struct of_float narrow = {.v = -0.0f}, *got_narrow = NULL;
    int64_t count = 0;
    assert_ok(s, of_double_insert(s, &row));
    assert_ok(s, of_double_get(s, &got, row.id));
    assert_true(same_double(got->v, 0.0));
    assert_true(same_double(got->n.value, 0.0));
    assert_ok(s, of_double_insert_many(s, (struct of_double[]){{.v = -0.0}}, 1));
    assert_ok(s,
              of_double_update_where(s, .set = {furrow_set(OF_DOUBLE.n, -0.0)}, .all_rows = true));
    struct of_double_list list = {0};
    assert_ok(s, of_double_find(s, &list, .where = {furrow_eq(OF_DOUBLE.v, -0.0)}));
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(same_double(list.items[i]->v, 0.0) && same_double(list.items[i]->n.value, 0.0));
    assert_ok(s,
              of_double_count(s, &count, .where = {furrow_in(OF_DOUBLE.v, ((double[]){-0.0}), 1)}));
    assert_int_equal(count, 2);
    assert_ok(s, of_float_insert(s, &narrow));
    assert_ok(s, of_float_get(s, &got_narrow, narrow.id));
    assert_true(same_float(got_narrow->v, 0.0f));
    close_session(s);
}

static void test_of_int64__sums_and_averages(void **state)
{
    (void)state;
    furrow_session *s = of_int64_session();
    int64_t sum = 99;
    double mean = 99;
    assert_ok(s, of_int64_sum(s, &sum, OF_INT64.v));
    assert_ok(s, of_int64_avg(s, &mean, OF_INT64.v));
    assert_int_equal(sum, 0); /* the sum over no rows is 0 */
    assert_true(mean == 0);
    assert_ok(
        s, of_int64_insert_many(s, (struct of_int64[]){{.v = INT64_MAX}, {.v = -4}, {.v = 3}}, 3));
    assert_ok(s, of_int64_sum(s, &sum, OF_INT64.v, .where = {furrow_lt(OF_INT64.v, 100)}));
    assert_int_equal(sum, -1);
    assert_ok(s, of_int64_sum(s, &sum, OF_INT64.v));
    assert_true(sum == INT64_MAX - 1);
    assert_ok(s, of_int64_avg(s, &mean, OF_INT64.v, .where = {furrow_lt(OF_INT64.v, 100)}));
    assert_true(mean == -0.5);
    assert_ok(s, of_int64_min(s, &sum, OF_INT64.n)); /* every value of n is NULL */
    assert_int_equal(sum, 0);
    close_session(s);
}

static void test_of_int64__refuses_a_sum_beyond_64_bits(void **state)
{
    (void)state;
    furrow_session *s = of_int64_session();
    int64_t sum = 99;
    assert_ok(s, of_int64_insert_many(s, (struct of_int64[]){{.v = INT64_MAX}, {.v = 1}}, 2));
    assert_int_equal(of_int64_sum(s, &sum, OF_INT64.v), FURROW_INVALID);
    assert_int_equal(sum, 0);
    close_session(s);
}

static void test_of_decimal__sums_averages_and_rescales(void **state)
{
    (void)state;
    furrow_session *s = of_decimal_session();
    furrow_decimal sum = {99, 1};
    double mean = 0;
    struct of_decimal rows[] = {{.v = FURROW_DECIMAL(15, 1)},
                                {.v = FURROW_DECIMAL(-2, 0)},
                                {.v = FURROW_DECIMAL(1234500, 6)}};
    struct of_decimal *got = NULL;
    int64_t count = 0;
    assert_ok(s, of_decimal_sum(s, &sum, OF_DECIMAL.v));
    assert_int_equal(sum.unscaled, 0);
    assert_ok(s, of_decimal_insert_many(s, rows, 3));
    assert_ok(s, of_decimal_get(s, &got, rows[0].id));
    assert_true(same_decimal(got->v, (furrow_decimal){15000, 4}));
    assert_ok(s, of_decimal_sum(s, &sum, OF_DECIMAL.v));
    assert_true(same_decimal(sum, (furrow_decimal){7345, 4}));
    assert_ok(s, of_decimal_avg(s, &mean, OF_DECIMAL.v));
    assert_true(fabs(mean - 0.7345 / 3) < 1e-12);
    assert_ok(s, of_decimal_count(s, &count, .where = {furrow_eq(OF_DECIMAL.v, -2)}));
    assert_int_equal(count, 1);
    assert_ok(s, of_decimal_count(s, &count,
                                  .where = {furrow_gt(OF_DECIMAL.v, ((furrow_decimal){12, 1}))}));
    assert_int_equal(count, 2);
    close_session(s);
}

static void test_of_double__sums_and_averages(void **state)
{
    (void)state;
    furrow_session *s = of_double_session();
    double sum = 0, mean = 0;
    assert_ok(
        s, of_double_insert_many(s, (struct of_double[]){{.v = 0.5}, {.v = -0.25}, {.v = 4}}, 3));
    assert_ok(s, of_double_sum(s, &sum, OF_DOUBLE.v));
    assert_true(sum == 4.25);
    assert_ok(s, of_double_avg(s, &mean, OF_DOUBLE.v, .where = {furrow_lt(OF_DOUBLE.v, 1)}));
    assert_true(mean == 0.125);
    assert_ok(s, of_float_insert_many(s, (struct of_float[]){{.v = 0.5f}, {.v = 0.25f}}, 2));
    assert_ok(s, of_float_sum(s, &sum, OF_FLOAT.v));
    assert_true(sum == 0.75);
    close_session(s);
}

static void test_of_int16__increments(void **state)
{
    (void)state;
    furrow_session *s = of_int16_session();
    struct of_int16 row = {.v = 5}, *got = NULL;
    assert_ok(s, of_int16_insert(s, &row));
    assert_ok(
        s, of_int16_update_where(s, .set = {furrow_increment(OF_INT16.v, -7)}, .all_rows = true));
    assert_ok(s, of_int16_get(s, &got, row.id));
    assert_int_equal(got->v, -2);
    /* Incrementing NULL gives NULL. */
    assert_ok(s,
              of_int16_update_where(s, .set = {furrow_increment(OF_INT16.n, 1)}, .all_rows = true));
    assert_ok(s, of_int16_get(s, &got, row.id));
    assert_false(got->n.has);
    close_session(s);
}

/* If the result of an increment is outside the column's range, every engine must report the same
 * error, in which only SQLite names the column, and leave the row unchanged. */
#define REFUSED(s, model, change)                                                                  \
    do {                                                                                           \
        assert_ok(s, furrow_savepoint_begin(s));                                                   \
        model##_update_where(s, .set = {change}, .all_rows = true);                                \
        assert_int_equal(furrow_savepoint_end(s), FURROW_INVALID);                                 \
        assert_non_null(                                                                           \
            strstr(furrow_session_error(s)->message, "a number is out of range for its type"));    \
    } while (0)

static void test_increments__stay_within_their_type(void **state)
{
    (void)state;
    furrow_session *s = of_float_session();
    struct of_float single = {.v = FLT_MAX}, small = {.v = 0.1f}, *got = NULL;
    assert_ok(s, of_float_insert(s, &single));
    REFUSED(s, of_float, furrow_increment(OF_FLOAT.v, FLT_MAX));
    assert_ok(s, of_float_insert(s, &small));
    assert_ok(s, of_float_update_where(s, .set = {furrow_increment(OF_FLOAT.v, 0.2)},
                                       .where = {furrow_lt(OF_FLOAT.v, 1)}));
    assert_ok(s, of_float_first(s, &got, .where = {furrow_eq(OF_FLOAT.v, 0.1f + 0.2f)}));
    assert_int_equal(got->id, small.id);
    close_session(s);

    s = of_double_session();
    struct of_double real = {.v = DBL_MAX};
    assert_ok(s, of_double_insert(s, &real));
    REFUSED(s, of_double, furrow_increment(OF_DOUBLE.v, DBL_MAX));
    assert_ok(
        s, of_double_update_where(s, .set = {furrow_set(OF_DOUBLE.v, INFINITY)}, .all_rows = true));
    REFUSED(s, of_double, furrow_increment(OF_DOUBLE.v, -INFINITY));
    close_session(s);

    s = of_int32_session();
    struct of_int32 narrow = {.v = INT32_MAX};
    assert_ok(s, of_int32_insert(s, &narrow));
    REFUSED(s, of_int32, furrow_increment(OF_INT32.v, 1));
    close_session(s);
}

static void test_of_decimal__sums_may_have_more_digits_than_the_column(void **state)
{
    (void)state;
    furrow_session *s = of_decimal_session();
    struct of_decimal rows[3];
    for (int i = 0; i < 3; i++)
        rows[i] = (struct of_decimal){.v = FURROW_DECIMAL(999999999999999999, 4)};
    furrow_decimal sum;
    assert_ok(s, of_decimal_insert_many(s, rows, 3));
    assert_ok(s, of_decimal_sum(s, &sum, OF_DECIMAL.v));
    assert_true(sum.unscaled == 2999999999999999997 && sum.scale == 4);
    close_session(s);
}

/* JSON that PostgreSQL's jsonb cannot store. */
static const char *const bad_scalars[] = {
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"\\\\\\u0000\"",
    "\"\\ud83d\"",
    "\"\\uD83D\"",
    "\"\\ude00\"",
    "\"\\ud83dx\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ud83d\\ud83d\\ude00\"",
    "\"\\ude00\\ud83d\"",
    "1e131072",
    "-1e131072",
    "1e-16384",
    "1e99999999999999999999",
    "0.5e-99999999999999999999",
};
/* Places of a scalar in a document. Only a string can be in the places with a colon. */
static const char *const json_places[] = {
    "%s", " %s ", "[%s]", "[1, [{\"a\": %s}]]", "{\"a\": %s}", "{%s: 1}", "[{\"b\": 2, %s: []}]"};

/* Writes a text into a column of JSON with one of the verbs. Returns false after the last verb. */
static bool write_json(furrow_session *s, int verb, furrow_json bad, furrow_status *status)
{
    struct of_json one = {.v = {"1"}}, row = {.v = bad}, many[2] = {{.v = {"1"}}, {.v = bad}};
    struct of_json second = {.v = {"1"}, .d = bad};
    assert_ok(s, of_json_insert(s, &one));
    row.id = verb ? one.id : 0;
    switch (verb) {
    case 0:
        *status = of_json_insert(s, &row);
        return true;
    case 1:
        *status = of_json_update(s, &row);
        return true;
    case 2:
        *status = of_json_upsert(s, &row);
        return true;
    case 3:
        *status = of_json_insert_many(s, many, 2);
        return true;
    case 4:
        *status = of_json_insert(s, &second);
        return true;
    case 5:
        *status = of_json_update_where(s, .set = {furrow_set(OF_JSON.v, bad)}, .all_rows = true);
        return true;
    case 6:
        *status = of_json_upsert(s, &one, .set = {furrow_set(OF_JSON.n, bad)});
        return true;
    case 7:
        *status = furrow_exec(s, "UPDATE of_json SET v = ?", furrow_value_of(OF_JSON.v, bad));
        return true;
    case 8:
        *status = furrow_exec(s, "UPDATE of_json SET v = ?", bad);
        return true;
    default:
        return false;
    }
}

static void test_of_json__that_postgresql_cannot_store_is_refused(void **state)
{
    (void)state;
    char text[128];
    create_once();
    furrow_session *s = open_session();
    for (size_t i = 0; i < sizeof bad_scalars / sizeof *bad_scalars; i++)
        for (size_t p = 0; p < sizeof json_places / sizeof *json_places; p++) {
            furrow_status status;
            if (strstr(json_places[p], "%s:") && *bad_scalars[i] != '"')
                continue;
            const char *at = strstr(json_places[p], "%s");
            snprintf(text, sizeof text, "%.*s%s%s", (int)(at - json_places[p]), json_places[p],
                     bad_scalars[i], at + 2);
            for (int verb = 0; write_json(s, verb, (furrow_json){text}, &status); verb++) {
                if (status != FURROW_INVALID)
                    fail_msg("verb %d, %s: %s", verb, text, furrow_status_name(status));
                furrow_rollback(s);
            }
            furrow_rollback(s);
        }
    close_session(s);
}

int main(int argc, char **argv)
{
    memset(mebibyte, 'b', sizeof mebibyte - 1);
    for (int i = 0; i < 256; i++)
        every_byte[i] = (unsigned char)i;
    static const struct CMUnitTest tests[] = {
#define KIND(model)                                                                                \
    cmocka_unit_test(test_##model##__comes_back_from_every_read),                                  \
        cmocka_unit_test(test_##model##__comes_back_from_json),                                    \
        cmocka_unit_test(test_##model##__is_written_by_every_verb),                                \
        cmocka_unit_test(test_##model##__is_streamed_as_it_was),                                   \
        cmocka_unit_test(test_##model##__goes_through_raw_statements),                             \
        cmocka_unit_test(test_##model##__is_bound_as_its_column_stores_it),                        \
        cmocka_unit_test(test_##model##__matches_every_condition)
#define ORDERED_KIND(model) KIND(model), cmocka_unit_test(test_##model##__orders_with_null_first)
#define EXTREME_KIND(model)                                                                        \
    ORDERED_KIND(model), cmocka_unit_test(test_##model##__has_a_least_and_a_greatest_value)
        ORDERED_KIND(of_bool),
        EXTREME_KIND(of_int16),
        EXTREME_KIND(of_int32),
        EXTREME_KIND(of_int),
        EXTREME_KIND(of_int64),
        EXTREME_KIND(of_float),
        EXTREME_KIND(of_double),
        EXTREME_KIND(of_text),
        EXTREME_KIND(of_chars),
        ORDERED_KIND(of_blob),
        EXTREME_KIND(of_time),
        EXTREME_KIND(of_date),
        ORDERED_KIND(of_uuid),
        EXTREME_KIND(of_decimal),
        KIND(of_json),
        EXTREME_KIND(of_mood),
        EXTREME_KIND(of_colour),
        cmocka_unit_test(test_of_json__that_postgresql_cannot_store_is_refused),
        cmocka_unit_test(test_of_double__negative_zero_becomes_zero),
        cmocka_unit_test(test_of_int64__sums_and_averages),
        cmocka_unit_test(test_of_int64__refuses_a_sum_beyond_64_bits),
        cmocka_unit_test(test_of_decimal__sums_averages_and_rescales),
        cmocka_unit_test(test_of_double__sums_and_averages),
        cmocka_unit_test(test_of_int16__increments),
        cmocka_unit_test(test_increments__stay_within_their_type),
        cmocka_unit_test(test_of_decimal__sums_may_have_more_digits_than_the_column),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
