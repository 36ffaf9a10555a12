/* SPDX-License-Identifier: MIT */
#include "payloads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every combination of three parts: characters that end a literal, SQL that must not run, and the
 * start of a comment. The comment hides the rest of the original statement. */
static const char *const ends[] = {"",    "'",  "\"",        "`",  "]",   "')", "'))",
                                   "\\'", "''", "\xc2\xbf'", "$$", "$a$", "*/", "\xe2\x80\x99"};
static const char *const deeds[] = {
    " OR 1=1",
    "; DROP TABLE sentinel; ",
    " UNION SELECT id, secret, NULL FROM sentinel ",
    "; UPDATE sentinel SET secret = 'x' ",
    " AND (SELECT 1 FROM sentinel) ",
    "; COMMIT; DELETE FROM sentinel; ",
    "||(SELECT secret FROM sentinel LIMIT 1)||",
    "; ATTACH ':memory:' AS x; PRAGMA writable_schema=1; ",
    "; COPY sentinel TO PROGRAM 'true'; SELECT pg_sleep(0) ",
};
static const char *const hides[] = {"", "--", "/*", "#"};

/* Strings like those in public lists of naughty strings, and more. */
static const char *const others[] = {
    "",
    " ",
    "  \t\r\n\v\f ",
    "NULL",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "0",
    "-0",
    "1e309",
    "NaN",
    "Infinity",
    "0x7fffffff",
    "1/0",
    "9223372036854775808",
    "\\N",
    "\\",
    "\\\\",
    "\\x00",
    "\\u0000",
    "\\0",
    "%00",
    "%27",
    "%s%n%x%d%p",
    "%1$n",
    "{}",
    "${jndi:x}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "<!--",
    "]]>",
    "&lt;",
    "../../../etc/passwd",
    "C:\\CON",
    "$(touch x)",
    "`id`",
    "| cat",
    "&& false",
    "() { 0; }; true",
    "eval('1')",
    "%",
    "_",
    "%%",
    "\\%",
    "\\_",
    "[a-z]",
    "*",
    "?",
    "??",
    "$1",
    "$2",
    ":a",
    ":1",
    "@a",
    "#{x}",
    "?1",
    "''",
    "''''",
    "\"\"",
    "'\"`",
    "E'\\n'",
    "U&'\\0041'",
    "x'41'",
    "B'01'",
    "N'a'",
    "'::regclass",
    "{1,2}",
    "{\"a\",NULL}",
    "(1,2)",
    "[1,2)",
    "a,b",
    "\"a\",\"b\"",
    "\x01\x02\x03\x04\x05",
    "\x06\x07\x08\x0e\x0f\x10\x1b[31m",
    "\x7f",
    "\xc2\x80\xc2\x85\xc2\x9f",
    "\xc2\xa0",
    "\xc2\xad",
    "\xef\xbb\xbf"
    "bom",
    "\xef\xbf\xbe",
    "\xef\xbf\xbf",
    "\xef\xbf\xbd",
    "\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d",
    "\xe2\x81\xa0",
    "\xe2\x80\xae"
    "txt.exe",
    "\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8f",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
    "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
    "\xe0\xae\xa8\xe0\xae\xbf",
    "e\xcc\x81",
    "\xc3\xa9",
    "Z\xcc\xae\xcc\x9e\xcc\xa0\xcd\x99\xcd\x94\xcd\x85",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
    "\xe3\x80\x80",
    "\xf0\x9f\x98\x80",
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",
    "1\xef\xb8\x8f\xe2\x83\xa3",
    "\xf0\x9d\x94\xb8\xf0\x9d\x95\x93",
    "\xf4\x8f\xbf\xbf",
    "\xf0\x90\x80\x80",
    "\xc4\xb0\xc4\xb1\xc3\x9f",
    "\xef\xac\x80",
    "\xc7\x85",
    "\xef\xbc\x87 OR 1=1",
    "\xca\xbc OR 1=1",
    "\xe2\x80\xb2; --",
    "\xe2\x80\xa8\xe2\x80\xa9",
};

enum { LONG = 70000 };

char **payloads_new(size_t *count)
{
    enum {
        ENDS = sizeof ends / sizeof *ends,
        DEEDS = sizeof deeds / sizeof *deeds,
        HIDES = sizeof hides / sizeof *hides,
        OTHERS = sizeof others / sizeof *others,
    };
    char **all = calloc(ENDS * DEEDS * HIDES + OTHERS + 1, sizeof *all);
    size_t n = 0;
    for (size_t e = 0; all && e < ENDS; e++)
        for (size_t d = 0; d < DEEDS; d++)
            for (size_t h = 0; h < HIDES; h++) {
                size_t size = strlen(ends[e]) + strlen(deeds[d]) + strlen(hides[h]) + 2;
                all[n] = malloc(size);
                snprintf(all[n++], size, "x%s%s%s", ends[e], deeds[d], hides[h]);
            }
    for (size_t i = 0; all && i < OTHERS; i++)
        all[n++] = strdup(others[i]);
    if (all && (all[n] = malloc(LONG + 1))) {
        memset(all[n], '\'', LONG);
        all[n++][LONG] = '\0';
    }
    *count = n;
    return all;
}

void payloads_free(char **payloads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(payloads[i]);
    free(payloads);
}
