/* SPDX-License-Identifier: MIT
 * Finds the type of a column from the engine's name of the type. */
#include <string.h>

#include "migrate/reflect/parts.h"

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Returns the declared type without COLLATE and the text after it. */
static const char *before_collate(const char *native, furrow_arena *arena)
{
    const char *at = native;
    for (; *at; at++) {
        size_t i = 0;
        static const char word[] = "COLLATE";
        while (word[i] && upper(at[i]) == word[i])
            i++;
        if (!word[i] && (at == native || at[-1] == ' ') && (at[i] == ' ' || at[i] == '"'))
            break;
    }
    size_t size = (size_t)(at - native);
    while (size && native[size - 1] == ' ')
        size--;
    return furrow__arena_text(arena, native, size);
}

furrow__catalog_type furrow__reflect_type(const furrow__reflect_engine *engine, const char *native,
                                          const char **note, furrow_arena *arena)
{
    const char *name = before_collate(native ? native : "", arena);
    *note = NULL;
    return name ? engine->type(name, note) : (furrow__catalog_type){.native = native ? native : ""};
}
