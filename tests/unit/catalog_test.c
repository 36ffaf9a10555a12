/* SPDX-License-Identifier: MIT
 * Catalogs: the logical catalog of a set of models, its canonical text and its fingerprint, and the
 * normalized form of expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/catalog/catalog.h"
#include "migrate/catalog/ddl.h"
#include "schema/name.h"
#include "schema_models.h"

static const furrow_model *const models[] = {&item, &person, &team, &bystander};
static const furrow_schema schema = {FURROW_FORMAT_VERSION, "all", models, 4};
static const furrow_model *const reversed_models[] = {&bystander, &team, &person, &item};
static const furrow_schema reversed = {FURROW_FORMAT_VERSION, "all", reversed_models, 4};

static void read_schema(furrow__catalog *out, const furrow_schema *of, furrow_arena *arena)
{
    furrow_error error = {0};
    if (furrow__catalog_from_schema(out, of, arena, &error) != FURROW_OK)
        fail_msg("%s", error.message);
}

static void fingerprint(char out[FURROW__FINGERPRINT_SIZE], const furrow__catalog *catalog)
{
    furrow_error error = {0};
    if (furrow__catalog_fingerprint(out, catalog, &error) != FURROW_OK)
        fail_msg("%s", error.message);
    assert_int_equal(strlen(out), 32);
}

static void test_catalog__models_have_a_canonical_text(void **state)
{
    (void)state;
    static const char expected[] =
        "storage 2\n"
        "table bystander\n"
        "  column id UUID NOT NULL\n"
        "  column team_id BIGINT NOT NULL\n"
        "  constraint bystander_pkey PRIMARY KEY (id)\n"
        "  constraint bystander_team_id_fkey FOREIGN KEY (team_id) REFERENCES sport.team (id)\n"
        "table items\n"
        "  column bought DATE NOT NULL DEFAULT now\n"
        "  column code VARCHAR(20) NOT NULL\n"
        "  column colour ENUM('BLUE', 'GREEN', 'RED') NOT NULL DEFAULT 'RED'\n"
        "  column cost DECIMAL(18, 4)\n"
        "  column count INTEGER NOT NULL\n"
        "  column extra JSON NOT NULL DEFAULT '{}'\n"
        "  column fragile BOOLEAN NOT NULL DEFAULT FALSE\n"
        "  column id BIGINT NOT NULL IDENTITY\n"
        "  column lid ENUM('BLUE', 'GREEN', 'RED')\n"
        "  column made_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now\n"
        "  column note TEXT\n"
        "  column packed BOOLEAN\n"
        "  column picture BLOB\n"
        "  column price DECIMAL(12, 2) NOT NULL DEFAULT 1.50\n"
        "  column ratio REAL NOT NULL DEFAULT 5e-1\n"
        "  column serial UUID\n"
        "  column shelf VARCHAR(7 OCTETS) NOT NULL DEFAULT ''\n"
        "  column small SMALLINT NOT NULL DEFAULT -7\n"
        "  column sold_at TIMESTAMP WITH TIME ZONE\n"
        "  column weight DOUBLE PRECISION NOT NULL\n"
        "  constraint items_check CHECK (AND (< \"count\" 1000001) (<= 0 \"weight\"))\n"
        "  constraint items_code_key UNIQUE (code)\n"
        "  constraint items_code_min_length_check CHECK (<= 1 (length \"code\"))\n"
        "  constraint items_count_range_check CHECK (AND (<= \"count\" 1000000) (<= 0 "
        "\"count\"))\n"
        "  constraint items_note_check CHECK (<> \"note\" '')\n"
        "  constraint items_pkey PRIMARY KEY (id)\n"
        "  constraint items_price_range_check CHECK (<= \"price\" 1000.50)\n"
        "  constraint items_shelf_serial_key UNIQUE (shelf, serial)\n"
        "  constraint items_weight_range_check CHECK (<= -5 \"weight\")\n"
        "  index items_colour_price_idx (colour, price DESC)\n"
        "  unique index items_lid_sold_at_key (lid, sold_at DESC) WHERE (AND \"fragile\" (LIKE "
        "\"code\" 'A*_%'))\n"
        "table person\n"
        "  column boss_id BIGINT\n"
        "  column id BIGINT NOT NULL IDENTITY\n"
        "  column team_id BIGINT\n"
        "  constraint person_boss_id_fkey FOREIGN KEY (boss_id) REFERENCES person (id) ON DELETE "
        "RESTRICT ON UPDATE CASCADE\n"
        "  constraint person_pkey PRIMARY KEY (id)\n"
        "  constraint person_team_id_fkey FOREIGN KEY (team_id) REFERENCES sport.team (id) ON "
        "DELETE SET NULL DEFERRABLE INITIALLY DEFERRED\n"
        "table sport.team\n"
        "  column id BIGINT NOT NULL IDENTITY\n"
        "  column lead_id BIGINT NOT NULL\n"
        "  constraint team_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES person (id)\n"
        "  constraint team_pkey PRIMARY KEY (id)\n";
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__catalog catalog;
    furrow__buffer text = {0};
    read_schema(&catalog, &schema, &arena);
    assert_int_equal(furrow__catalog_write(&text, &catalog, &error), FURROW_OK);
    assert_string_equal(furrow__buffer_text(&text), expected);
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
}

/* The catalog and furrow_create_all must use the same names. If they did not, furrow would report
 * drift in a database that furrow_create_all has just created. */
static void test_catalog__names_equal_those_of_create_all(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__catalog catalog;
    furrow__statements statements;
    furrow__buffer all = {0};
    read_schema(&catalog, &schema, &arena);
    assert_int_equal(furrow__ddl_create_schema(&statements, &furrow__dialect_postgresql, &schema,
                                               &arena, &error),
                     FURROW_OK);
    for (size_t i = 0; i < statements.count; i++)
        furrow__buffer_add_text(&all, statements.items[i]);
    for (size_t i = 0; i < catalog.count; i++) {
        const furrow__catalog_table *table = catalog.tables[i];
        char quoted[FURROW__NAME_SIZE * 2];
        for (size_t j = 0; j < table->constraint_count + table->index_count; j++) {
            bool is_index = j >= table->constraint_count;
            snprintf(quoted, sizeof quoted, "%s \"%s\" ", is_index ? "INDEX" : "CONSTRAINT",
                     is_index ? table->indexes[j - table->constraint_count].name
                              : table->constraints[j].name);
            if (!strstr(furrow__buffer_text(&all), quoted))
                fail_msg("furrow_create_all does not create %s", quoted);
        }
    }
    furrow__buffer_done(&all);
    furrow__arena_done(&arena);
}

static void test_catalog__fingerprint_ignores_order(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog a, b;
    char one[FURROW__FINGERPRINT_SIZE], two[FURROW__FINGERPRINT_SIZE];
    read_schema(&a, &schema, &arena);
    read_schema(&b, &reversed, &arena);
    furrow__catalog_table *table =
        furrow__catalog_table_named(&b, (furrow__table_name){0, "items"});
    assert_non_null(table);
    furrow__catalog_column column = table->columns[3];
    table->columns[3] = table->columns[5];
    table->columns[5] = column;
    fingerprint(one, &a);
    fingerprint(two, &b);
    assert_string_equal(one, two);
    /* The fingerprints must never change, because revision files contain them. */
    assert_string_equal(one, "a7651eb760604e7bd1c78196bfcf41e9");
    a.storage = FURROW__STORAGE_FIRST;
    fingerprint(one, &a);
    assert_string_equal(one, "0ff4e43c7982e838dd2fc84579276fd0");
    furrow__arena_done(&arena);
}

enum { DIFFERENCES = 10 };

/* Makes one of the changes that the fingerprint must notice; `which` selects the change. */
static void change(furrow__catalog_table *table, int which)
{
    switch (which) {
    case 0:
        furrow__catalog_column_named(table, "code")->nullable = true;
        break;
    case 1:
        furrow__catalog_column_named(table, "code")->type.max_length = 21;
        break;
    case 2:
        furrow__catalog_column_named(table, "shelf")->type.max_size = 8;
        break;
    case 3:
        furrow__catalog_column_named(table, "price")->default_ = "1.51";
        break;
    case 4:
        furrow__catalog_column_named(table, "colour")->type.value_count--;
        break;
    case 5:
        furrow__catalog_constraint_named(table, "items_check")->expression = "weight >= 0";
        break;
    case 6:
        furrow__catalog_index_named(table, "items_lid_sold_at_key")->unique = false;
        break;
    case 7:
        table->constraints[0].name = "other_pkey";
        break;
    case 8:
        furrow__catalog_column_named(table, "id")->assigned = false;
        break;
    case 9:
        furrow__catalog_column_named(table, "cost")->type.scale = 3;
        break;
    default:
        fail();
    }
}

static void test_catalog__fingerprint_depends_on_each_part(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow_error error;
    furrow__catalog original, copy;
    char one[FURROW__FINGERPRINT_SIZE], two[FURROW__FINGERPRINT_SIZE];
    read_schema(&original, &schema, &arena);
    fingerprint(one, &original);
    for (int which = 0; which < DIFFERENCES; which++) {
        assert_int_equal(furrow__catalog_copy(&copy, &original, &arena, &error), FURROW_OK);
        change(furrow__catalog_table_named(&copy, (furrow__table_name){NULL, "items"}), which);
        fingerprint(two, &copy);
        assert_string_not_equal(one, two);
    }
    fingerprint(two, &original); /* changing a copy does not change the original */
    assert_string_equal(one, two);
    furrow__arena_done(&arena);
}

static const furrow__expression_scope *item_scope(void)
{
    static furrow__expression_scope scope;
    scope = furrow__model_scope(&item);
    return &scope;
}

/* Returns the canonical text of an expression or, if `normalized` is set, of its normalized form.
 * The string is in the arena. */
static const char *written(const char *text, bool normalized, const furrow__expression_scope *scope,
                           furrow_arena *arena)
{
    furrow__expression_error error;
    furrow__buffer out = {0};
    const furrow__expression_source source = {
        .text = text, .scope = scope, .use = FURROW__EXPRESSION_FOR_CHECK};
    const furrow__expression *parsed = furrow__expression_parse(&source, arena, &error);
    if (!parsed)
        fail_msg("%s: byte %zu: %s", text, error.position, error.message);
    (normalized ? furrow__expression_write_normalized : furrow__expression_write)(&out, parsed);
    const char *result = furrow__arena_text(arena, furrow__buffer_text(&out), out.size);
    furrow__buffer_done(&out);
    return result;
}

static void test_catalog__expression_has_only_necessary_parentheses(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"((weight)>=((0)))", "weight >= 0"},
        {"not (fragile and (count=1 or packed))", "NOT (fragile AND (count = 1 OR packed))"},
        {"(fragile and packed) or not packed", "fragile AND packed OR NOT packed"},
        {"count - (small - 1) > 0", "count - (small - 1) > 0"},
        {"(count - small) - 1 > 0", "count - small - 1 > 0"},
        {"count * (small + 1) > -5", "count * (small + 1) > -5"},
        {"count - -5 > 0", "count - (-5) > 0"},
        {"-(-count) > 0", "-(-count) > 0"},
        {"price > 1", "price > 1.00"},
        {"colour in ('RED','BLUE')", "colour IN ('RED', 'BLUE')"},
        {"code not like 'A%' and note is not null", "code NOT LIKE 'A%' AND note IS NOT NULL"},
        {"(count between 1 and 2) = fragile", "(count BETWEEN 1 AND 2) = fragile"},
        {"code || 'it''s' <> coalesce(note, code)", "code || 'it''s' <> coalesce(note, code)"},
        {"sold_at > '2020-01-01T02:00:00+02:00'", "sold_at > '2020-01-01T00:00:00.000000Z'"},
    };
    furrow_arena arena = {0};
    furrow__catalog catalog;
    read_schema(&catalog, &schema, &arena);
    const furrow__expression_scope *scope = furrow__catalog_scope(
        furrow__catalog_table_named(&catalog, (furrow__table_name){NULL, "items"}), &arena);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = written(cases[i].from, false, item_scope(), &arena);
        assert_string_equal(text, cases[i].to);
        /* Parsing the canonical text in the scope of the same table gives the same expression. */
        assert_string_equal(written(text, false, scope, &arena), text);
        assert_string_equal(written(text, true, scope, &arena),
                            written(cases[i].from, true, item_scope(), &arena));
    }
    furrow__arena_done(&arena);
}

static void test_catalog__equivalent_expressions_have_one_normalized_form(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"count > 1", "1 < count"},
        {"count >= 1", "NOT count < 1"},
        {"fragile AND packed AND count = 1", "1 = count AND (packed AND fragile)"},
        {"NOT (fragile AND packed)", "NOT packed OR NOT fragile"},
        {"NOT (fragile OR NOT packed)", "packed AND NOT fragile"},
        {"count BETWEEN 1 AND 5", "count <= 5 AND 1 <= count"},
        {"count NOT BETWEEN 1 AND 5", "count > 5 OR count < 1"},
        {"NOT (count IN (2, 1))", "count NOT IN (1, 2, 1)"},
        {"colour IN ('RED')", "colour = 'RED'"},
        {"NOT note IS NULL", "note IS NOT NULL"},
        {"NOT NOT fragile", "fragile"},
        {"count + small > 0", "0 < small + count"},
        {"price > 1.5", "price > 1.50"},
        {"ratio > 0.50", "ratio > 5e-1"},
        {"weight > 100.0", "100 < weight"},
        {"weight > 1e2", "weight > 100"},
        {"weight > 0.0", "weight > 0"},
        {"NOT code LIKE 'A%'", "code NOT LIKE 'A%'"},
        {"fragile OR fragile OR packed", "packed OR fragile"},
        {"\"code\" != 'x'", "NOT 'x' = code"},
    };
    static const char *const other[][2] = {
        {"count > 1", "count >= 1"},
        {"count - small > 0", "small - count > 0"},
        {"fragile AND packed OR count = 1", "fragile AND (packed OR count = 1)"},
        {"NOT (fragile AND packed)", "NOT fragile AND NOT packed"},
        {"count IN (1, 2)", "count IN (1, 3)"},
        {"code LIKE 'a%'", "code LIKE 'A%'"},
        {"note IS NULL", "note = ''"},
        {"code = 'a'", "code = 'a '"},
        {"count = 1 OR count = 2 AND fragile", "(count = 1 OR count = 2) AND fragile"},
    };
    furrow_arena arena = {0};
    for (size_t i = 0; i < COUNT(same); i++)
        assert_string_equal(written(same[i][0], true, item_scope(), &arena),
                            written(same[i][1], true, item_scope(), &arena));
    for (size_t i = 0; i < COUNT(other); i++)
        assert_string_not_equal(written(other[i][0], true, item_scope(), &arena),
                                written(other[i][1], true, item_scope(), &arena));
    furrow__arena_done(&arena);
}

static void test_catalog__long_chain_is_not_nested_when_written(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__buffer text = {0};
    for (int i = 0; i < 300; i++)
        furrow__buffer_add_text(&text, i ? "+count" : "0<count");
    const char *canonical = written(furrow__buffer_text(&text), false, item_scope(), &arena);
    assert_null(strchr(canonical, '('));
    written(canonical, true, item_scope(), &arena);
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
}

static int left; /* number of allocations that succeed before one fails; -1: none fails */

static void *failing_allocate(size_t size, void *context)
{
    (void)context;
    if (left == 0)
        return NULL;
    left -= left > 0;
    return malloc(size);
}

static void *failing_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    if (left == 0)
        return NULL;
    left -= left > 0;
    return realloc(block, size);
}

static void plain_free(void *block, void *context)
{
    (void)context;
    free(block);
}

static void test_catalog__survives_each_failed_allocation(void **state)
{
    (void)state;
    bool done = false;
    for (int k = 0; !done; k++) {
        furrow_arena arena = {0};
        furrow_error error = {0};
        furrow__catalog catalog, copy;
        char text[FURROW__FINGERPRINT_SIZE];
        left = k;
        furrow_status status = furrow__catalog_from_schema(&catalog, &schema, &arena, &error);
        if (status == FURROW_OK)
            status = furrow__catalog_copy(&copy, &catalog, &arena, &error);
        if (status == FURROW_OK)
            status = furrow__catalog_fingerprint(text, &copy, &error);
        done = status == FURROW_OK;
        if (!done)
            assert_int_equal(status, FURROW_NOMEM);
        left = -1;
        furrow__arena_done(&arena);
        assert_true(k < 5000);
    }
}

static int use_failing_allocator(void **state)
{
    (void)state;
    left = -1;
    furrow_set_allocator(
        &(furrow_allocator){failing_allocate, failing_reallocate, plain_free, NULL});
    return 0;
}

static int use_own_allocator(void **state)
{
    (void)state;
    furrow_set_allocator(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalog__models_have_a_canonical_text),
        cmocka_unit_test(test_catalog__names_equal_those_of_create_all),
        cmocka_unit_test(test_catalog__fingerprint_ignores_order),
        cmocka_unit_test(test_catalog__fingerprint_depends_on_each_part),
        cmocka_unit_test(test_catalog__expression_has_only_necessary_parentheses),
        cmocka_unit_test(test_catalog__equivalent_expressions_have_one_normalized_form),
        cmocka_unit_test(test_catalog__long_chain_is_not_nested_when_written),
        cmocka_unit_test_setup_teardown(test_catalog__survives_each_failed_allocation,
                                        use_failing_allocator, use_own_allocator),
    };
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
