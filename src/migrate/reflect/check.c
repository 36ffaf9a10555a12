/* SPDX-License-Identifier: MIT
 * Recognizes the checks that furrow adds to a table because of its columns' types (see lower.c).
 * They are recognized by their form and their names. */
#include <stdio.h>
#include <string.h>

#include "migrate/reflect/parts.h"

typedef furrow__expression node;

static bool is_operator(const node *n, furrow__expression_kind kind, const char *operator_)
{
    return n->kind == kind && n->operator_ && strcmp(n->operator_, operator_) == 0;
}

static bool is_column(const node *n)
{
    return n->kind == FURROW__EXPRESSION_COLUMN;
}

static bool is_integer(const node *n)
{
    return n->kind == FURROW__EXPRESSION_INTEGER;
}

static furrow__check_form in_form(const node *n)
{
    bool values = true, truth = n->argument_count == 3;
    if (!is_column(n->arguments[0]) || n->negated)
        return (furrow__check_form){0};
    for (size_t i = 1; i < n->argument_count; i++) {
        const node *item = n->arguments[i];
        values &= item->kind == FURROW__EXPRESSION_TEXT;
        truth &= (is_integer(item) || item->kind == FURROW__EXPRESSION_BOOL) &&
                 item->integer == (int64_t)i - 1;
    }
    return (furrow__check_form){.kind = values  ? FURROW__CHECK_FORM_VALUES
                                        : truth ? FURROW__CHECK_FORM_BOOL
                                                : FURROW__CHECK_FORM_OTHER,
                                .column = n->arguments[0]->column->name,
                                .expression = n};
}

/* Recognizes length checks: length(x) <= 20, length(bytes) <= 20 and length(x) >= 1. */
static furrow__check_form length_form(const node *n)
{
    const node *call = n->arguments[0], *limit = n->arguments[1];
    bool most = strcmp(n->operator_, "<=") == 0;
    furrow__check_form form = {.kind = most ? FURROW__CHECK_FORM_MAX_LENGTH
                                            : FURROW__CHECK_FORM_MIN_LENGTH};
    if (!is_integer(limit) || limit->integer < 1 || limit->integer > 1000000000)
        return (furrow__check_form){0};
    const node *of = call->arguments[0];
    if (is_operator(call, FURROW__EXPRESSION_CALL, "octet_length")) {
        form.kind = FURROW__CHECK_FORM_MAX_SIZE;
    } else if (is_operator(of, FURROW__EXPRESSION_CALL, "bytes")) {
        form.kind = FURROW__CHECK_FORM_MAX_SIZE;
        of = of->arguments[0];
    } else if (!is_operator(call, FURROW__EXPRESSION_CALL, "length")) {
        return (furrow__check_form){0};
    }
    if (!is_column(of) || (form.kind == FURROW__CHECK_FORM_MAX_SIZE && !most))
        return (furrow__check_form){0};
    form.column = of->column->name;
    form.least = form.most = limit->integer;
    return form;
}

static furrow__check_form binary_form(const node *n)
{
    const node *a = n->arguments[0], *b = n->arguments[1];
    if (a->kind == FURROW__EXPRESSION_CALL &&
        (strcmp(n->operator_, "<=") == 0 || strcmp(n->operator_, ">=") == 0))
        return length_form(n);
    if (!is_column(a) || b->kind != FURROW__EXPRESSION_TEXT)
        return (furrow__check_form){0};
    if (strcmp(n->operator_, "<>") == 0 && strcmp(b->text, "NaN") == 0)
        return (furrow__check_form){.kind = FURROW__CHECK_FORM_NOT_NAN, .column = a->column->name};
    /* PostgreSQL writes IN with a single element as "=". */
    if (strcmp(n->operator_, "=") == 0)
        return (furrow__check_form){
            .kind = FURROW__CHECK_FORM_VALUES, .column = a->column->name, .expression = n};
    return (furrow__check_form){0};
}

furrow__check_form furrow__reflect_check_form(const furrow__expression *n)
{
    if (!n)
        return (furrow__check_form){0};
    if (n->kind == FURROW__EXPRESSION_IN)
        return in_form(n);
    if (n->kind == FURROW__EXPRESSION_BINARY)
        return binary_form(n);
    if (n->kind == FURROW__EXPRESSION_BETWEEN && !n->negated && is_column(n->arguments[0]) &&
        is_integer(n->arguments[1]) && is_integer(n->arguments[2]))
        return (furrow__check_form){.kind = FURROW__CHECK_FORM_BETWEEN,
                                    .column = n->arguments[0]->column->name,
                                    .least = n->arguments[1]->integer,
                                    .most = n->arguments[2]->integer};
    return (furrow__check_form){0};
}

static void find_columns(const node *n, const char **column, bool *several)
{
    if (n->kind == FURROW__EXPRESSION_COLUMN) {
        *several |= *column && strcmp(*column, n->column->name) != 0;
        *column = n->column->name;
    }
    for (size_t i = 0; i < n->argument_count; i++)
        find_columns(n->arguments[i], column, several);
}

const char *furrow__reflect_only_column(const furrow__expression *expression)
{
    const char *column = NULL;
    bool several = false;
    find_columns(expression, &column, &several);
    return several ? NULL : column;
}

bool furrow__reflect_is_default_name(const char *name, furrow__table_name table, const char *column,
                                     const char *part, const char *suffix)
{
    char made[FURROW__NAME_SIZE], numbered[FURROW__NAME_SIZE];
    if (!name)
        return false;
    furrow__catalog_constraint_name(made, table,
                                    &(furrow__name_parts){&column, column != NULL, part, suffix});
    for (int n = 2; n < 10; n++) {
        if (strcmp(name, made) == 0)
            return true;
        snprintf(numbered, sizeof numbered, "%s%s%d", part ? part : "", part ? "_" : "", n);
        furrow__catalog_constraint_name(
            made, table, &(furrow__name_parts){&column, column != NULL, numbered, suffix});
    }
    return false;
}
