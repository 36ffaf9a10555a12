/* SPDX-License-Identifier: MIT
 * Implements properties of column types: see type.h. */
#include "schema/type.h"

#include <stddef.h>

furrow_type furrow__type_family(uint8_t type)
{
    switch (type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
        return FURROW_TYPE_INT64;
    case FURROW_TYPE_FLOAT:
        return FURROW_TYPE_DOUBLE;
    case FURROW_TYPE_CHARS:
        return FURROW_TYPE_TEXT;
    default:
        return (furrow_type)type;
    }
}

bool furrow__type_is_number(uint8_t type)
{
    furrow_type family = furrow__type_family(type);
    return family == FURROW_TYPE_INT64 || family == FURROW_TYPE_DOUBLE ||
           family == FURROW_TYPE_DECIMAL;
}

const char *furrow__type_in_c(uint8_t type)
{
    static const char *const types[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "bool",         [FURROW_TYPE_INT16] = "int16_t",
        [FURROW_TYPE_INT32] = "int32_t",     [FURROW_TYPE_INT64] = "int64_t",
        [FURROW_TYPE_FLOAT] = "float",       [FURROW_TYPE_DOUBLE] = "double",
        [FURROW_TYPE_TEXT] = "const char *", [FURROW_TYPE_BLOB] = "furrow_blob",
        [FURROW_TYPE_TIME] = "furrow_time",  [FURROW_TYPE_DATE] = "furrow_date",
        [FURROW_TYPE_UUID] = "furrow_uuid",  [FURROW_TYPE_DECIMAL] = "furrow_decimal",
        [FURROW_TYPE_JSON] = "furrow_json",
    };
    return type < FURROW_TYPE_COUNT_ ? types[type] : NULL;
}
