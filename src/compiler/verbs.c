/* SPDX-License-Identifier: MIT
 * Defines the table of generated functions: see verbs.h. Generated headers declare the functions in
 * the order of this table. */
#include "compiler/verbs.h"

#define SESSION "furrow_session *s"
#define ROW SESSION ", struct {struct} *row"
#define TEXT ", const char *text, size_t text_size, furrow_problems *problems"
#define SELECT "SELECT {columns} FROM {table}"
#define FROM_RELATED "FROM {target table}{related}"
#define LIKE_FIND "takes the arguments of {name}_find and "

const furrow__verb furrow__verbs[] = {
    {
        .name = "column",
        .scope = FURROW__SCOPE_TABLE,
        .returns = "const furrow_column *",
        .parameters = "const char *name",
        .call = "furrow_model_column({model}, name)",
        .comment = "Returns the column with this name, in C or in the database, or NULL if there "
                   "is none.",
    },
    {
        .name = "insert",
        .scope = FURROW__SCOPE_TABLE,
        .parameters = ROW,
        .call = "furrow_model_insert(s, {model}, row)",
        .sql = "{insert}",
        .comment = "Inserts the row.{received}",
    },
    {
        .name = "insert_many",
        .scope = FURROW__SCOPE_TABLE,
        .parameters = SESSION ", struct {struct} *rows, size_t count",
        .call = "furrow_model_insert_many(s, {model}, rows, count)",
        .sql = "{insert}\nThis statement inserts many rows at once.",
        .comment = "Inserts an array of rows, in as few statements as the database allows.",
    },
    {
        .name = "get",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_KEY,
        .parameters = SESSION ", struct {struct} **out, {key}",
        .before = "{key values}",
        .call = "furrow_model_get(s, {model}, out, key_)",
        .sql = SELECT " WHERE {key condition}",
        .comment =
            "Loads the row with this key into *out. Returns FURROW_NOT_FOUND, with *out set "
            "to NULL, if there is no such row; this does not fail the transaction. The row is "
            "valid until the session is closed or reset.",
    },
    {
        .name = "get_many",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_KEYS,
        .parameters = SESSION ", struct {struct}_list *out, {keys}, size_t count",
        .before = "{key offsets}",
        .call = "furrow_model_get_many(s, {model}, out, "
                "&(furrow_key_list){keys, sizeof *keys, count, offsets})",
        .sql = SELECT " WHERE {keys condition}",
        .comment = "Loads the rows with these keys, in the order of the keys. Keys without a row "
                   "are skipped.",
    },
    {
        .name = "refresh",
        .scope = FURROW__SCOPE_TABLE,
        .parameters = ROW,
        .call = "furrow_model_refresh(s, {model}, row)",
        .sql = SELECT " WHERE {key condition}",
        .comment = "Reads the row from the database again. Returns FURROW_NOT_FOUND, and leaves "
                   "the row unchanged, if it no longer exists; this does not fail the "
                   "transaction.",
    },
    {
        .name = "delete",
        .scope = FURROW__SCOPE_TABLE,
        .parameters = SESSION ", const struct {struct} *row",
        .call = "furrow_model_delete(s, {model}, row)",
        .sql = "DELETE FROM {table} WHERE {key condition}{version condition}",
        .comment =
            "Deletes the row. Returns FURROW_NOT_FOUND if it no longer exists; this does not fail "
            "the transaction.{stale delete}",
    },
    {
        .name = "copy",
        .scope = FURROW__SCOPE_STRUCT,
        .returns = "struct {struct} *",
        .parameters = SESSION ", const struct {struct} *row",
        .call = "(struct {struct} *)furrow_model_copy(s, {model}, row)",
        .comment = "Returns a copy of the row, {copied}, in the memory of the session. The row may "
                   "belong to another session or to the program. Returns NULL on failure; the "
                   "session keeps the error.",
    },
    {
        .name = "validate",
        .scope = FURROW__SCOPE_STRUCT,
        .parameters = SESSION ", const struct {struct} *row, furrow_problems *problems",
        .call = "furrow_model_validate(s, {model}, row, problems)",
        .comment = "Checks the row as {name}_from_json does. Returns FURROW_REJECTED, with all "
                   "problems, if a field is not valid; this does not fail the transaction.",
    },
    {
        .name = "next",
        .scope = FURROW__SCOPE_TABLE,
        .returns = "struct {struct} *",
        .parameters = "struct {name}_cursor *cursor",
        .call = "(struct {struct} *)furrow_cursor_next((furrow_cursor *)cursor)",
        .comment = "Returns the next row of a stream, or NULL at its end and after a failure. The "
                   "row is valid until the next call.",
    },
    {
        .name = "cursor_close",
        .scope = FURROW__SCOPE_TABLE,
        .returns = "void",
        .parameters = "struct {name}_cursor *cursor",
        .call = "furrow_cursor_close((furrow_cursor *)cursor)",
        .comment = "Closes a stream before its end. A stream closes by itself after its last row "
                   "and when its session ends. NULL is allowed.",
    },

    {
        .name = "",
        .scope = FURROW__SCOPE_TO_MANY,
        .returns = "const struct {target}_list *",
        .parameters = ROW,
        .before = "    static const struct {target}_list empty = {NULL, 0, false};\n"
                  "    if (furrow_relation_load(s, {relation}, row) != FURROW_OK)\n"
                  "        return &empty;\n",
        .call = "&row->{field}",
        .sql = "SELECT {target columns} " FROM_RELATED,
        .comment = "Returns &row->{field}. A list that is not loaded yet is first loaded, in one "
                   "statement, for every row of the result that this row belongs to. Returns an "
                   "empty list on failure.",
    },
    {
        .name = "",
        .scope = FURROW__SCOPE_TO_ONE,
        .returns = "struct {target} *",
        .parameters = ROW,
        .before = "    if (furrow_relation_load(s, {relation}, row) != FURROW_OK)\n"
                  "        return NULL;\n",
        .call = "row->{field}",
        .sql = "SELECT {target columns} " FROM_RELATED,
        .comment = "Returns row->{field}, or NULL if there is no such row and on failure. A row "
                   "that is not loaded yet is first loaded, in one statement, for every row of the "
                   "result that this row belongs to.",
    },
    {
        .name = "is_loaded",
        .scope = FURROW__SCOPE_RELATION,
        .returns = "bool",
        .parameters = SESSION ", const struct {struct} *row",
        .call = "furrow_relation_is_loaded(s, {relation}, row)",
        .comment = "Returns whether row->{field} has been loaded.",
    },
    {
        .name = "add",
        .scope = FURROW__SCOPE_LINKS,
        .parameters = ROW ", struct {target} *const *targets, size_t count",
        .call = "furrow_links_add(s, {relation}, row, (void *const *)targets, count)",
        .sql = "INSERT INTO {link table} … ON CONFLICT DO NOTHING",
        .comment = "Links the row to these targets. Existing links are kept.",
    },
    {
        .name = "remove",
        .scope = FURROW__SCOPE_LINKS,
        .parameters = ROW ", struct {target} *const *targets, size_t count",
        .call = "furrow_links_remove(s, {relation}, row, (void *const *)targets, count)",
        .sql = "DELETE FROM {link table} WHERE …",
        .comment = "Removes the links from the row to these targets. Targets that are not linked "
                   "are ignored.",
    },
    {
        .name = "set",
        .scope = FURROW__SCOPE_LINKS,
        .parameters = ROW ", struct {target} *const *targets, size_t count",
        .call = "furrow_links_set(s, {relation}, row, (void *const *)targets, count)",
        .sql = "DELETE FROM {link table} WHERE …\n"
               "INSERT INTO {link table} … ON CONFLICT DO NOTHING",
        .comment = "Links the row to exactly these targets: adds the links that are missing and "
                   "removes all others.",
    },

    {
        .name = "get_with",
        .scope = FURROW__SCOPE_RELATED,
        .form = FURROW__FORM_KEY_PATHS,
        .parameters = SESSION ", struct {struct} **out, {key}",
        .comment = "{name}_get_with(s, &row, {key names}, {path}, …) is {name}_get and also loads "
                   "these relationships.",
    },
    {
        .name = "load",
        .scope = FURROW__SCOPE_RELATED,
        .form = FURROW__FORM_PATHS,
        .parameters = SESSION ", const struct {struct}_list *rows",
        .call = "furrow_rows_load(s, {model}, FURROW_ROWS_(rows), (furrow_path_list){paths, "
                "path_count})",
        .sql = "One statement runs for each step of a path.",
        .comment = "{name}_load(s, &list, {path}, …) loads these relationships for the rows of a "
                   "list.",
    },
    {
        .name = "insert_with",
        .scope = FURROW__SCOPE_RELATED,
        .form = FURROW__FORM_PATHS,
        .parameters = ROW,
        .call = "furrow_rows_insert(s, {model}, row, 1, (furrow_path_list){paths, path_count})",
        .sql = "{insert}\nOne more statement runs for each table along the paths.",
        .comment = "{name}_insert_with(s, &row, {path}, …) inserts the row together with the rows "
                   "in these relationships.",
    },
    {
        .name = "insert_many_with",
        .scope = FURROW__SCOPE_RELATED,
        .form = FURROW__FORM_PATHS,
        .parameters = SESSION ", struct {struct} *rows, size_t count",
        .call =
            "furrow_rows_insert(s, {model}, rows, count, (furrow_path_list){paths, path_count})",
        .sql = "{insert}\nOne more statement runs for each table along the paths.",
        .comment = "{name}_insert_many_with(s, rows, count, {path}, …) inserts an array of rows "
                   "together with the rows in these relationships, in as few statements as the "
                   "database allows.",
    },

    {
        .name = "to_json",
        .scope = FURROW__SCOPE_STRUCT,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", const char **out, struct {struct} *row",
        .arguments = "TO_JSON",
        .call = "furrow_model_to_json({model}, size, options)",
        .comment =
            "{name}_to_json(s, &text, row, .with = {…}, .size = &n) writes the row as a JSON "
            "object. Relationships are written only along the paths of .with, which are "
            "loaded if necessary. The text is valid until the session is closed or reset.",
    },
    {
        .name = "list_to_json",
        .scope = FURROW__SCOPE_STRUCT,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", const char **out, const struct {struct}_list *rows",
        .arguments = "TO_JSON",
        .call = "furrow_model_list_to_json({model}, size, options)",
        .comment = "{name}_list_to_json(s, &text, &list, …) takes the arguments of {name}_to_json "
                   "and writes the rows as a JSON array.",
    },
    {
        .name = "from_json",
        .scope = FURROW__SCOPE_STRUCT,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", struct {struct} **out" TEXT,
        .arguments = "FROM_JSON",
        .call = "furrow_model_from_json({model}, size, options)",
        .comment =
            "{name}_from_json(s, &row, text, size, &problems, .ignore_unknown = …) reads a "
            "row from a JSON object of `size` bytes. Returns FURROW_REJECTED, with row set to "
            "NULL and all problems, if the text is not valid for the model; this does not "
            "fail the transaction. The row is not inserted. It is valid until the session is "
            "closed or reset.",
    },
    {
        .name = "patch_json",
        .scope = FURROW__SCOPE_STRUCT,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", struct {struct} *row" TEXT,
        .arguments = "FROM_JSON",
        .call = "furrow_model_patch_json({model}, size, options)",
        .comment = "{name}_patch_json(s, row, text, size, &problems, …) changes the fields of the "
                   "row that the JSON object contains (RFC 7396): null clears a field, and a field "
                   "that is absent is kept. Returns FURROW_REJECTED, and leaves the row unchanged, "
                   "if the text is not valid; this does not fail the transaction.",
    },

    {
        .name = "find",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", struct {struct}_list *out",
        .arguments = "FIND",
        .call = "furrow_model_find({model}, size, options)",
        .sql = SELECT " WHERE … ORDER BY … LIMIT …",
        .comment = "{name}_find(s, &list, .where = {…}, .order_by = {…}, .limit = …) loads the "
                   "rows that match. The rows are valid until the session is closed or reset.",
    },
    {
        .name = "first",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", struct {struct} **out",
        .arguments = "FIND",
        .call = "furrow_model_first({model}, size, options)",
        .sql = SELECT " WHERE … ORDER BY … LIMIT 1",
        .comment = "{name}_first(s, &row, …) " LIKE_FIND "loads the first row that matches. It "
                   "returns FURROW_NOT_FOUND, with row set to NULL, if no row matches; this does "
                   "not fail the transaction.",
    },
    {
        .name = "stream",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", struct {name}_cursor **out",
        .arguments = "FIND",
        .call = "furrow_model_stream({model}, size, options)",
        .sql = SELECT " WHERE … ORDER BY … LIMIT …",
        .comment = "{name}_stream(s, &cursor, …) " LIKE_FIND "opens a stream of the rows that "
                   "match, which needs the same memory for any number of rows: while ((row = "
                   "{name}_next(cursor))). It returns the rows as they were when it was opened, "
                   "even if the session writes meanwhile.",
    },
    {
        .name = "explain",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", const char **out",
        .arguments = "FIND",
        .call = "furrow_model_explain({model}, size, options)",
        .sql = "EXPLAIN " SELECT " WHERE … ORDER BY … LIMIT …",
        .comment = "{name}_explain(s, &plan, …) " LIKE_FIND "returns the database's query plan as "
                   "text, which is valid until the session is closed or reset.",
    },
    {
        .name = "count",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", int64_t *out",
        .arguments = "COUNT",
        .call = "furrow_model_count({model}, size, options)",
        .sql = "SELECT count(*) FROM {table} WHERE …",
        .comment = "{name}_count(s, &count, .where = {…}) counts the rows that match.",
    },
    {
        .name = "exists",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", bool *out",
        .arguments = "COUNT",
        .call = "furrow_model_exists({model}, size, options)",
        .sql = "SELECT 1 FROM {table} WHERE … LIMIT 1",
        .comment = "{name}_exists(s, &exists, .where = {…}) finds out whether any row matches.",
    },
    {
        .name = "sum",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_AGGREGATE,
        .parameters = SESSION ", void *out",
        .arguments = "SUM",
        .call = "furrow_model_aggregate({model}, FURROW_AGGREGATE_SUM, size, options)",
        .sql = "SELECT sum(…) FROM {table} WHERE …",
        .comment = "{name}_sum(s, &sum, {TABLE}.…, .where = {…}) adds up a column of the rows that "
                   "match. The sum is an int64_t for integers, a furrow_decimal for decimals and a "
                   "double for reals; the sum of no rows is 0.",
    },
    {
        .name = "min",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_AGGREGATE,
        .parameters = SESSION ", void *out",
        .arguments = "MIN",
        .call = "furrow_model_aggregate({model}, FURROW_AGGREGATE_MIN, size, options)",
        .sql = "SELECT min(…) FROM {table} WHERE …",
        .comment =
            "{name}_min(s, &least, {TABLE}.…, .where = {…}) finds the least value of a "
            "column in the rows that match. The result has the type of the column; for text it is "
            "a const char * that is valid until the session is closed or reset. If no row matches, "
            "the result is zero, and NULL for text.",
    },
    {
        .name = "max",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_AGGREGATE,
        .parameters = SESSION ", void *out",
        .arguments = "MAX",
        .call = "furrow_model_aggregate({model}, FURROW_AGGREGATE_MAX, size, options)",
        .sql = "SELECT max(…) FROM {table} WHERE …",
        .comment = "{name}_max(s, &greatest, {TABLE}.…, .where = {…}) finds the greatest value of "
                   "a column in the rows that match. The result is like that of {name}_min.",
    },
    {
        .name = "avg",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_AGGREGATE,
        .parameters = SESSION ", void *out",
        .arguments = "AVG",
        .call = "furrow_model_aggregate({model}, FURROW_AGGREGATE_AVG, size, options)",
        .sql = "SELECT avg(…) FROM {table} WHERE …",
        .comment = "{name}_avg(s, &average, {TABLE}.…, .where = {…}) computes the average of a "
                   "column in the rows that match, as a double; the average of no rows is 0.",
    },
    {
        .name = "update",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = ROW,
        .arguments = "UPDATE",
        .call = "furrow_model_update({model}, size, options)",
        .sql = "UPDATE {table} SET {assignments} WHERE {key condition}{version condition}",
        .comment = "{name}_update(s, &row, .only = {…}) writes every column of the row, or only "
                   "those of .only. It returns FURROW_STALE if the row no longer exists{stale "
                   "update}; this fails the transaction.",
    },
    {
        .name = "upsert",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = ROW,
        .arguments = "UPSERT",
        .call = "furrow_model_upsert({model}, size, options)",
        .sql = "INSERT INTO {table} … ON CONFLICT (…) DO UPDATE SET …",
        .comment = "{name}_upsert(s, &row, .conflict = {…}, .set = {…}) inserts the row. If a row "
                   "with the same values in the columns of .conflict exists, it is updated "
                   "instead.",
    },
    {
        .name = "update_where",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION,
        .arguments = "UPDATE_WHERE",
        .call = "furrow_model_update_where({model}, size, options)",
        .sql = "UPDATE {table} SET … WHERE …",
        .comment = "{name}_update_where(s, .set = {…}, .where = {…}, .changed = &count) changes "
                   "every row that matches. To change all rows, write .all_rows = true.",
    },
    {
        .name = "delete_where",
        .scope = FURROW__SCOPE_TABLE,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION,
        .arguments = "DELETE_WHERE",
        .call = "furrow_model_delete_where({model}, size, options)",
        .sql = "DELETE FROM {table} WHERE …",
        .comment = "{name}_delete_where(s, .where = {…}, .changed = &count) deletes every row that "
                   "matches. To delete all rows, write .all_rows = true.",
    },
    {
        .name = "query",
        .scope = FURROW__SCOPE_STRUCT,
        .form = FURROW__FORM_QUERY,
        .parameters = SESSION ", struct {struct}_list *out",
        .call = "furrow_model_query(s, {model}, out, sql, (furrow_value_list){values, count})",
        .comment = "{name}_query(s, &list, \"SELECT …\", values…) runs a SQL statement and loads "
                   "its rows. The statement must return each column of {struct} by its name.",
    },
    {
        .name = "count",
        .scope = FURROW__SCOPE_TO_MANY,
        .form = FURROW__FORM_NAMED,
        .parameters = SESSION ", const struct {struct}_list *rows, int64_t *out",
        .arguments = "COUNT",
        .call = "furrow_relation_count({relation}, size, options)",
        .sql = "SELECT …, count(*) " FROM_RELATED " AND … GROUP BY …",
        .comment = "{function}_count(s, &list, counts, .where = {…}) counts the {field} of each "
                   "row of a list, all or those that match, without loading them. counts is an "
                   "array with one element for each row.",
    },
    {
        .name = "sum",
        .scope = FURROW__SCOPE_TO_MANY,
        .form = FURROW__FORM_AGGREGATE,
        .parameters = SESSION ", const struct {struct}_list *rows, void *out",
        .arguments = "SUM",
        .call = "furrow_relation_sum({relation}, size, options)",
        .sql = "SELECT …, sum(…) " FROM_RELATED " AND … GROUP BY …",
        .comment = "{function}_sum(s, &list, sums, {TARGET}.…, .where = {…}) adds up a column of "
                   "the {field} of each row, all or those that match. sums is an array with one "
                   "element for each row.",
    },
};
const size_t furrow__verb_count = sizeof furrow__verbs / sizeof *furrow__verbs;

const furrow__reserved furrow__reserved_names[] = {
    {"model", FURROW__SCOPE_STRUCT, false},
    {"columns", FURROW__SCOPE_TABLE, true},
    {"cursor", FURROW__SCOPE_TABLE, true},
    {"key", FURROW__SCOPE_COMPOSITE, true},
};
const size_t furrow__reserved_count =
    sizeof furrow__reserved_names / sizeof *furrow__reserved_names;
