/* SPDX-License-Identifier: MIT
 * The model compiler: the schema that it builds, and failing allocations. Messages and generated
 * code are tested in tests/golden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compiler.h"

static const char models[] =
    "enum kind { CAT, DOG = 7 }; FURROW_LIST(pet);\n"
    "struct person { int64_t id FURROW(primary_key); const char *name FURROW(unique);\n"
    "  struct pet_list pets; };\n"
    "struct pet { const char *tag FURROW(primary_key); int16_t nr FURROW(primary_key);\n"
    "  enum kind kind; furrow_opt(int64_t) owner FURROW(references(person.id), "
    "on_delete(set_null));\n"
    "  furrow_decimal price FURROW(decimal(6, 2), range(-1.5, 20)); int64_t v FURROW(version);\n"
    "  char code[8] FURROW(check(\"code <> 'x'\")); const char *note FURROW(default(\"it's\")); }\n"
    "  FURROW(table(\"zoo.pets\"), index(kind, desc(price), where(\"nr > 0\")), check(\"v >= "
    "0\"));\n";

static furrow__compiler *compiled(const char *text, bool *fine)
{
    furrow__compiler *c = furrow__compiler_new(NULL, NULL);
    assert_non_null(c);
    assert_true(furrow__compiler_add(c, "folder/zoo.h", text, strlen(text)));
    *fine = furrow__compiler_run(c);
    return c;
}

static void test_compiler__builds_the_schema(void **state)
{
    bool fine;
    furrow__compiler *c = compiled(models, &fine);
    (void)state;
    assert_string_equal(furrow__compiler_messages(c), "");
    assert_true(fine);
    const furrow_schema *schema = furrow__compiler_schema(c);
    assert_string_equal(schema->name, "zoo");
    assert_int_equal(schema->count, 2);
    const furrow_model *person = schema->models[0], *pet = schema->models[1];
    assert_int_equal(person->assigned, 0);
    assert_true(person->columns[0].flags & FURROW_COLUMN_ASSIGNED);
    assert_int_equal(person->relation_count, 1);
    assert_int_equal(person->relations[0].kind, FURROW_RELATION_TO_MANY);
    assert_int_equal(person->relations[0].target_columns[0], 3);
    assert_string_equal(pet->schema, "zoo");
    assert_string_equal(pet->table, "pets");
    assert_int_equal(pet->primary_key_count, 2);
    assert_int_equal(pet->assigned, FURROW_NO_COLUMN);
    assert_int_equal(pet->version, 5);
    assert_int_equal(pet->columns[2].enumeration->enumerators[1].value, 7);
    assert_int_equal(pet->columns[3].flags, FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT);
    assert_ptr_equal(pet->foreign_keys[0].target, person);
    assert_int_equal(pet->foreign_keys[0].on_delete, FURROW_ACTION_SET_NULL);
    assert_int_equal(pet->columns[4].minimum, -150);
    assert_int_equal(pet->columns[4].maximum, 2000);
    assert_int_equal(pet->columns[6].size, 8);
    assert_string_equal(pet->columns[7].default_, "'it''s'");
    assert_true(pet->indexes[0].descending[1]);
    assert_string_equal(pet->indexes[0].where, "nr > 0");
    assert_string_equal(pet->checks[0].name, "pets_check");
    furrow__compiler_free(c);
}

static void test_compiler__continues_line_comments_after_a_backslash(void **state)
{
    static const char *const headers[] = {
        "struct thing // a thing \\\n is it\n{ int64_t id FURROW(primary_key); };\n",
        "struct thing // a thing \\\r\n is it\r\n{ int64_t id FURROW(primary_key); };\n",
        "struct thing // a thing \\ \t\n is it\n{ int64_t id FURROW(primary_key); };\n",
        "struct thing // a \\ thing\n{ int64_t id FURROW(primary_key); };\n// the end \\",
        ("// struct no { int id; }; \\\nstruct none {\nstruct \\\n thing { int64_t id "
         "FURROW(primary_key); };\n"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        bool fine;
        furrow__compiler *c = compiled(headers[i], &fine);
        if (!fine)
            fail_msg("%zu: %s", i, furrow__compiler_messages(c));
        const furrow_schema *schema = furrow__compiler_schema(c);
        assert_int_equal(schema->count, 1);
        assert_string_equal(schema->models[0]->name, "thing");
        furrow__compiler_free(c);
    }
}

static void test_compiler__reports_each_error_once_in_order(void **state)
{
    bool fine;
    furrow__compiler *c =
        compiled("struct a { int64 id FURROW(primary_key); bool b FURROW(uniqe); };", &fine);
    (void)state;
    assert_false(fine);
    assert_int_equal(furrow__compiler_error_count(c), 2);
    const char *messages = furrow__compiler_messages(c);
    const char *first = strstr(messages, "folder/zoo.h:1:12: error: unknown type");
    const char *second = strstr(messages, "folder/zoo.h:1:56: error: unknown annotation");
    assert_non_null(first);
    assert_true(second > first);
    furrow__compiler_free(c);
}

static size_t allocations, fails_from, fails_to;

static bool fails(void)
{
    size_t number = ++allocations;
    return number >= fails_from && number <= fails_to;
}
static void *allocate(size_t size, void *context)
{
    (void)context;
    return fails() ? NULL : malloc(size);
}
static void *reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return fails() ? NULL : realloc(block, size);
}
static void release(void *block, void *context)
{
    (void)context;
    free(block);
}

/* Compiles `text` and generates all code. Returns false if memory ran out. */
static bool compile_all(const char *text, bool expected)
{
    furrow__buffer header = {0}, source = {0};
    furrow__compiler *c = furrow__compiler_new(NULL, NULL);
    bool fine = c && furrow__compiler_add(c, "zoo.h", text, strlen(text));
    if (fine) {
        bool ran = furrow__compiler_run(c);
        const char *messages = furrow__compiler_messages(c);
        fine = messages != NULL;
        if (fine)
            assert_int_equal(ran, expected);
        if (fine && ran)
            fine = furrow__compiler_emit(c, 0, &header, &source);
    }
    furrow__buffer_done(&header);
    furrow__buffer_done(&source);
    furrow__compiler_free(c);
    return fine;
}

static void fail_everywhere(const char *text, bool expected)
{
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        bool done = false;
        for (size_t k = 1; !done; k++) {
            allocations = 0;
            fails_from = k;
            fails_to = for_ever ? SIZE_MAX : k;
            done = compile_all(text, expected);
            if (allocations >= k)
                assert_false(done); /* every failed allocation must be reported */
            assert_true(k < 100000);
        }
    }
    fails_from = SIZE_MAX;
}

static void test_compiler__survives_every_failed_allocation(void **state)
{
    (void)state;
    fail_everywhere(models, true);
    fail_everywhere("struct a { int64 id FURROW(primary_key); bool b FURROW(uniqe); };", false);
}

int main(void)
{
    furrow_allocator counting = {allocate, reallocate, release, NULL};
    fails_from = SIZE_MAX;
    furrow_set_allocator(&counting);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiler__builds_the_schema),
        cmocka_unit_test(test_compiler__continues_line_comments_after_a_backslash),
        cmocka_unit_test(test_compiler__reports_each_error_once_in_order),
        cmocka_unit_test(test_compiler__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
