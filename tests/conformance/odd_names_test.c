/* SPDX-License-Identifier: MIT
 *
 * Names with commas, dots, blanks, quotes and parentheses: rows can be written and read, and errors
 * name the table, the columns and the constraint correctly.
 */
#include "conformance.h"
#include "odd_names.furrow.h"

static void check_error(furrow_session *s, furrow_status status, const furrow_error *wanted)
{
    const furrow_error *error = furrow_session_error(s);
    if (status != wanted->status || strcmp(error->table, wanted->table) != 0 ||
        strcmp(error->column, wanted->column) != 0 ||
        strcmp(error->constraint, wanted->constraint) != 0 ||
        strcmp(error->message, wanted->message) != 0)
        fail_msg("%s: %s\ntable %s\ncolumn %s\nconstraint %s", furrow_status_name(status),
                 error->message, error->table, error->column, error->constraint);
    furrow_rollback(s);
}

static void test_odd_names__errors_name_the_parts(void **state)
{
    (void)state;
    create_fresh(&odd_names_schema);
    furrow_session *s = open_session();
    struct odd_parent parent = {.label = "a", .code = "b"}, again = parent;
    assert_ok(s, odd_parent_insert(s, &parent));
    struct odd_child child = {.parent_id = parent.id, .n = 1, .word = "w"}, second = child;
    assert_ok(s, odd_child_insert(s, &child));
    assert_ok(s, furrow_commit(s));
    check_error(s, odd_parent_insert(s, &again),
                &(furrow_error){.status = FURROW_UNIQUE,
                                .table = "odd pa)r\"ent",
                                .column = "la)bel, co\"de",
                                .constraint = "odd pa)r\"ent_la)bel_co\"de_key",
                                .message = "\"odd pa)r\"\"ent\": a row with this \"la)bel\", "
                                           "\"co\"\"de\" already exists"});
    check_error(s, odd_child_insert(s, &second),
                &(furrow_error){.status = FURROW_UNIQUE,
                                .table = "odd child",
                                .column = "n.n, odd child.word",
                                .constraint = "odd child_n.n_odd child.word_key",
                                .message = "\"odd child\": a row with this \"n.n\", \"odd "
                                           "child.word\" already exists"});
    second.n = 3;
    check_error(s, odd_child_insert(s, &second),
                &(furrow_error){
                    .status = FURROW_CHECK,
                    .table = "odd child",
                    .column = "n.n",
                    .constraint = "odd child_n.n_check",
                    .message = "\"odd child\": the row violates check \"odd child_n.n_check\""});
    second.n = 4;
    second.parent_id = 99;
    check_error(s, odd_child_insert(s, &second),
                &(furrow_error){.status = FURROW_FOREIGN_KEY,
                                .table = "odd child",
                                .column = "par, ent(id",
                                .constraint = "odd child_par, ent(id_fkey",
                                .message =
                                    "\"odd child\": \"par, ent(id\" refers to a row of \"odd "
                                    "pa)r\"\"ent\" that does not exist"});
    check_error(s, odd_parent_delete(s, &parent),
                &(furrow_error){.status = FURROW_FOREIGN_KEY,
                                .table = "odd pa)r\"ent",
                                .column = "",
                                .constraint = "odd child_par, ent(id_fkey",
                                .message =
                                    "\"odd pa)r\"\"ent\": a row of \"odd child\" still refers "
                                    "to this row"});
    struct odd_child *got = NULL;
    assert_ok(s, odd_child_get(s, &got, child.id));
    assert_string_equal(got->word, "w");
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_names__errors_name_the_parts),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
