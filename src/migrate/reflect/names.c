/* SPDX-License-Identifier: MIT
 * Makes C identifiers from names in a database. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "compiler/verbs.h"
#include "migrate/reflect/header.h"
#include "schema/name.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool furrow__c_name_is_fine(const char *name)
{
    static const char *const words[] = {
        "alignas", "alignof",  "asm",     "assert",   "auto",        "bool",
        "break",   "case",     "char",    "const",    "constexpr",   "continue",
        "default", "do",       "double",  "else",     "enum",        "errno",
        "extern",  "false",    "float",   "for",      "goto",        "if",
        "inline",  "int",      "int16_t", "int32_t",  "int64_t",     "linux",
        "long",    "noreturn", "nullptr", "offsetof", "register",    "restrict",
        "return",  "short",    "signed",  "sizeof",   "static",      "static_assert",
        "stderr",  "stdin",    "stdout",  "struct",   "switch",      "thread_local",
        "true",    "typedef",  "typeof",  "union",    "unix",        "unsigned",
        "void",    "volatile", "while",   "FURROW",   "FURROW_LIST", "NULL",
        "I",       "EOF",
    };
    if (!is_letter(name[0]) || name[0] == '_' || strlen(name) > 63 ||
        strncmp(name, "furrow", 6) == 0 || strncmp(name, "FURROW", 6) == 0)
        return false;
    for (const char *c = name; *c; c++)
        if (!is_letter(*c) && !is_digit(*c))
            return false;
    return !FURROW__IS_ONE_OF(name, words) && !furrow__name_is_macro(name) &&
           !furrow__name_is_cxx_keyword(name);
}

bool furrow__c_name_is_function(const char *name)
{
    static const char *const words[] = {
        "abort", "abs",      "accept", "access", "alarm",  "bind",   "brk",    "ceil",     "clock",
        "close", "connect",  "cos",    "creat",  "div",    "dup",    "exit",   "exp",      "floor",
        "fork",  "free",     "getc",   "index",  "kill",   "link",   "listen", "log",      "nice",
        "open",  "pause",    "pipe",   "poll",   "pow",    "printf", "puts",   "raise",    "rand",
        "read",  "recv",     "remove", "rename", "round",  "select", "send",   "shutdown", "signal",
        "sin",   "sleep",    "socket", "sqrt",   "stat",   "stime",  "sync",   "system",   "tan",
        "time",  "truncate", "trunc",  "unlink", "wait",   "write",  "y0",     "y1",       "j0",
        "j1",    "gamma",    "times",  "umask",  "daemon", "mount",  "reboot", "acct",     "ftime",
    };
    return FURROW__IS_ONE_OF(name, words);
}

bool furrow__c_name_is_of_the_library(const char *name)
{
    static const char *const words[] = {
        "FILE",     "DIR",      "EOF",      "NULL",     "BUFSIZ",    "ERANGE",   "EDOM",
        "EILSEQ",   "INFINITY", "NAN",      "OVERFLOW", "UNDERFLOW", "DOMAIN",   "SING",
        "STDIN",    "SIGINT",   "I",        "UNIX",     "LINUX",     "TRUE",     "FALSE",
        "BOOL",     "ECHO",     "NSIG",     "DEBUG",    "NDEBUG",    "ASSERT",   "PAGE_SIZE",
        "RAND_MAX", "CHAR_BIT", "PATH_MAX", "NAME_MAX", "HUGE_VAL",  "TIME_UTC", "EIO",
        "SIZE_MAX", "INT_MAX",  "INT_MIN",  "SEEK_SET", "SEEK_CUR",  "SEEK_END", "CLONE_FILES",
    };
    return FURROW__IS_ONE_OF(name, words) || furrow__name_is_macro(name);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

static bool is_of_a_model(furrow__scope scope)
{
    return scope == FURROW__SCOPE_STRUCT || scope == FURROW__SCOPE_TABLE ||
           scope == FURROW__SCOPE_COMPOSITE || scope == FURROW__SCOPE_RELATED;
}

/* Returns whether `text` consists of `name`, followed by the suffix `end`. */
static bool is_joined(const char *text, const char *name, const char *end)
{
    size_t size = strlen(name);
    return strncmp(text, name, size) == 0 && strcmp(text + size, end) == 0;
}

bool furrow__c_name_is_verb(const char *name)
{
    for (size_t i = 0; i < furrow__verb_count; i++) {
        const furrow__verb *verb = &furrow__verbs[i];
        if (is_of_a_model(verb->scope) &&
            (strcmp(verb->name, name) == 0 ||
             (furrow__verb_has_options(verb) && is_joined(name, verb->name, "_using"))))
            return true;
    }
    for (size_t i = 0; i < furrow__reserved_count; i++)
        if (strcmp(furrow__reserved_names[i].name, name) == 0)
            return true;
    size_t size = strlen(name);
    return strcmp(name, "list") == 0 || (size && name[size - 1] == '_') ||
           ends_with(name, "_with") || ends_with(name, "_count") || ends_with(name, "_sum");
}

/* Returns whether generated code contains a tag that consists of a struct's name, "_" and this
 * text. */
static bool is_tag(const char *text)
{
    for (size_t i = 0; i < furrow__verb_count; i++) {
        const furrow__verb *verb = &furrow__verbs[i];
        if (is_of_a_model(verb->scope) && furrow__verb_has_options(verb) &&
            is_joined(text, verb->name, "_options"))
            return true;
    }
    for (size_t i = 0; i < furrow__reserved_count; i++)
        if (furrow__reserved_names[i].is_tag && strcmp(furrow__reserved_names[i].name, text) == 0)
            return true;
    return strcmp(text, "list") == 0 || ends_with(text, "_count_options") ||
           ends_with(text, "_sum_options");
}

static bool is_tag_of(const char *a, const char *b)
{
    size_t size = strlen(a);
    return strncmp(a, b, size) == 0 && b[size] == '_' && is_tag(b + size + 1);
}

bool furrow__c_names_collide(const char *a, const char *b)
{
    return strcmp(a, b) == 0 || is_tag_of(a, b) || is_tag_of(b, a);
}

const char *furrow__c_name_make(furrow_arena *arena, const char *text, const char *prefix)
{
    enum { MAX_SIZE = 56 };
    size_t size = strlen(prefix) + 2, room = size + strlen(text) + 2;
    char *name = furrow__arena_aligned(arena, room, 1);
    if (!name)
        return NULL;
    size = 0;
    bool has_letter = false;
    for (const char *c = text; *c && size < MAX_SIZE; c++) {
        if ((unsigned char)*c >= 0x80 && (unsigned char)*c < 0xc0)
            continue; /* skips all bytes of a code point except the first, so that one character
                         replaces it */
        bool fine = is_letter(*c) || is_digit(*c);
        has_letter |= is_letter(*c) && *c != '_';
        if (!fine && size && name[size - 1] == '_')
            continue;
        name[size++] = fine ? *c : '_';
    }
    while (size > 1 && name[size - 1] == '_' && has_letter)
        size--;
    name[size] = '\0';
    if (furrow__c_name_is_fine(name))
        return name;
    char other[MAX_SIZE + 16];
    bool is_word = is_letter(name[0]) && name[0] != '_' && strncmp(name, "furrow", 6) != 0 &&
                   strncmp(name, "FURROW", 6) != 0;
    snprintf(other, sizeof other, is_word ? "%.48s_" : "%s_%.40s", is_word ? name : prefix,
             name[0] == '_' ? name + 1 : name);
    return furrow__arena_text(arena, other, strlen(other));
}
