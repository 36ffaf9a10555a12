/* SPDX-License-Identifier: MIT
 * Translates and checks raw SQL. Each `?` becomes a parameter of the dialect. Statements whose
 * effect would outlive the statement or the transaction are recognized by their keywords and
 * refused. The drivers check the statement again with the engine's own parser. */
#include <string.h>

#include "base/text.h"
#include "scan/statement.h"
#include "sql/parts.h"

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '?' || (unsigned char)c >= 0x80;
}

/* Writes a parameter, with blanks between it and adjacent words. Without the blank, the parameter
 * in `AND?` would become part of the word. */
static void write_apart(furrow__buffer *out, const furrow__dialect *dialect, size_t number,
                        char next)
{
    if (out->size && is_word_char(out->text[out->size - 1]))
        furrow__buffer_add_char(out, ' ');
    furrow__write_parameter(out, dialect, number);
    if (next != '?' && is_word_char(next))
        furrow__buffer_add_char(out, ' ');
}

static bool is_open(furrow__token token)
{
    return token.kind == FURROW__TOKEN_OPEN_QUOTE || token.kind == FURROW__TOKEN_OPEN_COMMENT;
}

static furrow_status refuse_open(furrow__token token, furrow_error *error)
{
    const char *what = token.kind == FURROW__TOKEN_OPEN_COMMENT ? "a comment"
                       : *token.text == '$'                     ? "a dollar quote"
                                                                : "a quote";
    return furrow__fail(error, FURROW_INVALID, "%s in raw SQL does not end", what);
}

static furrow_status refuse_foreign(furrow__token token, furrow_error *error)
{
    furrow__fail(error, FURROW_INVALID,
                 "a parameter in raw SQL begins with '%c' and has a number or a name", *token.text);
    furrow__hint(error, "write a plain ? for each bound value");
    return FURROW_INVALID;
}

static furrow_status refuse_question(furrow_error *error)
{
    return furrow__fail(
        error, FURROW_INVALID,
        "?? in raw SQL stands for an operator with a question mark, and SQLite has none");
}

static furrow_status expect_end(furrow__scanner *scanner, furrow_error *error)
{
    furrow__token token = furrow__scanner_next(scanner);
    if (token.kind == FURROW__TOKEN_END)
        return FURROW_OK;
    if (is_open(token))
        return refuse_open(token, error);
    furrow__fail(error, FURROW_INVALID, "more than one statement in raw SQL");
    furrow__hint(error, "run the statements one by one");
    return FURROW_INVALID;
}

static furrow_status refuse_text(const char *text, furrow_error *error)
{
    if (!text)
        return furrow__fail(error, FURROW_INVALID, "raw SQL is NULL");
    if (!furrow__utf8_is_valid(text, strlen(text)))
        return furrow__fail(error, FURROW_INVALID, "raw SQL is not valid UTF-8");
    return FURROW_OK;
}

/* Writes one token. Returns FURROW_INVALID for a parameter in a form other than `?`. */
static furrow_status write_token(furrow__buffer *out, const furrow__dialect *dialect,
                                 furrow__token token, size_t *parameter_count, furrow_error *error)
{
    switch (token.kind) {
    case FURROW__TOKEN_OPEN_QUOTE:
    case FURROW__TOKEN_OPEN_COMMENT:
        return refuse_open(token, error);
    case FURROW__TOKEN_FOREIGN_PARAMETER:
        return refuse_foreign(token, error);
    case FURROW__TOKEN_QUESTION:
        if (!dialect->has_question_operators)
            return refuse_question(error);
        furrow__buffer_add_char(out, '?');
        return FURROW_OK;
    case FURROW__TOKEN_PARAMETER:
        write_apart(out, dialect, ++*parameter_count, token.text[1]);
        return FURROW_OK;
    default:
        furrow__buffer_add(out, token.text, furrow__token_size(token));
        return FURROW_OK;
    }
}

furrow_status furrow__sql_raw(furrow__buffer *out, const furrow__dialect *dialect, const char *text,
                              size_t *count, furrow_error *error)
{
    *count = 0;
    furrow_status status = refuse_text(text, error);
    if (status != FURROW_OK)
        return status;
    furrow__scanner scanner = furrow__scanner_begin(text, strlen(text), dialect->syntax);
    furrow__statement_state statement = {0};
    for (size_t written = 0;; written = scanner.at) {
        furrow__token token = furrow__scanner_next(&scanner);
        furrow__buffer_add(out, text + written, token.start - written);
        if (token.kind == FURROW__TOKEN_END)
            break;
        if (furrow__statement_follow(&statement, token, dialect->syntax)) {
            status = expect_end(&scanner, error);
            break;
        }
        status = write_token(out, dialect, token, count, error);
        if (status != FURROW_OK)
            break;
    }
    if (status != FURROW_OK)
        return status;
    if (!statement.token_count)
        return furrow__fail(error, FURROW_INVALID, "raw SQL is empty");
    return out->failed ? furrow__no_memory(error) : FURROW_OK;
}

#define ENDS "would end the session's transaction"
#define OUTLIVES "would outlive the statement"
#define USE_SAVEPOINT                                                                              \
    "use furrow_savepoint_begin, furrow_savepoint_end and furrow_savepoint_rollback"
#define USE_LOCAL "use SET LOCAL, which ends with the transaction"
#define USE_STREAM "read a large result with a model's _stream"
#define USE_CACHE "run the statement directly; furrow prepares and caches statements"

typedef struct refused_word {
    const char *word, *why, *hint;
} refused_word;

/* Statements that are refused, by their first keyword. */
static const refused_word refused_words[] = {
    {"BEGIN", "would start a transaction within the session's transaction",
     "remove the statement; a session is always in a transaction"},
    {"START", "would start a transaction within the session's transaction",
     "remove the statement; a session is always in a transaction"},
    {"COMMIT", ENDS, "use furrow_commit"},
    {"END", ENDS, "use furrow_commit"},
    {"ROLLBACK", ENDS, "use furrow_rollback"},
    {"ABORT", ENDS, "use furrow_rollback"},
    {"SAVEPOINT", "would open a savepoint that the session does not manage", USE_SAVEPOINT},
    {"RELEASE", "would end a savepoint of the session", USE_SAVEPOINT},
    {"PREPARE", OUTLIVES, USE_CACHE},
    {"EXECUTE", "would run a statement that cannot be checked", USE_CACHE},
    {"DEALLOCATE", "would drop statements that the session keeps", USE_CACHE},
    {"ATTACH", OUTLIVES, "open the other database with a separate engine"},
    {"DETACH", OUTLIVES, "open the other database with a separate engine"},
    {"VACUUM", "cannot run in a transaction", "run VACUUM with the database's own tool"},
    {"RESET", OUTLIVES, USE_LOCAL},
    {"DISCARD", OUTLIVES, "remove DISCARD; furrow resets the connection itself"},
    {"LISTEN", OUTLIVES, "listen on a separate connection"},
    {"UNLISTEN", OUTLIVES, "listen on a separate connection"},
    {"LOAD", OUTLIVES, "load the library in the configuration of the server"},
    {"DECLARE", "would open a cursor that the session does not manage", USE_STREAM},
    {"FETCH", "would read a cursor that the session does not manage", USE_STREAM},
    {"MOVE", "would move a cursor that the session does not manage", USE_STREAM},
    {"CLOSE", "would close a cursor of the session", USE_STREAM},
    {"COPY", "would change the protocol of the connection", "use a model's _insert_many"},
    {"DO", "would run a block that may end the transaction",
     "run the statements of the block one by one"},
    {"CALL", "would run a procedure, which may end the transaction", "call a function by SELECT"},
};

/* Functions that are refused, because their effects would outlast the transaction. */
static const refused_word refused_functions[] = {
    {"pg_advisory_lock", OUTLIVES, "use pg_advisory_xact_lock"},
    {"pg_advisory_lock_shared", OUTLIVES, "use pg_advisory_xact_lock_shared"},
    {"pg_try_advisory_lock", OUTLIVES, "use pg_try_advisory_xact_lock"},
    {"pg_try_advisory_lock_shared", OUTLIVES, "use pg_try_advisory_xact_lock_shared"},
    {"pg_temp", OUTLIVES, "use a common table expression, or a permanent table"},
};

/* Pragmas that are allowed. These pragmas change nothing, even if they have an argument. */
static const char *const allowed_pragmas[] = {
    "table_info",  "table_xinfo",   "table_list",       "index_list",        "index_info",
    "index_xinfo", "page_count",    "foreign_key_list", "foreign_key_check", "integrity_check",
    "quick_check", "database_list", "collation_list",   "compile_options",
};

static furrow_status refuse(const char *word, const char *why, const char *hint,
                            furrow_error *error)
{
    furrow__fail(error, FURROW_INVALID, "%s in raw SQL %s", word, why);
    furrow__hint(error, "%s", hint);
    return FURROW_INVALID;
}

/* Checks the text after PRAGMA. Only the pragmas in allowed_pragmas are accepted, and only without
 * `= value`. */
static furrow_status judge_pragma(furrow__scanner at, furrow_error *error)
{
    furrow__token name = furrow__scanner_next(&at);
    furrow__token next = furrow__scanner_next(&at);
    if (furrow__token_is(next, '.')) {
        name = furrow__scanner_next(&at);
        next = furrow__scanner_next(&at);
    }
    if (!furrow__token_is(next, '='))
        for (size_t i = 0; i < sizeof allowed_pragmas / sizeof *allowed_pragmas; i++)
            if (furrow__token_is_name(name, allowed_pragmas[i]))
                return FURROW_OK;
    return refuse("PRAGMA", "may change a setting that outlives the statement",
                  "only pragmas that describe or check tables are allowed", error);
}

/* Checks the text after SET. A setting that ends with the transaction is allowed. */
static furrow_status judge_set(furrow__scanner at, furrow_error *error)
{
    furrow__token next = furrow__scanner_next(&at);
    if (furrow__token_is_keyword(next, "LOCAL") || furrow__token_is_keyword(next, "CONSTRAINTS"))
        return FURROW_OK;
    return refuse("SET", OUTLIVES, USE_LOCAL, error);
}

static bool is_temporary(furrow__token token)
{
    return furrow__token_is_keyword(token, "TEMP") || furrow__token_is_keyword(token, "TEMPORARY");
}

static furrow_status refuse_temporary(const char *word, furrow_error *error)
{
    return refuse(word, "would outlive the transaction",
                  "use a common table expression, or a permanent table", error);
}

/* Checks the text after CREATE. Refuses [OR REPLACE] [GLOBAL | LOCAL] TEMP, and objects in SQLite's
 * schema `temp`. */
static furrow_status judge_create(const furrow__dialect *dialect, furrow__scanner at,
                                  furrow_error *error)
{
    furrow__token token = furrow__scanner_next(&at);
    while (furrow__token_is_keyword(token, "OR") || furrow__token_is_keyword(token, "REPLACE") ||
           furrow__token_is_keyword(token, "LOCAL") || furrow__token_is_keyword(token, "GLOBAL"))
        token = furrow__scanner_next(&at);
    if (is_temporary(token))
        return refuse_temporary("CREATE TEMPORARY", error);
    if (dialect->has_schemas)
        return FURROW_OK;
    while (furrow__token_names(token)) {
        furrow__token next = furrow__scanner_next(&at);
        if (furrow__token_is(next, '.') && furrow__token_is_name(token, "temp"))
            return refuse_temporary("CREATE in schema temp", error);
        token = next;
    }
    return FURROW_OK;
}

/* Returns the first keyword of the statement. Parentheses, and EXPLAIN with its options, are
 * skipped. */
static furrow__token leading_word(furrow__scanner *at)
{
    furrow__token token = furrow__scanner_next(at);
    while (furrow__token_is(token, '('))
        token = furrow__scanner_next(at);
    if (!furrow__token_is_keyword(token, "EXPLAIN"))
        return token;
    token = furrow__scanner_next(at);
    if (furrow__token_is(token, '(')) {
        while (token.kind != FURROW__TOKEN_END && !furrow__token_is(token, ')'))
            token = furrow__scanner_next(at);
        token = furrow__scanner_next(at);
    }
    while (furrow__token_is_keyword(token, "ANALYZE") ||
           furrow__token_is_keyword(token, "ANALYSE") ||
           furrow__token_is_keyword(token, "VERBOSE") || furrow__token_is_keyword(token, "QUERY") ||
           furrow__token_is_keyword(token, "PLAN"))
        token = furrow__scanner_next(at);
    return token;
}

static furrow_status judge_leading(const furrow__dialect *dialect, const char *text,
                                   furrow_error *error)
{
    furrow__scanner at = furrow__scanner_begin(text, strlen(text), dialect->syntax);
    furrow__token token = leading_word(&at);
    if (token.kind != FURROW__TOKEN_WORD)
        return FURROW_OK;
    if (furrow__token_is_keyword(token, "PRAGMA"))
        return judge_pragma(at, error);
    if (furrow__token_is_keyword(token, "SET"))
        return judge_set(at, error);
    if (furrow__token_is_keyword(token, "CREATE"))
        return judge_create(dialect, at, error);
    for (size_t i = 0; i < sizeof refused_words / sizeof *refused_words; i++) {
        const refused_word *w = &refused_words[i];
        if (furrow__token_is_keyword(token, w->word))
            return refuse(w->word, w->why, w->hint, error);
    }
    return FURROW_OK;
}

/* Returns whether the last argument of set_config is `true`. The setting then ends with the
 * transaction. */
static bool is_local_setting(furrow__scanner at)
{
    furrow__token last = furrow__scanner_next(&at);
    if (!furrow__token_is(last, '('))
        return true; /* set_config is a name here, not a function call */
    size_t depth = 1;
    for (;;) {
        furrow__token token = furrow__scanner_next(&at);
        if (token.kind == FURROW__TOKEN_END || is_open(token))
            return false;
        if (furrow__token_is(token, '('))
            depth++;
        else if (furrow__token_is(token, ')') && !--depth)
            return furrow__token_is_keyword(last, "TRUE");
        last = token;
    }
}

/* Returns whether ROLLBACK is part of OR ROLLBACK, ON CONFLICT ROLLBACK or RAISE(ROLLBACK. With
 * such a clause, a SQLite statement can end the transaction. */
static bool is_conflict_clause(furrow__token earlier, furrow__token before)
{
    return furrow__token_is_keyword(before, "OR") || furrow__token_is_keyword(before, "CONFLICT") ||
           (furrow__token_is(before, '(') && furrow__token_is_keyword(earlier, "RAISE"));
}

/* A token and the two tokens before it. Their order in the text is `earlier`, `before`, `token`. */
typedef struct word_in_text {
    furrow__token earlier, before, token;
    furrow__scanner after; /* scans the text that follows the token */
} word_in_text;

/* Refuses words that are not allowed anywhere in a statement. */
static furrow_status judge_word(const furrow__dialect *dialect, const word_in_text *word,
                                furrow_error *error)
{
    furrow__token before = word->before, token = word->token;
    if (!furrow__token_names(token))
        return FURROW_OK;
    if (furrow__token_is_keyword(token, "ROLLBACK") && is_conflict_clause(word->earlier, before))
        return refuse("ROLLBACK", ENDS, "use OR ABORT, which undoes only the statement", error);
    if (furrow__token_is_keyword(before, "INTO") && is_temporary(token))
        return refuse_temporary("INTO TEMPORARY", error);
    if (!dialect->has_schemas)
        return FURROW_OK;
    if (furrow__token_is_name(token, "set_config") && !is_local_setting(word->after))
        return refuse("set_config", OUTLIVES, "pass true as the third argument, or use SET LOCAL",
                      error);
    for (size_t i = 0; i < sizeof refused_functions / sizeof *refused_functions; i++) {
        const refused_word *w = &refused_functions[i];
        if (furrow__token_is_name(token, w->word))
            return refuse(w->word, w->why, w->hint, error);
    }
    return FURROW_OK;
}

furrow_status furrow__sql_refuse_control(const furrow__dialect *dialect, const char *text,
                                         furrow_error *error)
{
    furrow_status status = refuse_text(text, error);
    if (status == FURROW_OK)
        status = judge_leading(dialect, text, error);
    if (status != FURROW_OK)
        return status;
    furrow__scanner scanner = furrow__scanner_begin(text, strlen(text), dialect->syntax);
    word_in_text word = {.token = {.kind = FURROW__TOKEN_END}, .after = scanner};
    word.before = word.token;
    while (status == FURROW_OK) {
        word.earlier = word.before;
        word.before = word.token;
        word.token = furrow__scanner_next(&word.after);
        if (word.token.kind == FURROW__TOKEN_END)
            break;
        if (is_open(word.token))
            return refuse_open(word.token, error);
        status = judge_word(dialect, &word, error);
    }
    return status;
}
