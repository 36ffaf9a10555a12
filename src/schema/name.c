/* SPDX-License-Identifier: MIT
 * Composes the names of constraints: see name.h. */
#include "schema/name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Continues an FNV-1a hash of 32 bits with more text, so that a name can be hashed while it is
 * composed. The names in existing databases contain this hash, so the function must never change.
 */
static uint32_t hash_more(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

typedef struct writer {
    char text[FURROW__NAME_SIZE * 2]; /* the beginning of the name; if the name is longer, the rest
                                         is only hashed */
    size_t size;
    uint32_t hash; /* hash of the whole name */
} writer;

static void add(writer *w, const char *text)
{
    if (w->size > 0 && w->size < sizeof w->text - 1)
        w->text[w->size++] = '_';
    w->hash = hash_more(w->hash, "_");
    w->hash = hash_more(w->hash, text);
    for (; *text && w->size < sizeof w->text - 1; text++)
        w->text[w->size++] = *text;
    w->text[w->size] = '\0';
}

void furrow__constraint_name(char out[FURROW__NAME_SIZE], const furrow_model *model,
                             const furrow__constraint_parts *parts)
{
    writer w = {.hash = 2166136261u};
    add(&w, model->table);
    for (size_t i = 0; i < parts->count; i++)
        add(&w, model->columns[parts->columns[i]].name);
    if (parts->part)
        add(&w, parts->part);
    add(&w, parts->suffix);
    if (w.size < FURROW__NAME_SIZE) {
        memcpy(out, w.text, w.size + 1);
        return;
    }
    size_t kept = furrow__utf8_cut(w.text, FURROW__NAME_SIZE - 1 - 9);
    memcpy(out, w.text, kept);
    snprintf(out + kept, FURROW__NAME_SIZE - kept, "_%08x", w.hash);
}

/* Skips `word` at the start of *name. Returns false if the name does not start with it. */
static bool skip(const char **name, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(*name, word, size) != 0)
        return false;
    *name += size;
    return true;
}

/* Returns whether <stdint.h> defines a macro with this name, such as UINT_LEAST8_MAX or INT64_C. */
static bool is_limit(const char *name)
{
    bool is_unsigned = skip(&name, "U");
    if (!skip(&name, "INT"))
        return false;
    bool has_width = skip(&name, "_LEAST") || skip(&name, "_FAST");
    bool has_size = skip(&name, "8") || skip(&name, "16") || skip(&name, "32") || skip(&name, "64");
    if (!has_size && (has_width || !(skip(&name, "MAX") || skip(&name, "PTR"))))
        return false;
    static const char *const ends[] = {"_MAX", "_C", "_WIDTH"};
    return FURROW__IS_ONE_OF(name, ends) || (!is_unsigned && strcmp(name, "_MIN") == 0);
}

bool furrow__name_is_macro(const char *name)
{
    static const char *const words[] = {
        "bool",           "true",        "false",
        "NULL",           "offsetof",    "PTRDIFF_MAX",
        "PTRDIFF_MIN",    "SIZE_MAX",    "SIG_ATOMIC_MAX",
        "SIG_ATOMIC_MIN", "WCHAR_MAX",   "WCHAR_MIN",
        "WINT_MAX",       "WINT_MIN",    "PTRDIFF_WIDTH",
        "SIZE_WIDTH",     "WCHAR_WIDTH", "SIG_ATOMIC_WIDTH",
        "WINT_WIDTH",
    };
    return is_limit(name) || FURROW__IS_ONE_OF(name, words);
}

bool furrow__name_is_cxx_keyword(const char *name)
{
    static const char *const words[] = {
        "and",
        "and_eq",
        "asm",
        "bitand",
        "bitor",
        "catch",
        "char16_t",
        "char32_t",
        "char8_t",
        "class",
        "co_await",
        "co_return",
        "co_yield",
        "compl",
        "concept",
        "consteval",
        "constinit",
        "const_cast",
        "decltype",
        "delete",
        "dynamic_cast",
        "explicit",
        "export",
        "friend",
        "mutable",
        "namespace",
        "new",
        "noexcept",
        "not",
        "not_eq",
        "operator",
        "or",
        "or_eq",
        "private",
        "protected",
        "public",
        "reinterpret_cast",
        "requires",
        "static_cast",
        "template",
        "this",
        "throw",
        "try",
        "typeid",
        "typename",
        "using",
        "virtual",
        "wchar_t",
        "xor",
        "xor_eq",
    };
    return FURROW__IS_ONE_OF(name, words);
}

bool furrow__name_is_own_table(const char *name)
{
    static const char *const tables[] = {"furrow_revision", "furrow_drift", "furrow_lock"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcasecmp(name, tables[i]) == 0)
            return true;
    return false;
}
