/* SPDX-License-Identifier: MIT
 * Converts values between types on SQLite. CAST truncates values that do not fit. To find such
 * values, the result is cast back and compared. */
#include "base/calendar.h"
#include "dialect/sqlite/sqlite.h"

static bool is_real(const furrow__catalog_type *type)
{
    return type->type == FURROW_TYPE_FLOAT || type->type == FURROW_TYPE_DOUBLE;
}

void furrow__sqlite_write_conversion(furrow__planner *p, const furrow__conversion *c)
{
    const char *value = c->value;
    const furrow__catalog_type *from = c->from, *to = c->to;
    int lost = c->digits_lost;
    bool decimals = from->type == FURROW_TYPE_DECIMAL || to->type == FURROW_TYPE_DECIMAL;
    if (to->type == FURROW_TYPE_TEXT && furrow__type_is_integer(from))
        furrow__buffer_format(&p->text, "CAST(%s AS TEXT)", value);
    else if (is_real(to) && furrow__type_is_integer(from))
        furrow__buffer_format(&p->text, "CAST(%s AS REAL)", value);
    else if (furrow__type_is_integer(to) && (from->type == FURROW_TYPE_TEXT || is_real(from)))
        furrow__buffer_format(&p->text, "CAST(%s AS INTEGER)", value);
    else if (decimals && lost)
        furrow__buffer_format(&p->text, "%s %c %lld", value, lost > 0 ? '/' : '*',
                              (long long)furrow__power10[lost > 0 ? lost : -lost]);
    else
        furrow__buffer_add_text(&p->text, value);
}

void furrow__sqlite_write_misfits(furrow__planner *p, const furrow__conversion *c)
{
    const char *value = c->value;
    long long power = furrow__power10[c->digits_lost > 0 ? c->digits_lost : 0];
    switch (c->kind) {
    case FURROW__TEXT_TO_INTEGER:
        furrow__buffer_format(&p->text, "CAST(CAST(%s AS INTEGER) AS TEXT) <> %s OR ", value,
                              value);
        furrow__buffer_format(&p->text, "CAST(%s AS INTEGER)", value);
        furrow__plan_write_limits(p, "", c->to);
        break;
    case FURROW__REAL_TO_INTEGER:
        furrow__buffer_format(&p->text, "CAST(%s AS INTEGER) <> %s OR ", value, value);
        furrow__plan_write_limits(p, value, c->to);
        break;
    case FURROW__TEXT_TO_UUID:
        furrow__buffer_format(&p->text, "length(CAST(%s AS BLOB)) <> 36 OR %s NOT GLOB '", value,
                              value);
        for (int i = 0; i < 36; i++)
            furrow__buffer_add_text(&p->text,
                                    i == 8 || i == 13 || i == 18 || i == 23 ? "-" : "[0-9a-f]");
        furrow__buffer_add_char(&p->text, '\'');
        break;
    case FURROW__DECIMAL_TO_INTEGER:
        furrow__buffer_format(&p->text, "%s %% %lld <> 0 OR %s / %lld", value, power, value, power);
        furrow__plan_write_limits(p, "", c->to);
        break;
    default:
        furrow__buffer_format(&p->text, "%s %% %lld <> 0", value, power);
    }
}
