/* SPDX-License-Identifier: MIT
 *
 * The compiled regular expressions of columns with pattern(…). The engine keeps them in a list to
 * which entries are only added, so that a lookup takes no lock.
 */
#include <regex.h>

#include "base/memory.h"
#include "base/text.h"
#include "pool/engine.h"

struct furrow__pattern {
    const furrow_column *column;
    regex_t compiled;
    struct furrow__pattern *next;
};

static struct furrow__pattern *find(struct furrow__pattern *first, const furrow_column *column)
{
    while (first && first->column != column)
        first = first->next;
    return first;
}

static furrow_status compile(furrow_engine *engine, const furrow_column *column,
                             struct furrow__pattern **out, furrow_error *error)
{
    struct furrow__pattern *pattern = furrow__allocate_zeroed(1, sizeof *pattern);
    if (!pattern)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    int failure = regcomp(&pattern->compiled, column->pattern, REG_EXTENDED | REG_NOSUB);
    if (failure) {
        furrow__release(pattern);
        if (failure == REG_ESPACE)
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        return furrow__fail(error, FURROW_INVALID, "%s: its pattern is not a regular expression",
                            FURROW__QUOTED(column->name));
    }
    pattern->column = column;

    pthread_mutex_lock(&engine->lock);
    struct furrow__pattern *first = atomic_load(&engine->patterns);
    struct furrow__pattern *other = find(first, column); /* another thread may have compiled the
                                                            same pattern in the meantime */
    pattern->next = first;
    if (!other)
        atomic_store(&engine->patterns, pattern);
    pthread_mutex_unlock(&engine->lock);
    if (other) {
        regfree(&pattern->compiled);
        furrow__release(pattern);
    }
    *out = other ? other : pattern;
    return FURROW_OK;
}

furrow_status furrow__engine_match(furrow_engine *engine, const furrow_column *column,
                                   const char *text, bool *matches, furrow_error *error)
{
    *matches = false;
    struct furrow__pattern *pattern = find(atomic_load(&engine->patterns), column);
    if (!pattern) {
        furrow_status status = compile(engine, column, &pattern, error);
        if (status)
            return status;
    }
    *matches = regexec(&pattern->compiled, text, 0, NULL, 0) == 0;
    return FURROW_OK;
}

void furrow__patterns_done(furrow_engine *engine)
{
    struct furrow__pattern *next, *pattern = atomic_load(&engine->patterns);
    for (; pattern; pattern = next) {
        next = pattern->next;
        regfree(&pattern->compiled);
        furrow__release(pattern);
    }
    atomic_store(&engine->patterns, NULL);
}
