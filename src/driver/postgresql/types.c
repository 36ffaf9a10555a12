/* SPDX-License-Identifier: MIT
 *
 * PostgreSQL's types by OID: the C type of each, if there is one, and its name for messages.
 */
#include "driver/postgresql/postgresql.h"

#include <stdio.h>

typedef struct type {
    Oid oid, array;
    uint8_t read_as; /* a furrow_type */
    const char *name;
} type;

static const type types[] = {
    {PG_INT8, 1016, FURROW_TYPE_INT64, "bigint"},
    {PG_INT4, 1007, FURROW_TYPE_INT64, "integer"},
    {PG_TEXT, 1009, FURROW_TYPE_TEXT, "text"},
    {PG_BOOL, 1000, FURROW_TYPE_BOOL, "boolean"},
    {PG_FLOAT8, 1022, FURROW_TYPE_DOUBLE, "double precision"},
    {PG_TIMESTAMPTZ, 1185, FURROW_TYPE_TIME, "timestamp with time zone"},
    {PG_VARCHAR, 1015, FURROW_TYPE_TEXT, "character varying"},
    {PG_NUMERIC, 1231, FURROW_TYPE_DECIMAL, "numeric"},
    {PG_UUID, 2951, FURROW_TYPE_UUID, "uuid"},
    {PG_DATE, 1182, FURROW_TYPE_DATE, "date"},
    {PG_JSONB, 3807, FURROW_TYPE_JSON, "jsonb"},
    {PG_BYTEA, 1001, FURROW_TYPE_BLOB, "bytea"},
    {PG_INT2, 1005, FURROW_TYPE_INT64, "smallint"},
    {PG_FLOAT4, 1021, FURROW_TYPE_DOUBLE, "real"},
    {PG_BPCHAR, 1014, FURROW_TYPE_TEXT, "character"},
    {PG_TIMESTAMP, 1115, FURROW_TYPE_TIME, "timestamp without time zone"},
    {PG_JSON, 199, FURROW_TYPE_JSON, "json"},
    {PG_OID, 1028, FURROW_TYPE_INT64, "oid"},
    {PG_NAME, 1003, FURROW_TYPE_TEXT, "name"},
    {PG_CHAR, 1002, FURROW_TYPE_TEXT, "\"char\""},
    {PG_UNKNOWN, 0, FURROW_TYPE_TEXT, "unknown"},
    {PG_VOID, 0, FURROW_TYPE_TEXT, "void"},
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

static const type *find(Oid oid)
{
    for (int i = 0; i < TYPE_COUNT; i++)
        if (types[i].oid == oid)
            return &types[i];
    return NULL;
}

const char *furrow__pg_type_name(Oid oid, char *buffer, size_t size)
{
    /* common types without a C type */
    static const type others[] = {
        {142, 0, 0, "xml"},       {650, 0, 0, "cidr"},
        {790, 0, 0, "money"},     {829, 0, 0, "macaddr"},
        {869, 0, 0, "inet"},      {1083, 0, 0, "time without time zone"},
        {1186, 0, 0, "interval"}, {1266, 0, 0, "time with time zone"},
        {1560, 0, 0, "bit"},      {1562, 0, 0, "bit varying"},
        {2205, 0, 0, "regclass"}, {3614, 0, 0, "tsvector"},
    };
    const type *found = find(oid);
    if (found)
        return found->name;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].oid == oid)
            return others[i].name;
    Oid element = furrow__pg_element_of(oid);
    if (element)
        snprintf(buffer, size, "%s[]", find(element)->name);
    else
        snprintf(buffer, size, "type %u", oid);
    return buffer;
}

bool furrow__pg_type_is_known(Oid oid)
{
    return find(oid) != NULL;
}

bool furrow__pg_type_is_text(Oid oid)
{
    const type *found = find(oid);
    return found && found->read_as == FURROW_TYPE_TEXT;
}

furrow_type furrow__pg_type_of(Oid oid)
{
    const type *found = find(oid);
    return found ? (furrow_type)found->read_as : FURROW_TYPE_TEXT;
}

Oid furrow__pg_element_of(Oid oid)
{
    for (int i = 0; oid && i < TYPE_COUNT; i++)
        if (types[i].array == oid)
            return types[i].oid;
    return 0;
}
