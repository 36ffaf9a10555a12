#include <furrow/model.h>

/* Names that are keywords of SQL or contain quotes and comment signs. */
struct order {
    int64_t     id     FURROW(primary_key);
    const char *group  FURROW(column("select"), check("\"select\" <> 'from' AND length(group) > 0"));
    const char *user   FURROW(column("a \"quoted\" name"), unique, c_name("user_name"));
    int64_t     where  FURROW(column("*/ /* \\"), renamed_from("WHERE"));
    const char *quest  FURROW(column("what?\?/"), default("tab\there, \"quotes\" and \u00e9"));
} FURROW(table("select"), c_name("ORDERS"), index(where, user), check("where BETWEEN 1 AND 9"), check("id <> where"));
