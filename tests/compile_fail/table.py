# SPDX-License-Identifier: MIT
"""Tests every type of column with every type of value: which uses must compile, and which must not.

The tables below list the values that each type of column accepts, and the expressions that each argument and
each list accepts. The test programs are made from these tables. They need no generated code: they declare a
table of columns of their own.
"""
import os
from collections import namedtuple

Row = namedtuple("Row", "code message")

COLUMNS = ["bool", "int16", "int32", "int64", "float", "double", "text", "blob", "time", "date",
           "uuid", "decimal", "json", "enum"]

# maps a kind of value to the variables of that kind, which PROLOGUE declares
INTEGERS = ["(char)1", "(signed char)1", "(unsigned char)1", "(short)1", "(unsigned short)1", "1",
            "1L", "1LL", "1U", "1UL", "1ULL", "an_int16", "an_int32", "an_int64", "a_uint64", "RED",
            "a_colour"]
REALS = ["1.5", "1.5f", "a_double"]
TEXTS = ['"text"', "an_array", "a_text", "a_mutable_text"]
OWN = {"blob": "a_blob", "time": "a_time", "date": "a_date", "uuid": "a_uuid",
       "decimal": "a_decimal", "json": "a_json"}
BOOLS = ["(bool)1", "a_bool"]
POINTERS = ["&a_bool", "&an_int32", "&an_int64", "&a_double", "&a_time", "&a_text", "&a_struct",
            "a_function", "(void *)0", "(const void *)0", "(int *)0", "(unsigned char *)0"]
OTHERS = ["a_struct", "an_opt", "1.5L", "a_condition"]
ALL = BOOLS + INTEGERS + REALS + TEXTS + list(OWN.values()) + POINTERS + OTHERS

FITS = {"float": INTEGERS + REALS, "double": INTEGERS + REALS, "text": TEXTS,
        "decimal": INTEGERS + ["a_decimal"],
        # `true` and the result of a comparison have type int, so the value of an int is checked at run time
        "bool": BOOLS[:2] + ["1", "true", "RED", "an_int32", "1 < 2"]}
for integer in ("int16", "int32", "int64", "enum"):
    FITS[integer] = INTEGERS
for own in ("blob", "time", "date", "uuid", "json"):
    FITS[own] = [OWN[own]]

C_TYPE = {"bool": "bool", "int16": "int16_t", "int32": "int32_t", "int64": "int64_t",
          "float": "float", "double": "double", "text": "const char *", "blob": "furrow_blob",
          "time": "furrow_time", "date": "furrow_date", "uuid": "furrow_uuid",
          "decimal": "furrow_decimal", "json": "furrow_json", "enum": "enum colour"}

VALUE = "furrow_value_does_not_fit_column"
ARRAY = "furrow_array_does_not_fit_column"
RESULT = "furrow_result_does_not_fit_column"
CONDITION = "furrow_column_has_no_such_condition"
RAW = "furrow_value_has_no_sql_type"
COMPARED = "furrow: these two columns cannot be compared"
LITERAL = "expected string literal"

# Like a generated header, this header is a system header for the compiler.
PROLOGUE = r"""
#pragma GCC system_header
#include <furrow/furrow.h>

enum colour { RED, GREEN };
struct thing { int member; };
typedef furrow_opt(int) an_opt_int;
struct thing_options { furrow_session *s; void *out; FURROW_AGGREGATE_ARGUMENTS_ };
furrow_status thing_sum_(size_t size, const struct thing_options *options);
struct thing_find_options { furrow_session *s; void *out; FURROW_FIND_ARGUMENTS_ };
furrow_status thing_find_(size_t size, const struct thing_find_options *options);
#define thing_find(...) FURROW_VERB_2_(thing_find, out, __VA_ARGS__)
struct thing_update_options { furrow_session *s; void *row; FURROW_UPDATE_ARGUMENTS_ };
furrow_status thing_update_(size_t size, const struct thing_update_options *options);
#define thing_update(...) FURROW_VERB_2_(thing_update, row, __VA_ARGS__)
struct thing_upsert_options { furrow_session *s; void *row; FURROW_UPSERT_ARGUMENTS_ };
furrow_status thing_upsert_(size_t size, const struct thing_upsert_options *options);
#define thing_upsert(...) FURROW_VERB_2_(thing_upsert, row, __VA_ARGS__)
struct thing_update_where_options { furrow_session *s; FURROW_UPDATE_WHERE_ARGUMENTS_ };
furrow_status thing_update_where_(size_t size, const struct thing_update_where_options *options);
#define thing_update_where(...) FURROW_VERB_1_(thing_update_where, __VA_ARGS__)
struct thing_delete_where_options { furrow_session *s; FURROW_DELETE_WHERE_ARGUMENTS_ };
furrow_status thing_delete_where_(size_t size, const struct thing_delete_where_options *options);
#define thing_delete_where(...) FURROW_VERB_1_(thing_delete_where, __VA_ARGS__)
furrow_status thing_load_(furrow_session *s, void *rows, const furrow_path *paths, size_t count);
#define thing_load(s, rows, ...) thing_load_((s), (rows), FURROW_PATHS_(__VA_ARGS__))
extern struct thing_find_options find_options;
extern struct thing_update_where_options update_options;
void use_condition(furrow_condition c);
void use_assignment(furrow_assignment a);
void use_between(const furrow_condition *c);
extern const struct columns {
%s
} T;
extern bool a_bool;
extern int16_t an_int16;
extern int32_t an_int32;
extern int64_t an_int64;
extern uint64_t a_uint64;
extern double a_double;
extern enum colour a_colour;
extern const char *a_text;
extern char *a_mutable_text;
extern char an_array[10];
extern furrow_blob a_blob;
extern furrow_time a_time;
extern furrow_date a_date;
extern furrow_uuid a_uuid;
extern furrow_decimal a_decimal;
extern furrow_json a_json;
extern struct thing a_struct;
extern an_opt_int an_opt;
extern furrow_condition a_condition;
extern furrow_ordering an_order;
extern furrow_assignment an_assignment;
extern furrow_column_ref a_column_ref;
extern furrow_path a_path;
extern const furrow_column *a_column;
extern const furrow_relation *a_relation;
extern furrow_session *s;
void a_function(void);
%s
"""


def column_members():
    return "\n".join([f"    furrow_{c}_column {c}_;" for c in COLUMNS] + ["    furrow_relation_ref rows_;"])


def arrays():
    return "\n".join(f"extern {C_TYPE[c]}{'' if C_TYPE[c].endswith('*') else ' '}some_{c}[3];"
                     for c in COLUMNS)


def array_fits(column, element):
    if column == "json":
        return False
    if column == element:
        return True
    # The C compiler stores this enum in 32 bits (unsigned int), so an array of int32_t fits the enum's column.
    return {column, element} == {"enum", "int32"} and column == "enum"


def comparisons(refused, accepted):
    for column in COLUMNS:
        fits = FITS[column]
        for value in list(dict.fromkeys(ALL + fits)):
            for operator in ("eq", "ne", "lt", "le", "gt", "ge"):
                if operator != "eq" and value not in fits[:1] + POINTERS[:1]:
                    continue
                code = f"use_condition(furrow_{operator}(T.{column}_, {value}))"
                if column == "json":
                    refused.append(Row(code, CONDITION))
                elif value in fits:
                    accepted.append(Row(code, None))
                else:
                    refused.append(Row(code, VALUE))
            code = f"use_assignment(furrow_set(T.{column}_, {value}))"
            if value in fits:
                accepted.append(Row(code, None))
            else:
                refused.append(Row(code, VALUE))
        good, bad = fits[0], "&a_bool"
        between = "use_between((furrow_condition[]){{furrow_between(T.{}_, {}, {})}})"
        message = CONDITION if column == "json" else VALUE
        refused.append(Row(between.format(column, good, bad), message))
        refused.append(Row(between.format(column, bad, good), message))
        if column != "json":
            accepted.append(Row(between.format(column, good, good), None))


def lists(refused, accepted):
    for column in COLUMNS:
        for element in COLUMNS:
            code = f"use_condition(furrow_in(T.{column}_, some_{element}, 3))"
            if array_fits(column, element):
                accepted.append(Row(code, None))
                accepted.append(Row(code.replace("furrow_in", "furrow_not_in"), None))
            else:
                refused.append(Row(code, ARRAY))


def texts(refused, accepted):
    for verb in ("like", "ilike", "contains", "icontains", "starts_with", "ends_with"):
        for column in COLUMNS:
            code = f'use_condition(furrow_{verb}(T.{column}_, "x"))'
            (accepted if column == "text" else refused).append(Row(code, CONDITION))
        for value in ALL:
            code = f"use_condition(furrow_{verb}(T.text_, {value}))"
            (accepted if value in TEXTS else refused).append(Row(code, VALUE))


def columns_with_columns(refused, accepted):
    family = {"int16": "integer", "int32": "integer", "int64": "integer", "float": "real",
              "double": "real"}
    for a in COLUMNS:
        for b in COLUMNS:
            code = f"use_condition(furrow_eq_column(T.{a}_, T.{b}_))"
            same = family.get(a, a) == family.get(b, b) and a != "json"
            (accepted if same else refused).append(Row(code, COMPARED))


def increments(refused, accepted):
    for column in COLUMNS:
        code = f"use_assignment(furrow_increment(T.{column}_, {FITS[column][0]}))"
        numeric = column in ("int16", "int32", "int64", "float", "double", "decimal")
        (accepted if numeric else refused).append(Row(code, CONDITION))
        if numeric:
            refused.append(Row(f"use_assignment(furrow_increment(T.{column}_, a_text))", VALUE))


def aggregates(refused, accepted):
    integer = {"int16", "int32", "int64"}
    for fits in ("SUM", "AVG", "MIN", "MAX"):
        for column in COLUMNS:
            for result in COLUMNS:
                code = (f"thing_sum_(FURROW_{fits}_FITS_(&some_{result}[0], T.{column}_)"
                        "(sizeof(struct thing_options)), NULL)")
                if fits == "SUM":
                    wanted = ("int64" if column in integer else "decimal" if column == "decimal"
                              else "double" if column in ("float", "double") else None)
                elif fits == "AVG":
                    wanted = "double" if column in integer | {"float", "double", "decimal"} else None
                else:
                    wanted = column if column in integer | {"float", "double", "decimal", "text",
                                                            "time", "date", "enum"} else None
                fit = result == wanted or wanted == "enum" and array_fits(wanted, result)
                (accepted if fit else refused).append(Row(code, RESULT))


def raw_statements(refused, accepted):
    fine = BOOLS[:2] + INTEGERS + REALS + TEXTS + list(OWN.values()) + ["(void *)0"]
    for value in ALL:
        code = f'furrow_exec(s, "SELECT ?", {value})'
        (accepted if value in fine else refused).append(Row(code, RAW))
    for text in ("a_text", "an_array", "a_mutable_text", "(const char *)0", '1 ? "a" : "b"',
                 '("SELECT 1")', "__func__", '*"a"', "NULL", "1"):
        refused.append(Row(f"furrow_exec(s, {text})", LITERAL))
        refused.append(Row(f"furrow_query(s, NULL, {text})", LITERAL))
    for text in ('"SELECT 1"', '"SELECT " "1"', '""'):
        accepted.append(Row(f"furrow_exec(s, {text})", None))
        accepted.append(Row(f"furrow_query(s, NULL, {text})", None))
    accepted.append(Row('furrow_exec(s, "SELECT ' + ", ".join(["?"] * 32) + '", '
                        + ", ".join(str(i) for i in range(32)) + ")", None))


def values_of_columns(refused, accepted):
    for column in COLUMNS:
        fits = FITS[column]
        for value in list(dict.fromkeys(ALL + fits)):
            code = f'furrow_exec(s, "SELECT ?", furrow_value_of(T.{column}_, {value}))'
            if value in fits:
                accepted.append(Row(code, None))
            else:
                refused.append(Row(code, VALUE))


# maps a former name to the new name that the error message must contain
NEW_NAMES = {
    "furrow_status_of": "furrow_session_status",
    "furrow_last_error": "furrow_session_error",
    "furrow_changed": "furrow_session_changed",
    "furrow_commit_async": "furrow_commit_begin",
    "furrow_next": "furrow_rows_next",
    "furrow_row_count": "furrow_rows_count",
    "furrow_column_count": "furrow_rows_column_count",
    "furrow_column_name": "furrow_rows_column_name",
    "furrow_column_index": "furrow_rows_column_index",
    "furrow_int64": "furrow_row_int64",
    "furrow_double": "furrow_row_double",
    "furrow_bool": "furrow_row_bool",
    "furrow_text": "furrow_row_text",
    "furrow_bytes": "furrow_row_blob",
    "furrow_is_null_at": "furrow_row_is_null",
    "FURROW_UNKNOWN": "FURROW_COMMIT_UNKNOWN",
    "FURROW_READ_COMMITTED": "FURROW_ISOLATION_READ_COMMITTED",
    "FURROW_REPEATABLE_READ": "FURROW_ISOLATION_REPEATABLE_READ",
    "FURROW_SERIALIZABLE": "FURROW_ISOLATION_SERIALIZABLE",
    "FURROW_DURABLE": "FURROW_DURABILITY_FULL",
    "FURROW_RELAXED": "FURROW_DURABILITY_RELAXED",
    "FURROW_NO_LOCK": "FURROW_LOCK_NONE",
    "FURROW_FOR_UPDATE": "FURROW_LOCK_FOR_UPDATE",
    "FURROW_FOR_UPDATE_SKIP_LOCKED": "FURROW_LOCK_FOR_UPDATE with .if_locked = FURROW_IF_LOCKED_SKIP",
    "FURROW_FOR_UPDATE_NOWAIT": "FURROW_LOCK_FOR_UPDATE with .if_locked = FURROW_IF_LOCKED_FAIL",
}


def renamed(refused, _):
    for old, new in NEW_NAMES.items():
        use = f"(void){old}(s, 1)" if old.islower() else f"int n = {old}; (void)n"
        refused.append(Row(use, f"{old} is now {new}"))
    refused.append(Row("(void)furrow_is_null(s, 1)",
                       "furrow_is_null(rows, i) is now furrow_row_is_null(rows, i)"))


# Expressions, by what they are
ELEMENTS = {
    "column": [f"T.{c}_" for c in COLUMNS],
    "relation": ["T.rows_"],
    "condition": ["a_condition", "furrow_eq(T.int64_, 1)", "furrow_is_null(T.text_)"],
    "order": ["an_order", "furrow_asc(T.int64_)"],
    "assignment": ["an_assignment", "furrow_set(T.int64_, 1)"],
    "column_ref": ["a_column_ref", "furrow_col(T.int64_)"],
    "path": ["a_path"],
    "text": ['"id"', "a_text"],
    "pointer": ["a_column", "a_relation", "&T", "&T.int64_", "(const void *)a_column"],
}
# These never compile.
NONSENSE = ["T.int64_ == 1", "1 == T.int64_", "T.text_ == a_text", "T.int64_ == T.int32_", "!T.bool_", "T.bool_ && 1",
            "T.bool_ || 1", "T.bool_ ? 1 : 0", "T.int64_ < 1", "T.int64_ + 1", "-T.int64_", "T.rows_ == 1",
            "(bool)T.bool_"]
INCOMPATIBLE = ("incompatible type",)
OPERANDS = ("invalid operands", "invalid argument type", "wrong type argument", "where scalar is required",
            "used struct type value where scalar", "where arithmetic or pointer type is required",
            "conversion to non-scalar", "aggregate value used")

# maps what a slot takes to the uses of the slot
SLOTS = {
    "condition": [
        "thing_find(s, NULL, .where = {X})",
        "thing_find(s, NULL, .where = {furrow_eq(T.bool_, true), X})",
        "thing_find(s, NULL, .where = {X, furrow_eq(T.bool_, true)})",
        "thing_update_where(s, .where = {X})",
        "thing_delete_where(s, .where = {furrow_eq(T.bool_, true), X})",
        "use_between((const furrow_condition[]){furrow_any(X)})",
        "use_between((const furrow_condition[]){furrow_any(furrow_eq(T.bool_, true), X)})",
        "use_between((const furrow_condition[]){furrow_all(X)})",
        "use_between((const furrow_condition[]){furrow_not(X)})",
        "use_between((const furrow_condition[]){furrow_has(T.rows_, X)})",
        "use_between((const furrow_condition[]){furrow_none(T.rows_, X)})",
        "use_between((const furrow_condition[]){furrow_every(T.rows_, X)})",
        "furrow_add(find_options.where, X)",
        "thing_find(s, NULL, .with = {furrow_load_some((T.rows_), .where = {X})})",
    ],
    "order": [
        "thing_find(s, NULL, .order_by = {X})",
        "thing_find(s, NULL, .order_by = {furrow_asc(T.int64_), X})",
        "furrow_add_order(find_options.order_by, X)",
        "thing_find(s, NULL, .with = {furrow_load_some((T.rows_), .order_by = {X})})",
    ],
    "assignment": [
        "thing_update_where(s, .set = {X})",
        "thing_update_where(s, .set = {furrow_set(T.int64_, 1), X})",
        "thing_upsert(s, NULL, .set = {X})",
        "furrow_add_set(update_options.set, X)",
    ],
    "column_ref": [
        "thing_update(s, NULL, .only = {X})",
        "thing_update(s, NULL, .only = {furrow_col(T.int64_), X})",
        "thing_upsert(s, NULL, .conflict = {X})",
    ],
    "path": [
        "thing_find(s, NULL, .with = {X})",
        "thing_find(s, NULL, .with = {furrow_load(T.rows_), X})",
        "thing_load(s, NULL, X)",
        "thing_load(s, NULL, furrow_load(T.rows_), X)",
    ],
    "relation": [
        "thing_load(s, NULL, furrow_load(X))",
        "thing_load(s, NULL, furrow_load(T.rows_, X))",
        "thing_load(s, NULL, furrow_load_some((X), .limit = 1))",
        "use_between((const furrow_condition[]){furrow_has(X)})",
        "use_between((const furrow_condition[]){furrow_none(X)})",
        "use_between((const furrow_condition[]){furrow_every(X)})",
        "(void)furrow_count_of(X)",
        "(void)furrow_asc_through(X, T.int64_)",
        "(void)furrow_desc_through(X, T.int64_)",
    ],
}
# Macros that take a column. The member of a typed column has a name that no other struct has.
COLUMN_SLOTS = [
    "use_condition(furrow_eq(X, 1))",
    "use_condition(furrow_is_null(X))",
    "use_condition(furrow_not_null(X))",
    "use_condition(furrow_in(X, some_int64, 3))",
    'use_condition(furrow_like(X, "x"))',
    "use_condition(furrow_eq_column(X, T.int64_))",
    "use_condition(furrow_eq_column(T.int64_, X))",
    "use_assignment(furrow_set(X, 1))",
    "use_assignment(furrow_set_null(X))",
    "use_assignment(furrow_increment(X, 1))",
    "(void)furrow_asc(X)",
    "(void)furrow_desc(X)",
    "(void)furrow_asc_through(T.rows_, X)",
    "(void)furrow_col(X)",
    'furrow_exec(s, "SELECT ?", furrow_value_of(X, 1))',
]
MEMBER = ("no member named", "is a pointer", "not a structure or union")


def slots(refused, accepted):
    for takes, uses in SLOTS.items():
        for use in uses:
            for kind, expressions in ELEMENTS.items():
                for expression in expressions:
                    code = use.replace("X", expression)
                    if kind == takes:
                        accepted.append(Row(code, None))
                    else:
                        refused.append(Row(code, INCOMPATIBLE))
            refused.extend(Row(use.replace("X", nonsense), OPERANDS) for nonsense in NONSENSE)
    for use in COLUMN_SLOTS:
        for kind, expressions in ELEMENTS.items():
            if kind != "column":
                refused.extend(Row(use.replace("X", expression), MEMBER) for expression in expressions)


def rows():
    """Returns two lists: the uses that must not compile, and the uses that must compile."""
    refused, accepted = [], []
    for part in (comparisons, lists, texts, columns_with_columns, increments, aggregates,
                 raw_statements, values_of_columns, renamed, slots):
        part(refused, accepted)
    return refused, accepted


def write(path, table):
    """Writes a function for each row of the table, on its own line. Returns the line numbers."""
    with open(os.path.join(os.path.dirname(path), "table.h"), "w", encoding="utf-8") as out:
        out.write(PROLOGUE % (column_members(), arrays()))
    text = '#include "table.h"\n'
    at = text.count("\n") + 1
    numbers = []
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
        for i, row in enumerate(table):
            out.write(f"void row_{i}(void); void row_{i}(void) {{ {row.code}; }}\n")
            numbers.append(at + i)
    return numbers
