/* SPDX-License-Identifier: MIT
 * The PostgreSQL driver alone: writing and reading values, values that do not fit, and errors. The
 * tests are skipped if FURROW_TEST_POSTGRESQL is not set. */
#define SCHEMA "furrow_driver_values"
#include "driver/postgresql_fixture.h"

static const char create_every[] =
    "CREATE TABLE every (id bigint PRIMARY KEY, flag boolean NOT NULL, small smallint NOT NULL, "
    "medium integer NOT NULL, large bigint NOT NULL, single real NOT NULL, "
    "\"real\" double precision NOT NULL, text text NOT NULL, chars varchar(7) NOT NULL, "
    "blob bytea NOT NULL, \"time\" timestamptz NOT NULL, date date NOT NULL, uuid uuid NOT NULL, "
    "\"decimal\" numeric(18, 4) NOT NULL, json jsonb NOT NULL, fruit text NOT NULL, maybe integer, "
    "maybe_time timestamptz, maybe_real double precision, note text, picture bytea)";
static const char insert_every[] =
    "INSERT INTO every VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
    "$16, $17, $18, $19, $20, $21)";

static char all_bytes[256], long_text[1 << 20];

static struct every sample(int which)
{
    struct every e = {.id = which + 1, .text = "", .json = {"null"}, .blob = {"", 0}};
    if (which == 1) { /* the smallest value of each type */
        e.small = INT16_MIN;
        e.medium = INT32_MIN;
        e.large = INT64_MIN;
        e.single = -FLT_MAX;
        e.real = -DBL_TRUE_MIN;
        e.time.us = FURROW__TIME_MIN;
        e.date.days = FURROW__DATE_MIN;
        e.decimal = (furrow_decimal){-999999999999999999, 4};
        e.fruit = PLUM;
        e.text = "\xF0\x9F\x8D\x90 na\xC3\xAFve 'quoted\" \\ $1 ?";
        memcpy(e.chars, "abcdefg", 8);
        e.blob = (furrow_blob){all_bytes, sizeof all_bytes};
    } else if (which == 2) { /* the largest value of each type */
        e.flag = true;
        e.small = INT16_MAX;
        e.medium = INT32_MAX;
        e.large = INT64_MAX;
        e.single = HUGE_VALF;
        e.real = DBL_MAX;
        e.time.us = FURROW__TIME_MAX;
        e.date.days = FURROW__DATE_MAX;
        memset(e.uuid.bytes, 0xFF, sizeof e.uuid.bytes);
        e.decimal = (furrow_decimal){999999999999999999, 4};
        e.fruit = PEAR;
        e.text = long_text;
        e.json.text = "{\"a\": [1, 2.50, \"\xC3\xA9\"]}";
        furrow_put(e.maybe, 0);
        furrow_put(e.maybe_time, (furrow_time){0});
        furrow_put(e.maybe_real, -HUGE_VAL);
        e.note = "";
        e.picture = (furrow_blob){"", 0};
    }
    return e;
}

static void assert_same(const struct every *a, const struct every *b)
{
    assert_true(a->id == b->id && a->flag == b->flag && a->small == b->small);
    assert_true(a->medium == b->medium && a->large == b->large);
    assert_true(a->single == b->single && a->real == b->real);
    assert_string_equal(a->text, b->text);
    assert_memory_equal(a->chars, b->chars, sizeof a->chars);
    assert_int_equal(a->blob.size, b->blob.size);
    assert_memory_equal(a->blob.bytes, b->blob.bytes, a->blob.size);
    assert_true(a->time.us == b->time.us && a->date.days == b->date.days);
    assert_memory_equal(&a->uuid, &b->uuid, sizeof a->uuid);
    assert_true(a->decimal.unscaled == b->decimal.unscaled);
    assert_int_equal(b->decimal.scale, 4);
    assert_string_equal(a->json.text, b->json.text);
    assert_true(a->fruit == b->fruit);
    assert_true(a->maybe.has == b->maybe.has && a->maybe.value == b->maybe.value);
    assert_true(a->maybe_time.has == b->maybe_time.has);
    assert_true(a->maybe_real.has == b->maybe_real.has);
    assert_true(a->maybe_real.value == b->maybe_real.value);
    assert_true(!a->note == !b->note && !a->picture.bytes == !b->picture.bytes);
}

static void prepare_bytes(void)
{
    for (int i = 0; i < 256; i++)
        all_bytes[i] = (char)i;
    memset(long_text, 'x', sizeof long_text - 1);
}

static void round_trip(fixture *f)
{
    prepare_bytes();
    run(f, create_every);
    struct every rows[3] = {sample(0), sample(1), sample(2)}, read[3];
    rows[0].decimal.scale = rows[1].decimal.scale = 4;
    furrow_statement *insert = prepare(f, insert_every);
    for (int i = 0; i < 3; i++) {
        OK(driver->bind_row(insert, 0, (furrow_column_list){columns, COLUMNS}, &rows[i],
                            &f->error));
        OK(driver->execute(insert, &f->error));
        assert_int_equal(insert->changed, 1);
        driver->reset_statement(insert);
    }
    furrow_statement *select = prepare(f, "SELECT * FROM every ORDER BY id");
    assert_int_equal(select->column_count, COLUMNS);
    assert_string_equal(driver->column_name(select, 3), "medium");
    OK(driver->execute(select, &f->error));
    assert_int_equal(driver->row_count(select), 3);
    bool row;
    for (int i = 0; i < 3; i++) {
        memset(&read[i], 0xEE, sizeof read[i]);
        OK(driver->step(select, &row, &f->error));
        assert_true(row);
        OK(driver->read_row(select, (furrow_column_list){columns, COLUMNS}, &read[i], &f->arena,
                            &f->error));
        assert_same(&rows[i], &read[i]);
    }
    OK(driver->step(select, &row, &f->error));
    assert_false(row);
}

static void test_postgresql__every_type_is_read_as_written(void **state)
{
    round_trip(*state);
}

static void test_postgresql__every_type_is_read_without_prepared_statements(void **state)
{
    fixture *f = *state;
    struct furrow_connect_options options = {.url = server_url, .prepare = false};
    driver->close(f->c);
    OK(driver->open(&f->c, &options, &f->error));
    run(f, "SET search_path = " SCHEMA);
    round_trip(f);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"),
                     0);
}

/* Arrays with strings that are larger than the driver's buffer, and an array with a time that does
 * not fit. NULLs and other elements precede these elements. If an array is rejected, the statement
 * must stay unchanged. */
static void test_postgresql__arrays_of_nulls_large_texts_and_bad_times(void **state)
{
    fixture *f = *state;
    prepare_bytes();
    const char *texts[] = {"", NULL, long_text, long_text, NULL, "end"};
    furrow_time times[] = {{0}, {INT64_MAX}};
    const furrow_column text = {.name = "text", .type = FURROW_TYPE_TEXT, .size = sizeof *texts};
    const furrow_column time = {.name = "time", .type = FURROW_TYPE_TIME, .size = sizeof *times};
    furrow_statement *s = prepare(f, "SELECT count(*), count(t), sum(length(t)), count(at) "
                                     "FROM unnest($1::text[], $2::timestamptz[]) AS x (t, at)");
    OK(driver->bind_array(
        s, 0, &(furrow_array){.column = &text, .first = texts, .stride = sizeof *texts, .count = 6},
        &f->error));
    assert_int_equal(
        driver->bind_array(
            s, 1,
            &(furrow_array){.column = &time, .first = times, .stride = sizeof *times, .count = 2},
            &f->error),
        FURROW_INVALID);
    OK(driver->bind_array(
        s, 1, &(furrow_array){.column = &time, .first = times, .stride = sizeof *times, .count = 1},
        &f->error));
    OK(driver->execute(s, &f->error));
    bool row;
    OK(driver->step(s, &row, &f->error));
    int64_t wanted[] = {6, 4, 2 * (sizeof long_text - 1) + 3, 1};
    for (int i = 0; i < 4; i++) {
        furrow_value value;
        OK(driver->read_value(s, i, &value, &f->arena, &f->error));
        assert_int_equal(value.as.integer, wanted[i]);
    }
}

/* If `has` is false, the value in a furrow_opt must not be read. This must hold for every encoding
 * of a type. */
static void test_postgresql__arrays_of_opts_without_values(void **state)
{
    fixture *f = *state;
    struct {
        furrow_opt(furrow_decimal) price;
        furrow_opt(furrow_time) at;
        furrow_opt(int64_t) fruit;
    } rows[] = {{furrow_some(((furrow_decimal){150, 2})), furrow_some(((furrow_time){0})),
                 furrow_some(PEAR)},
                {{false, {7, 99}}, {false, {INT64_MAX}}, {false, 77}},
                {furrow_some(((furrow_decimal){25, 1})), {false, {0}}, {false, PLUM}}};
    furrow_column price = {.name = "price", .type = FURROW_TYPE_DECIMAL, .scale = 2};
    furrow_column at = {.name = "at", .type = FURROW_TYPE_TIME};
    furrow_column fruit = *columns[15];
    price.size = sizeof rows->price.value;
    at.size = sizeof rows->at.value;
    fruit.size = sizeof rows->fruit.value;
#define HAS(field) ((char *)&rows->field.has - (char *)&rows->field.value)
    furrow_statement *s =
        prepare(f, "SELECT count(*), count(p), (sum(p) * 100)::bigint, count(a), count(f), max(f) "
                   "FROM unnest($1::numeric[], $2::timestamptz[], $3::text[]) AS x (p, a, f)");
    OK(driver->bind_array(s, 0,
                          &(furrow_array){.column = &price,
                                          .first = &rows->price.value,
                                          .stride = sizeof *rows,
                                          .has_offset = HAS(price),
                                          .count = 3},
                          &f->error));
    OK(driver->bind_array(s, 1,
                          &(furrow_array){.column = &at,
                                          .first = &rows->at.value,
                                          .stride = sizeof *rows,
                                          .has_offset = HAS(at),
                                          .count = 3},
                          &f->error));
    OK(driver->bind_array(s, 2,
                          &(furrow_array){.column = &fruit,
                                          .first = &rows->fruit.value,
                                          .stride = sizeof *rows,
                                          .has_offset = HAS(fruit),
                                          .count = 3},
                          &f->error));
#undef HAS
    OK(driver->execute(s, &f->error));
    bool row;
    OK(driver->step(s, &row, &f->error));
    static const int64_t wanted[] = {3, 2, 400, 1, 1};
    furrow_value value;
    for (int i = 0; i < 5; i++) {
        OK(driver->read_value(s, i, &value, &f->arena, &f->error));
        assert_int_equal(value.as.integer, wanted[i]);
    }
    OK(driver->read_value(s, 5, &value, &f->arena, &f->error));
    assert_string_equal(value.as.text, "PEAR");
}

/* Binds one array for each column to insert the rows (UNNEST), and one array to find them (= ANY).
 */
static void test_postgresql__arrays_carry_every_type(void **state)
{
    fixture *f = *state;
    prepare_bytes();
    run(f, create_every);
    struct every rows[3] = {sample(0), sample(1), sample(2)};
    furrow_statement *s = prepare(
        f, "INSERT INTO every SELECT * FROM unnest($1::bigint[], $2::boolean[], $3::smallint[], "
           "$4::integer[], $5::bigint[], $6::real[], $7::double precision[], $8::text[], "
           "$9::text[], $10::bytea[], $11::timestamptz[], $12::date[], $13::uuid[], "
           "$14::numeric[], $15::jsonb[], $16::text[], $17::integer[], $18::timestamptz[], "
           "$19::double precision[], $20::text[], $21::bytea[])");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COLUMNS; i++) {
            const furrow_column *c = columns[i];
            ptrdiff_t has =
                c->flags & FURROW_COLUMN_OPT ? (ptrdiff_t)c->has_offset - (ptrdiff_t)c->offset : 0;
            OK(driver->bind_array(s, i,
                                  &(furrow_array){.column = c,
                                                  .first = (char *)rows + c->offset,
                                                  .stride = sizeof *rows,
                                                  .has_offset = has,
                                                  .count = 3},
                                  &f->error));
        }
        OK(driver->execute(s, &f->error));
        assert_int_equal(s->changed, 3);
        driver->reset_statement(s);
        for (int i = 0; i < 3; i++)
            rows[i].id += 100;
    }
    int64_t keys[] = {3, 77, 1};
    furrow_statement *any = prepare(f, "SELECT * FROM every WHERE id = ANY($1) ORDER BY id");
    OK(driver->bind_array(
        any, 0,
        &(furrow_array){.column = columns[0], .first = keys, .stride = sizeof *keys, .count = 3},
        &f->error));
    OK(driver->execute(any, &f->error));
    assert_int_equal(driver->row_count(any), 2);
    for (int i = 0; i < 3; i += 2) {
        struct every wanted = sample(i), read;
        bool row;
        OK(driver->step(any, &row, &f->error));
        OK(driver->read_row(any, (furrow_column_list){columns, COLUMNS}, &read, &f->arena,
                            &f->error));
        assert_same(&wanted, &read);
    }
    driver->reset_statement(any);
    OK(driver->bind_array(
        any, 0,
        &(furrow_array){.column = columns[0], .first = keys, .stride = sizeof *keys, .count = 0},
        &f->error));
    OK(driver->execute(any, &f->error));
    assert_int_equal(driver->row_count(any), 0);
}

static void test_postgresql__numeric_is_exact(void **state)
{
    fixture *f = *state;
    static const furrow_decimal values[] = {
        {0, 0},         {0, 18},        {1, 0},          {-1, 18},        {10000, 0},
        {10000, 4},     {99999, 5},     {100000000, 0},  {123456789, 3},  {-5, 1},
        {INT64_MAX, 0}, {INT64_MIN, 0}, {INT64_MAX, 18}, {INT64_MIN, 18}, {1, 4},
        {1, 5},         {120000000, 7}, {INT64_MAX, 17}};
    furrow_statement *s = prepare(f, "SELECT $1::numeric::text, $1");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        furrow_value value = {.type = FURROW_TYPE_DECIMAL, .as.decimal = values[i]}, read;
        char wanted[FURROW_DECIMAL_SIZE];
        bool row;
        furrow_decimal_format(values[i], wanted, sizeof wanted);
        OK(driver->bind(s, 0, NULL, &value, &f->error));
        OK(driver->execute(s, &f->error));
        OK(driver->step(s, &row, &f->error));
        OK(driver->read_value(s, 0, &read, &f->arena, &f->error));
        assert_string_equal(read.as.text, wanted);
        OK(driver->read_value(s, 1, &read, &f->arena, &f->error));
        assert_int_equal(read.type, FURROW_TYPE_DECIMAL);
        assert_true(read.as.decimal.unscaled == values[i].unscaled);
        assert_int_equal(read.as.decimal.scale, values[i].scale);
        driver->reset_statement(s);
    }
    assert_string_equal(ask(f, "SELECT 12345678901234567890.5").as.text, "12345678901234567890.5");
    assert_string_equal(ask(f, "SELECT -1e30::numeric").as.text,
                        "-1000000000000000000000000000000");
    assert_string_equal(ask(f, "SELECT 0.00000000000000000001").as.text, "0.00000000000000000001");
    assert_string_equal(ask(f, "SELECT 'NaN'::numeric").as.text, "NaN");
    furrow_value average = ask(f, "SELECT avg(x) FROM (VALUES (1), (2)) AS v (x)");
    furrow_decimal half;
    assert_true(furrow_decimal_rescale(average.as.decimal, 1, &half) && half.unscaled == 15);
    assert_true(ask(f, "SELECT sum(9223372036854775807::bigint)").as.decimal.unscaled == INT64_MAX);
}

static void refuses(fixture *f, const char *sql, furrow_value value, const char *wanted)
{
    furrow_statement *s = prepare(f, sql);
    IS(driver->bind(s, 0, NULL, &value, &f->error), FURROW_INVALID);
    assert_string_equal(f->error.message, wanted);
    driver->finalize(s);
}

static const char *gives(fixture *f, const char *sql, furrow_value value)
{
    furrow_statement *s = prepare(f, sql);
    furrow_value read;
    bool row;
    OK(driver->bind(s, 0, NULL, &value, &f->error));
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    OK(driver->read_value(s, 0, &read, &f->arena, &f->error));
    assert_int_equal(read.type, FURROW_TYPE_TEXT);
    driver->finalize(s);
    return read.as.text;
}

static void test_postgresql__values_are_converted_to_the_parameters_type_or_refused(void **state)
{
    fixture *f = *state;
    furrow_value half = {.type = FURROW_TYPE_DOUBLE, .as.real = 0.5};
    furrow_value three = {.type = FURROW_TYPE_DOUBLE, .as.real = 3};
    furrow_value noon = {.type = FURROW_TYPE_TIME, .as.time = {43200000000}};
    refuses(f, "SELECT $1::bigint", text("12"), "value 1 is text, but the server expects bigint");
    refuses(f, "SELECT $1::numeric", text("12"), "value 1 is text, but the server expects numeric");
    refuses(f, "SELECT $1::smallint", integer(32768),
            "value 1 is an integer that cannot be converted to smallint");
    refuses(f, "SELECT $1::integer", half, "value 1 is a real that cannot be converted to integer");
    refuses(f, "SELECT $1::boolean", integer(2),
            "value 1 is an integer that cannot be converted to boolean");
    refuses(f, "SELECT $1::boolean", half, "value 1 is a real, but the server expects boolean");
    refuses(f, "SELECT $1::uuid", text("no"), "value 1 is text that cannot be converted to uuid");
    refuses(f, "SELECT $1::date", text("2024-02-30"),
            "value 1 is text that cannot be converted to date");
    refuses(f, "SELECT $1::jsonb", text("{"), "value 1 is text that cannot be converted to jsonb");
    refuses(f, "SELECT $1::double precision", integer(INT64_MAX),
            "value 1 is an integer that cannot be converted to double precision");
    refuses(f, "SELECT $1::bigint[]", integer(1),
            "value 1 is an integer, but the server expects bigint[]");
    assert_string_equal(gives(f, "SELECT $1", integer(INT64_MIN)), "-9223372036854775808");
    assert_string_equal(gives(f, "SELECT $1", half), "0.5");
    assert_string_equal(gives(f, "SELECT $1", noon), "1970-01-01T12:00:00.000000Z");
    assert_string_equal(gives(f, "SELECT $1", text("")), "");
    assert_string_equal(gives(f, "SELECT ($1::integer + 1)::text", three), "4");
    assert_string_equal(gives(f, "SELECT ($1::numeric * 2)::text", half), "1.0");
    assert_string_equal(gives(f, "SELECT (NOT $1::boolean)::text", integer(1)), "false");
    assert_string_equal(gives(f, "SELECT $1::interval + '1 s'", text("1 day")), "1 day 00:00:01");
    assert_string_equal(gives(f, "SELECT ($1::date + 1)::text", text("2024-02-28")), "2024-02-29");
}

static void test_postgresql__types_without_a_c_form_are_read_as_text(void **state)
{
    fixture *f = *state;
    furrow_statement *s = prepare(
        f, "SELECT interval '90 s', 1::bigint, true, '\\x00ff'::bytea, 1.50, 0.1::real, "
           "timestamptz '1850-01-01 00:00:00.5+00', date '2024-02-29', ARRAY[1, 2], NULL::text, "
           "'{\"a\": 1}'::jsonb, '00000000-0000-0000-0000-0000000000ff'::uuid, timestamp "
           "'2024-01-01'");
    run(f, "SET timezone = 'Europe/Amsterdam'"); /* in 1850, the offset of this time zone included
                                                    seconds */
    OK(driver->execute(s, &f->error));
    furrow_value v[13];
    bool row;
    OK(driver->step(s, &row, &f->error));
    for (int i = 0; i < 13; i++)
        OK(driver->read_value(s, i, &v[i], &f->arena, &f->error));
    assert_string_equal(v[0].as.text, "00:01:30");
    assert_true(v[1].type == FURROW_TYPE_INT64 && v[1].as.integer == 1);
    assert_true(v[2].type == FURROW_TYPE_BOOL && v[2].as.integer == 1);
    assert_int_equal(v[3].as.blob.size, 2);
    assert_memory_equal(v[3].as.blob.bytes, "\x00\xff", 2);
    assert_true(v[4].as.decimal.unscaled == 150 && v[4].as.decimal.scale == 2);
    assert_true(v[5].as.real == (double)0.1f);
    assert_true(v[6].as.time.us == INT64_C(-3786825599500000));
    assert_int_equal(v[7].as.date.days, 19782);
    assert_string_equal(v[8].as.text, "{1,2}");
    assert_int_equal(v[9].type, FURROW_TYPE_NULL);
    assert_string_equal(v[10].as.text, "{\"a\": 1}");
    assert_int_equal(v[11].as.uuid.bytes[15], 255);
    assert_true(v[12].as.time.us == INT64_C(1704067200000000));
}

static void misread(fixture *f, const char *sql, int column, furrow_status wanted,
                    const char *words)
{
    struct every read;
    bool row;
    furrow_statement *s = prepare(f, sql);
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    IS(driver->read_row(s, (furrow_column_list){&columns[column], 1}, &read, &f->arena, &f->error),
       wanted);
    assert_string_equal(f->error.message, words);
    assert_string_equal(f->error.table, "every");
    assert_string_equal(f->error.column, every_columns[column].name);
    driver->finalize(s);
}

static void test_postgresql__a_value_that_does_not_fit_its_field_names_the_column(void **state)
{
    fixture *f = *state;
    misread(f, "SELECT 32768", 2, FURROW_INVALID,
            "\"every\".\"small\": the value does not fit in the field");
    misread(f, "SELECT 1.5", 4, FURROW_INVALID,
            "\"every\".\"large\": the value does not fit in the field");
    misread(f, "SELECT 'abcdefgh'", 8, FURROW_INVALID,
            "\"every\".\"chars\": the text is longer than the 7 bytes of its field");
    misread(f, "SELECT 'QUINCE'", 15, FURROW_INVALID,
            "\"every\".\"fruit\": the text is not a value of enum fruit");
    misread(f, "SELECT 'infinity'::timestamptz", 10, FURROW_INVALID,
            "\"every\".\"time\": the time is outside the years 1 to 9999");
    misread(f, "SELECT '10000-01-01'::date", 11, FURROW_INVALID,
            "\"every\".\"date\": \"date\" holds a time outside the years 1 to 9999");
    misread(f, "SELECT NULL::text", 7, FURROW_INVALID,
            "\"every\".\"text\": is NULL, but its field cannot be NULL");
    misread(f, "SELECT 1.00001", 13, FURROW_INVALID,
            "\"every\".\"decimal\": the value does not fit in the field");
    misread(f, "SELECT 'x'", 4, FURROW_SCHEMA,
            "\"every\".\"large\": holds text where the model has an int64_t");
    misread(f, "SELECT interval '1 s'", 6, FURROW_SCHEMA,
            "\"every\".\"real\": holds interval where the model has a double");
}

static void breaks(fixture *f, const char *sql, furrow_status wanted, const char *column,
                   const char *constraint, const char *words)
{
    furrow_statement *s = prepare(f, sql);
    furrow_value secret = text("secret-value");
    if (s->parameter_count)
        OK(driver->bind(s, 0, NULL, &secret, &f->error));
    IS(driver->execute(s, &f->error), wanted);
    assert_silent(&f->error, "secret");
    assert_string_equal(f->error.column, column);
    assert_string_equal(f->error.constraint, constraint);
    assert_string_equal(f->error.message, words);
    driver->finalize(s);
}

static void test_postgresql__errors_name_the_constraint_and_no_value(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE parent (id text PRIMARY KEY, up text CONSTRAINT parent_up_fkey REFERENCES "
           "parent, \"a, b\" text, c text, UNIQUE (\"a, b\", c))");
    run(f, "CREATE TABLE child (id text, parent text CONSTRAINT child_parent_fkey REFERENCES "
           "parent, n integer CONSTRAINT small CHECK (n < 10), must text NOT NULL DEFAULT '', "
           "short varchar(3))");
    run(f, "INSERT INTO parent VALUES ('secret-value', NULL, 'secret', 'secret'), ('one', "
           "'secret-value', NULL, NULL)");
    run(f, "INSERT INTO child VALUES ('x', 'one', 1)");
    breaks(f, "INSERT INTO parent VALUES ($1)", FURROW_UNIQUE, "id", "parent_pkey",
           "\"parent\": a row with this \"id\" already exists");
    breaks(f, "INSERT INTO parent VALUES ('two', NULL, 'secret', 'secret')", FURROW_UNIQUE,
           "a, b, c", "parent_a, b_c_key",
           "\"parent\": a row with this \"a, b\", \"c\" already exists");
    breaks(f, "INSERT INTO child VALUES ('x', $1 || '!')", FURROW_FOREIGN_KEY, "parent",
           "child_parent_fkey",
           "\"child\": \"parent\" refers to a row of \"parent\" that does not "
           "exist");
    breaks(f, "DELETE FROM parent WHERE id = 'one'", FURROW_FOREIGN_KEY, "", "child_parent_fkey",
           "\"parent\": a row of \"child\" still refers to this row");
    breaks(f, "DELETE FROM parent WHERE id = $1", FURROW_FOREIGN_KEY, "", "parent_up_fkey",
           "\"parent\": a row of \"parent\" still refers to this row");
    breaks(f, "INSERT INTO parent VALUES ('three', $1 || '!')", FURROW_FOREIGN_KEY, "up",
           "parent_up_fkey",
           "\"parent\": \"up\" refers to a row of \"parent\" that does not exist");
    breaks(f, "INSERT INTO child VALUES ($1, NULL, 11)", FURROW_CHECK, "", "small",
           "\"child\": the row violates check \"small\"");
    breaks(f, "INSERT INTO child (id, must) VALUES ($1, NULL)", FURROW_NOT_NULL, "must", "",
           "\"child\": \"must\" must not be NULL");
    breaks(f, "INSERT INTO child (short) VALUES ($1)", FURROW_INVALID, "", "",
           "a string is longer than its column allows");
    breaks(f, "SELECT $1::text::integer", FURROW_INVALID, "", "",
           "a string is not a valid value of the required type");
    breaks(f, "DO $$BEGIN RAISE 'it was %', 'secret-value'; END$$", FURROW_DATABASE, "", "",
           "a function on the server raised an exception");
    IS(try(f, f->c, "SELECT * FROM nowhere"), FURROW_SCHEMA);
    assert_string_equal(f->error.sqlstate, "42P01");
    IS(try(f, f->c, "SELECT nothing FROM child"), FURROW_SCHEMA);
    IS(try(f, f->c, "SELEC 1"), FURROW_INVALID);
    IS(try(f, f->c, "SELECT 1; SELECT 2"), FURROW_INVALID);
    IS(try(f, f->c, " /* a /* b */ */ ; -- c\n"), FURROW_INVALID);
    assert_string_equal(f->error.message, "there is no statement in the text");
}

/* Makes the server report an error with this SQLSTATE, and checks the status that the driver
 * returns for it. The driver must not pass on the server's message, because it may contain values.
 */
static void test_postgresql__every_sqlstate_has_a_status(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *state;
        furrow_status status;
        bool passed_on;
    } cases[] = {
        /* with severity ERROR, these refer to another connection, because this one remains open */
        {"08000", FURROW_DATABASE, false},
        {"08006", FURROW_DATABASE, false},
        {"57P01", FURROW_DATABASE, false},
        {"57P02", FURROW_DATABASE, false},
        {"57P03", FURROW_DATABASE, false},
        {"57P05", FURROW_DATABASE, false},
        {"25P03", FURROW_DATABASE, false},
        {"40001", FURROW_BUSY, false},
        {"40P01", FURROW_BUSY, false},
        {"40002", FURROW_BUSY, false},
        {"40003", FURROW_COMMIT_UNKNOWN, false},
        {"55P03", FURROW_BUSY, false},
        {"55006", FURROW_BUSY, true},
        {"25P02", FURROW_ABORTED, false},
        {"25006", FURROW_INVALID, false},
        {"42501", FURROW_DATABASE, true},
        {"42P01", FURROW_SCHEMA, true},
        {"42703", FURROW_SCHEMA, true},
        {"42601", FURROW_INVALID, true},
        {"3F000", FURROW_SCHEMA, true},
        {"22001", FURROW_INVALID, false},
        {"22003", FURROW_INVALID, false},
        {"22007", FURROW_INVALID, false},
        {"22008", FURROW_INVALID, false},
        {"22012", FURROW_INVALID, false},
        {"22021", FURROW_INVALID, false},
        {"22023", FURROW_INVALID, false},
        {"22P02", FURROW_INVALID, false},
        {"22P03", FURROW_INVALID, false},
        {"22P05", FURROW_INVALID, false},
        {"53100", FURROW_DATABASE, false},
        {"53200", FURROW_DATABASE, false},
        {"53300", FURROW_DATABASE, false},
        {"54000", FURROW_INVALID, true},
        {"58030", FURROW_DATABASE, true},
        {"P0001", FURROW_DATABASE, false},
        {"XX000", FURROW_DATABASE, false},
        {"23P01", FURROW_UNIQUE, false},
        {"23000", FURROW_CHECK, false},
        {"ZZ999", FURROW_DATABASE, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[160];
        furrow_connection *c;
        OK(open_url(f, &c, server_url));
        snprintf(sql, sizeof sql,
                 "DO $$BEGIN RAISE EXCEPTION 'secret-value' USING ERRCODE = '%s', DETAIL = "
                 "'secret-detail'; END$$",
                 cases[i].state);
        furrow_status status = try(f, c, sql);
        if (status != cases[i].status || strcmp(f->error.sqlstate, cases[i].state) != 0)
            fail_msg("%s: %s, %s: %s", cases[i].state, furrow_status_name(status),
                     f->error.sqlstate, f->error.message);
        if ((strstr(f->error.message, "secret-value") != NULL) != cases[i].passed_on)
            fail_msg("%s: %s", cases[i].state, f->error.message);
        assert_null(strstr(f->error.message, "secret-detail"));
        assert_null(strstr(f->error.hint, "secret"));
        assert_false(c->broken);
        driver->close(c);
    }
}

/* Migrations set the option server_text. With this option, the driver passes on the server's
 * message, unless the statement has parameters. Details that contain a row are never passed on. */
static void test_postgresql__the_servers_text_is_passed_on_without_parameters(void **state)
{
    fixture *f = *state;
    struct furrow_connect_options options = {
        .url = server_url, .prepare = true, .server_text = true};
    driver->close(f->c);
    OK(driver->open(&f->c, &options, &f->error));
    run(f, "SET search_path = " SCHEMA);
    run(f, "CREATE TABLE told (id text PRIMARY KEY, n int NOT NULL CHECK (n > 0))");
    run(f, "CREATE VIEW tellers AS SELECT n FROM told");
    run(f, "INSERT INTO told VALUES ('secret-value', 1)");
    IS(try(f, f->c, "ALTER TABLE told DROP COLUMN n"), FURROW_DATABASE);
    assert_string_equal(f->error.message,
                        "cannot drop column n of table told because other objects depend on it: "
                        "view tellers depends on column n of table told");
    assert_string_equal(f->error.hint, "Use DROP ... CASCADE to drop the dependent objects too.");
    IS(try(f, f->c, "DO $$BEGIN RAISE 'it was %', 1 USING DETAIL = E'a.\\nb.', HINT = 'c'; END$$"),
       FURROW_DATABASE);
    assert_string_equal(f->error.message, "it was 1: a.; b");
    assert_string_equal(f->error.hint, "c");
    IS(try(f, f->c, "ALTER TABLE told ALTER id TYPE int USING id::int"), FURROW_INVALID);
    assert_string_equal(f->error.message,
                        "invalid input syntax for type integer: \"secret-value\"");
    IS(try(f, f->c, "INSERT INTO told VALUES ('secret-value', 1)"), FURROW_UNIQUE);
    assert_string_equal(f->error.message, "\"told\": a row with this \"id\" already exists: Key "
                                          "(id)=(secret-value) already exists");
    IS(try(f, f->c, "UPDATE told SET n = 0"), FURROW_CHECK);
    assert_silent(&f->error, "secret");
    IS(try(f, f->c, "UPDATE told SET n = NULL"), FURROW_NOT_NULL);
    assert_silent(&f->error, "secret");
    breaks(f, "INSERT INTO told VALUES ($1, 1)", FURROW_UNIQUE, "id", "told_pkey",
           "\"told\": a row with this \"id\" already exists");
    breaks(f, "SELECT $1::text::integer", FURROW_INVALID, "", "",
           "a string is not a valid value of the required type");
}

/* The server answers COMMIT with an error. If it is unknown whether the transaction was committed,
 * the status must tell the caller not to repeat the transaction. */
static void test_postgresql__a_commit_may_fail(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *state;
        furrow_status status;
    } cases[] = {{"08006", FURROW_COMMIT_UNKNOWN}, {"08003", FURROW_COMMIT_UNKNOWN},
                 {"57P02", FURROW_COMMIT_UNKNOWN}, {"40003", FURROW_COMMIT_UNKNOWN},
                 {"40001", FURROW_BUSY},           {"P0001", FURROW_DATABASE},
                 {"53100", FURROW_DATABASE}};
    run(f, "CREATE TABLE " SCHEMA ".late (state text)");
    run(f, "CREATE FUNCTION " SCHEMA ".fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE "
           "EXCEPTION 'secret' USING ERRCODE = NEW.state; END$$");
    run(f, "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON " SCHEMA ".late DEFERRABLE INITIALLY "
           "DEFERRED FOR EACH ROW EXECUTE FUNCTION " SCHEMA ".fail()");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[128];
        furrow_connection *c;
        OK(open_url(f, &c, server_url));
        OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
        snprintf(sql, sizeof sql, "INSERT INTO " SCHEMA ".late VALUES ('%s')", cases[i].state);
        OK(try(f, c, sql));
        furrow_status status = driver->commit(c, &f->error);
        if (status != cases[i].status)
            fail_msg("%s: %s: %s", cases[i].state, furrow_status_name(status), f->error.message);
        assert_silent(&f->error, "secret");
        assert_int_equal(c->broken, status == FURROW_COMMIT_UNKNOWN);
        assert_false(c->in_transaction);
        driver->close(c);
    }
    assert_int_equal(count_of(f, "SELECT count(*) FROM " SCHEMA ".late"), 0);
}

static void refuses_url(fixture *f, const char *url, furrow_status wanted)
{
    furrow_connection *c;
    IS(open_url(f, &c, url), wanted);
    assert_null(c);
    assert_silent(&f->error, "sesame");
    assert_true(*f->error.message);
}

static void test_postgresql__errors_never_contain_the_password(void **state)
{
    fixture *f = *state;
    refuses_url(f, "postgres", FURROW_INVALID);
    refuses_url(f, "postgresql://u:ses@me:sesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:sesame/x@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:1234/sesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:a@sesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:p?sesame@127.0.0.1:1/db?prepare=off", FURROW_DISCONNECTED);
    refuses_url(f, "postgresql://u:%zzsesame@localhost/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u@localhost/db?passwort=sesame", FURROW_INVALID);
    assert_string_equal(f->error.message, "the URL has a parameter that libpq does not know");
    refuses_url(f, "postgresql://u@localhost/db?prepare=sesame", FURROW_INVALID);
    static const char *const timeouts[] = {"sesame", "1sesame", "1.5", "99999999999", "%20"};
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        char url[96];
        snprintf(url, sizeof url, "postgresql://u@127.0.0.1:1/db?connect_timeout=%s", timeouts[i]);
        refuses_url(f, url, FURROW_INVALID);
        assert_non_null(strstr(f->error.message, "connect_timeout"));
    }
    refuses_url(f, "postgresql://u@127.0.0.1:1/db?connect_timeout=%202%20", FURROW_DISCONNECTED);
    refuses_url(f, "postgresql://u:sesame@localhost:99999/db", FURROW_INVALID);
    refuses_url(f, "postgresql://u:sesame@127.0.0.1:1/db", FURROW_DISCONNECTED);
    refuses_url(f, "postgresql:///db?host=/nowhere&password=sesame", FURROW_DISCONNECTED);
}

int main(void)
{
    if (!begin_tests())
        return SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(every_type_is_read_as_written),
        TEST(every_type_is_read_without_prepared_statements),
        TEST(arrays_carry_every_type),
        TEST(arrays_of_nulls_large_texts_and_bad_times),
        TEST(arrays_of_opts_without_values),
        TEST(numeric_is_exact),
        TEST(values_are_converted_to_the_parameters_type_or_refused),
        TEST(types_without_a_c_form_are_read_as_text),
        TEST(a_value_that_does_not_fit_its_field_names_the_column),
        TEST(errors_name_the_constraint_and_no_value),
        TEST(every_sqlstate_has_a_status),
        TEST(the_servers_text_is_passed_on_without_parameters),
        TEST(a_commit_may_fail),
        TEST(errors_never_contain_the_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
