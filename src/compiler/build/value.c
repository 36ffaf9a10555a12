/* SPDX-License-Identifier: MIT
 * Reads the annotations `default`, `range` and `pattern`, and checks that their values fit the type
 * of the column. */
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/real.h"
#include "compiler/build/build.h"

/* Converts a decimal number to an integer in units of 10^-scale. Returns false if the conversion is
 * not exact. */
static bool scaled(const char *text, int scale, int64_t *out)
{
    furrow_decimal value, rescaled;
    if (!furrow_decimal_parse(text, &value) || !furrow_decimal_rescale(value, scale, &rescaled))
        return false;
    *out = rescaled.unscaled;
    return true;
}

static bool read_bound(furrow__compiler *c, const furrow_column *column,
                       const furrow__argument *bound, int64_t *out)
{
    int64_t low = INT64_MIN, high = INT64_MAX;
    if (column->type == FURROW_TYPE_INT16) {
        low = INT16_MIN;
        high = INT16_MAX;
    } else if (column->type == FURROW_TYPE_INT32) {
        low = INT32_MIN;
        high = INT32_MAX;
    } else if (column->type == FURROW_TYPE_DECIMAL) {
        high = furrow__power10[column->precision] - 1;
        low = -high;
    }
    bool is_decimal = column->type == FURROW_TYPE_DECIMAL;
    *out = bound->integer;
    bool is_number = bound->kind == FURROW__ARGUMENT_NUMBER || bound->kind == FURROW__ARGUMENT_NAME;
    bool fine = is_number && bound->is_integer;
    if (is_decimal && bound->kind == FURROW__ARGUMENT_NUMBER)
        fine = scaled(bound->name, column->scale, out);
    else if (is_decimal && fine)
        fine = !__builtin_mul_overflow(bound->integer, furrow__power10[column->scale], out);
    if (!fine)
        furrow__compiler_error(c, bound->place,
                               is_decimal
                                   ? "write a number that fits the column's precision and scale"
                                   : "write a whole number that fits in 64 bits",
                               "invalid bound for %s", furrow__a_type_text(c, column));
    else if (*out < low || *out > high)
        furrow__compiler_error(c, bound->place, "write a bound that the type can hold",
                               "this bound does not fit in %s", furrow__a_type_text(c, column));
    else
        return true;
    return false;
}

void furrow__build_range(furrow__compiler *c, furrow_column *column,
                         const furrow__argument *annotation)
{
    int64_t low, high;
    if (!furrow__is_integer(column) && column->type != FURROW_TYPE_FLOAT &&
        column->type != FURROW_TYPE_DOUBLE && column->type != FURROW_TYPE_DECIMAL) {
        furrow__compiler_error(c, annotation->place,
                               furrow__is_text(column) ? "use min_length and max_length for text"
                                                       : "use check(\"…\") for other conditions",
                               "range applies to numbers, not to %s", furrow__type_text(c, column));
        return;
    }
    if (annotation->count != 2) {
        furrow__annotation_misused(c, annotation, "range(0, 100)");
        return;
    }
    bool low_fine = read_bound(c, column, &annotation->items[0], &low);
    if (!read_bound(c, column, &annotation->items[1], &high) || !low_fine)
        return;
    if (low > high) {
        furrow__compiler_error(
            c, annotation->items[0].place, "swap the two values",
            "this range is empty, because its minimum is greater than its maximum");
        return;
    }
    column->minimum = low;
    column->maximum = high;
    column->flags |= FURROW_COLUMN_HAS_MIN | FURROW_COLUMN_HAS_MAX;
}

static uint64_t saturate(uint64_t value)
{
    return value > FURROW__MAX_PATTERN_COST ? FURROW__MAX_PATTERN_COST + 1 : value;
}

/* Estimates the number of parts of a pattern after regcomp has expanded each repetition {n,m}.
 * Nested repetitions multiply, so a short pattern can become very large. The estimate is therefore
 * made before regcomp is called. */
static uint64_t pattern_cost(const char *text)
{
    uint64_t totals[FURROW__MAX_PATTERN + 1] = {0}, last = 0;
    size_t depth = 0;
    for (const char *at = text; *at; at++) {
        if (*at == '{' && at[1] >= '0' && at[1] <= '9') {
            char *end;
            unsigned long times = strtoul(at + 1, &end, 10);
            if (*end == ',' && end[1] >= '0' && end[1] <= '9')
                times = strtoul(end + 1, &end, 10);
            times = times > FURROW__MAX_PATTERN_COST ? FURROW__MAX_PATTERN_COST + 1 : times;
            totals[depth] = saturate(totals[depth] - last + last * (times ? times : 1));
            last = saturate(last * (times ? times : 1));
            while (*at != '}' && at[1])
                at++;
        } else if (*at == '(') {
            totals[++depth] = 0;
            last = 0;
        } else if (*at == ')' && depth) {
            last = saturate(totals[depth--] + 1);
            totals[depth] = saturate(totals[depth] + last);
        } else {
            last = *at == '*' || *at == '+' || *at == '?' ? last : 1;
            totals[depth] = saturate(totals[depth] + 1);
            if (*at == '\\' && at[1])
                at++;
        }
    }
    uint64_t sum = 0;
    for (size_t i = 0; i <= depth; i++)
        sum = saturate(sum + totals[i]);
    return sum;
}

/* What regcomp found. The texts of regerror differ between C libraries. */
static const char *pattern_problem(int code)
{
    switch (code) {
    case REG_ECOLLATE:
        return "unknown collating element";
    case REG_ECTYPE:
        return "unknown character class";
    case REG_EESCAPE:
        return "backslash at the end";
    case REG_ESUBREG:
        return "reference to a group that does not exist";
    case REG_EBRACK:
        return "unmatched [";
    case REG_EPAREN:
        return "unmatched parenthesis";
    case REG_EBRACE:
        return "unmatched {";
    case REG_BADBR:
        return "invalid content of {}";
    case REG_ERANGE:
        return "invalid end of a range";
    case REG_BADRPT:
        return "nothing before a repetition";
    default:
        return "malformed expression";
    }
}

void furrow__build_pattern(furrow__compiler *c, furrow_column *column,
                           const furrow__argument *annotation)
{
    const char *text = furrow__annotation_text(c, annotation);
    if (!text)
        return;
    furrow__location place = annotation->items[0].place;
    if (!furrow__is_text(column)) {
        furrow__compiler_error(c, annotation->place, "remove pattern",
                               "pattern applies to text, not to %s", furrow__type_text(c, column));
        return;
    }
    if (strlen(text) > FURROW__MAX_PATTERN || pattern_cost(text) > FURROW__MAX_PATTERN_COST) {
        furrow__compiler_error(c, place, "limit the length with max_length instead of repetitions",
                               "this pattern is too large");
        return;
    }
    regex_t compiled;
    int problem = regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB);
    if (problem == REG_ESPACE)
        furrow__compiler_no_memory(c);
    if (problem) {
        furrow__compiler_error(c, place, "write a POSIX extended regular expression",
                               "invalid pattern: %s", pattern_problem(problem));
        return;
    }
    regfree(&compiled);
    column->pattern = text;
}

static const char *quoted(furrow__compiler *c, const char *text)
{
    size_t size = strlen(text), quotes = 0;
    for (size_t i = 0; i < size; i++)
        quotes += text[i] == '\'';
    char *out = furrow__compiler_memory(c, size + quotes + 3, 1), *at = out;
    *at++ = '\'';
    for (size_t i = 0; i < size; i++) {
        *at++ = text[i];
        if (text[i] == '\'')
            *at++ = '\'';
    }
    *at = '\'';
    return out;
}

typedef struct default_reader {
    furrow__compiler *c;
    furrow_column *column;
    const furrow__argument *value;
    bool is_zero; /* whether the default equals the value of a zero-initialized field */
} default_reader;

static const char *wrong_type(default_reader *r, const char *help)
{
    furrow__compiler_error(r->c, r->value->place, help, "invalid default for %s",
                           furrow__a_type_text(r->c, r->column));
    return NULL;
}

static const char *default_bool(default_reader *r)
{
    const furrow__argument *v = r->value;
    bool is_true = furrow__argument_is(v, "true") || (v->is_integer && v->integer == 1);
    bool is_false = furrow__argument_is(v, "false") || (v->is_integer && v->integer == 0);
    r->is_zero = is_false;
    return is_true ? "TRUE" : is_false ? "FALSE" : wrong_type(r, "write true or false");
}

static const char *default_integer(default_reader *r)
{
    static const int64_t limits[] = {
        [FURROW_TYPE_INT16] = INT16_MAX,
        [FURROW_TYPE_INT32] = INT32_MAX,
        [FURROW_TYPE_INT64] = INT64_MAX,
    };
    if (!r->value->is_integer)
        return wrong_type(r, "write a whole number");
    int64_t value = r->value->integer, limit = limits[r->column->type];
    if (value > limit || value < -limit - 1)
        return wrong_type(r, "write a number that the type can hold");
    r->is_zero = value == 0;
    return furrow__compiler_format(r->c, "%lld", (long long)value);
}

/* Returns whether a string is a number in SQL. Some number tokens of C are not numbers in SQL, such
 * as 0x1p3, 1.5f or 1L. */
static bool is_plain_number(const char *text)
{
    size_t digits = 0;
    text += *text == '-';
    for (; *text >= '0' && *text <= '9'; text++)
        digits++;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++)
            digits++;
    if (digits && (*text == 'e' || *text == 'E')) {
        text += 1 + (text[1] == '-' || text[1] == '+');
        if (!(*text >= '0' && *text <= '9'))
            return false;
        while (*text >= '0' && *text <= '9')
            text++;
    }
    return digits && !*text;
}

static const char *default_real(default_reader *r)
{
    const furrow__argument *v = r->value;
    if (v->is_integer) {
        r->is_zero = v->integer == 0;
        return furrow__compiler_format(r->c, "%lld", (long long)v->integer);
    }
    double real;
    float single;
    if (v->kind != FURROW__ARGUMENT_NUMBER || !is_plain_number(v->name) ||
        !furrow__real_parse(v->name, &real) || !furrow__float_parse(v->name, &single))
        return wrong_type(r, "write a number");
    /* PostgreSQL fails when it stores such a default, and SQLite stores a value that no float can
     * hold. */
    if (r->column->type == FURROW_TYPE_FLOAT && (isinf(single) || (single == 0 && real != 0)))
        return wrong_type(r, "write a number that the type can hold");
    r->is_zero = real == 0;
    return v->name;
}

static const char *default_decimal(default_reader *r)
{
    const furrow__argument *v = r->value;
    int64_t units;
    const char *text =
        v->is_integer ? furrow__compiler_format(r->c, "%lld", (long long)v->integer) : v->name;
    if ((v->kind != FURROW__ARGUMENT_NUMBER && !v->is_integer) ||
        !scaled(text, r->column->scale, &units))
        return wrong_type(r, "write a number that fits the column's precision and scale");
    int64_t limit = furrow__power10[r->column->precision];
    if (units >= limit || units <= -limit)
        return wrong_type(r, "write a number that fits the column's precision and scale");
    r->is_zero = units == 0;
    return text;
}

static const char *default_enum(default_reader *r)
{
    const furrow_enum *e = r->column->enumeration;
    const char *help = "write the name of one of the enum's values";
    bool has_zero = false;
    if (!e)
        return NULL;
    for (size_t i = 0; i < e->count; i++)
        has_zero |= e->enumerators[i].value == 0;
    const char **names = furrow__compiler_memory(r->c, e->count, sizeof *names);
    for (size_t i = 0; i < e->count; i++) {
        names[i] = e->enumerators[i].name;
        if (r->value->kind == FURROW__ARGUMENT_NAME && strcmp(r->value->name, names[i]) == 0) {
            /* If no enumerator has the value 0, a field that contains 0 has not been set by the
             * program. */
            r->is_zero = e->enumerators[i].value == 0 || !has_zero;
            return quoted(r->c, names[i]);
        }
    }
    if (r->value->kind == FURROW__ARGUMENT_NAME)
        help = furrow__compiler_suggest(r->c, r->value->name, names, e->count, help);
    return wrong_type(r, help);
}

static const char *default_text(default_reader *r)
{
    const furrow__argument *v = r->value;
    if (v->kind != FURROW__ARGUMENT_TEXT)
        return wrong_type(r, "write the value as a string: default(\"text\")");
    const furrow_column *column = r->column;
    size_t size = strlen(v->name);
    if (column->type == FURROW_TYPE_CHARS && size >= column->size)
        return wrong_type(r, "make the array larger; the text does not fit");
    /* If a char * field is NULL, the INSERT leaves the column out. A char[n] field cannot be NULL,
     * so the INSERT leaves its column out if the field contains "". */
    r->is_zero = column->type != FURROW_TYPE_CHARS || !size;
    return quoted(r->c, v->name);
}

static const char *default_parsed(default_reader *r)
{
    const furrow__argument *v = r->value;
    furrow_time time;
    furrow_date date;
    furrow_uuid uuid;
    static const furrow_uuid zero;
    if (v->kind != FURROW__ARGUMENT_TEXT)
        return wrong_type(r, r->column->type == FURROW_TYPE_TIME
                                 ? "write now, or a string: default(\"2024-01-31T12:00:00Z\")"
                             : r->column->type == FURROW_TYPE_DATE
                                 ? "write the value as a string: default(\"2024-01-31\")"
                                 : "write the UUID as a string of 36 characters");
    bool fine;
    if (r->column->type == FURROW_TYPE_TIME) {
        fine = furrow_time_parse(v->name, &time);
        r->is_zero = fine && time.us == 0;
    } else if (r->column->type == FURROW_TYPE_DATE) {
        fine = furrow_date_parse(v->name, &date);
        r->is_zero = fine && date.days == 0;
    } else {
        fine = furrow_uuid_parse(v->name, &uuid);
        r->is_zero = fine && memcmp(&uuid, &zero, sizeof uuid) == 0;
    }
    return fine ? quoted(r->c, v->name)
                : wrong_type(r, r->column->type == FURROW_TYPE_TIME
                                    ? "write the time in the form 2024-01-31T12:00:00Z"
                                : r->column->type == FURROW_TYPE_DATE
                                    ? "write the date in the form 2024-01-31"
                                    : "write the UUID with 36 characters");
}

static const char *default_json(default_reader *r)
{
    furrow_json json;
    if (r->value->kind != FURROW__ARGUMENT_TEXT)
        return wrong_type(r, "write the value as a string: default(\"{}\")");
    if (!furrow_json_parse(r->value->name, &json))
        return wrong_type(r, "write one JSON value: default(\"{}\")");
    r->is_zero = true; /* A zero-initialized furrow_json is NULL, and NULL is not a JSON value. */
    return quoted(r->c, r->value->name);
}

void furrow__build_default(furrow__compiler *c, furrow__table *table, furrow_column *column,
                           const furrow__field *field, const furrow__argument *annotation)
{
    static const char *(*const readers[FURROW_TYPE_COUNT_])(default_reader *) = {
        [FURROW_TYPE_BOOL] = default_bool,     [FURROW_TYPE_INT16] = default_integer,
        [FURROW_TYPE_INT32] = default_integer, [FURROW_TYPE_INT64] = default_integer,
        [FURROW_TYPE_FLOAT] = default_real,    [FURROW_TYPE_DOUBLE] = default_real,
        [FURROW_TYPE_TEXT] = default_text,     [FURROW_TYPE_CHARS] = default_text,
        [FURROW_TYPE_TIME] = default_parsed,   [FURROW_TYPE_DATE] = default_parsed,
        [FURROW_TYPE_UUID] = default_parsed,   [FURROW_TYPE_DECIMAL] = default_decimal,
        [FURROW_TYPE_JSON] = default_json,     [FURROW_TYPE_ENUM] = default_enum,
    };
    if (annotation->count != 1) {
        furrow__annotation_misused(c, annotation, "default(value)");
        return;
    }
    default_reader r = {c, column, &annotation->items[0], false};
    if (column->flags & FURROW_COLUMN_VERSION) {
        furrow__compiler_error(c, annotation->place, "remove default; a version starts at 0",
                               "a version column cannot have a default");
        return;
    }
    if (column->type == FURROW_TYPE_TIME && furrow__argument_is(r.value, "now")) {
        column->default_ = "now";
        return;
    }
    if (!readers[column->type]) {
        furrow__compiler_error(c, annotation->place, "remove default", "%s cannot have a default",
                               furrow__a_type_text(c, column));
        return;
    }
    const char *text = readers[column->type](&r);
    if (!text)
        return;
    if (!r.is_zero && !field->is_opt)
        furrow__compiler_error(
            c, annotation->place,
            column->type == FURROW_TYPE_CHARS
                ? "use const char *; NULL then means the default"
                : furrow__compiler_format(c, "use furrow_opt(%s) %s; NULL then means the default",
                                          furrow__type_text(c, column), column->field),
            "with this default, \"%s.%s\" could never store %s", table->syntax->name, column->field,
            column->type == FURROW_TYPE_CHARS  ? "\"\""
            : column->type == FURROW_TYPE_BOOL ? "false"
            : column->type == FURROW_TYPE_TIME ? "1970-01-01T00:00:00Z"
            : column->type == FURROW_TYPE_DATE ? "1970-01-01"
                                               : "zero");
    else
        column->default_ = text;
}
