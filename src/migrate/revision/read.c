/* SPDX-License-Identifier: MIT
 *
 * Reads revision files: the header, sections of furrow DDL, and blocks for one engine.
 * docs/migrations.md describes the format. A file is read line by line. The text between two
 * section lines is either parsed as furrow DDL or split into statements for an engine.
 */
#include <stdio.h>
#include <string.h>

#include "base/siphash.h"
#include "base/text.h"
#include "migrate/revision/change_parts.h"
#include "migrate/revision/revision.h"
#include "scan/statement.h"
#include "schema/name.h"

typedef enum section_kind {
    SECTION_NONE, /* between the header and the first section */
    SECTION_UPGRADE,
    SECTION_DOWNGRADE,
} section_kind;

typedef struct reader {
    furrow__history *history;
    furrow_arena *arena;
    furrow__revision *revision;
    const char *text;
    size_t size;
    furrow__locator locator; /* finds lines and columns in `text` */
    furrow__problem_list *problems;
    furrow_error *error;
    furrow_status status; /* FURROW_OK or FURROW_NOMEM; mistakes are added to `problems` */
    /* The members below describe the current section. */
    section_kind section;
    const furrow__dialect *dialect; /* the engine of the section; NULL if the section is for all
                                       engines */
    size_t section_line;            /* line number of the section's first line */
    size_t start;                   /* offset of the first byte of the section's text */
    bool continues;                 /* whether the block belongs to the same change as the previous
                                       block, which is for another engine */
    bool has[3];                    /* has[kind]: the file has a section of this section_kind */
    const char **squashes;          /* ids of the revisions that this revision squashes */
    size_t squash_capacity;
} reader;

/* A line without its newline. */
typedef struct line {
    const char *text;
    size_t size, number, from, next; /* the line's number, its offset, and the offset of the next
                                        line */
} line;

static void no_memory(reader *r)
{
    if (r->status == FURROW_OK)
        r->status = furrow__fail(r->error, FURROW_NOMEM, "out of memory");
}

/* A part of a line; if the size is 0, only a position. */
typedef struct span {
    size_t line, column, size;
} span;

static void wrong(reader *r, span at, const char *message, const char *hint)
{
    const furrow__problem problem = {
        .place = {.line = (uint32_t)at.line, .column = (uint32_t)at.column},
        .size = (uint32_t)at.size,
        .message = message,
        .hint = hint};
    if (!furrow__problem_add(r->problems, r->arena, &problem))
        no_memory(r);
}

static const char *keep(reader *r, const char *text, size_t size)
{
    const char *copy = furrow__arena_text(r->arena, text, size);
    if (!copy)
        no_memory(r);
    return copy;
}

static bool next_line(const reader *r, line *out)
{
    size_t from = out->next;
    if (from >= r->size)
        return false;
    const char *newline = memchr(r->text + from, '\n', r->size - from);
    size_t end = newline ? (size_t)(newline - r->text) : r->size;
    size_t size = end - from;
    if (size && r->text[from + size - 1] == '\r')
        size--;
    *out = (line){r->text + from, size, out->number + 1, from, newline ? end + 1 : end};
    return true;
}

/* Returns the text after `-- word` and blanks. Returns NULL if the line does not begin with `--
 * word`. */
static const char *value_of(const line *l, const char *word, size_t *size)
{
    size_t length = strlen(word), at = 2;
    if (l->size < 2 || memcmp(l->text, "--", 2) != 0)
        return NULL;
    while (at < l->size && (l->text[at] == ' ' || l->text[at] == '\t'))
        at++;
    if (l->size - at < length || memcmp(l->text + at, word, length) != 0)
        return NULL;
    at += length;
    if (at < l->size && l->text[at] != ' ' && word[length - 1] != ':')
        return NULL;
    while (at < l->size && l->text[at] == ' ')
        at++;
    *size = l->size - at;
    while (*size && (l->text[at + *size - 1] == ' ' || l->text[at + *size - 1] == '\t'))
        --*size;
    return l->text + at;
}

static bool is_hex(const char *text, size_t size, size_t wanted)
{
    for (size_t i = 0; i < size; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    return size == wanted;
}

/* Reads a required line of the header and returns its value. Returns "" if the line is missing. */
static const char *header_line(reader *r, line *l, const char *word, const char *hint, size_t *size)
{
    line before = *l;
    const char *value = next_line(r, l) ? value_of(l, word, size) : NULL;
    char message[80];
    if (value)
        return value;
    snprintf(message, sizeof message, "the header has no line \"-- %s\"", word);
    wrong(r, (span){before.number + 1, 1, l->number == before.number ? 0 : l->size}, message, hint);
    *l = before;
    *size = 0;
    return "";
}

static void read_parents(reader *r, const line *l, const char *text, size_t size)
{
    furrow__revision *revision = r->revision;
    if (size == 4 && memcmp(text, "none", 4) == 0)
        return;
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && text[end] != ',' && text[end] != ' ')
            end++;
        if (!is_hex(text + at, end - at, FURROW__REVISION_ID_SIZE - 1)) {
            wrong(r, (span){l->number, (size_t)(text + at - l->text) + 1, end - at},
                  "a parent is 12 hex digits",
                  "write -- parent: none, or the id of the preceding revision");
            return;
        }
        if (revision->parent_count == FURROW__REVISION_PARENTS) {
            wrong(r, (span){l->number, 1, l->size}, "there are more than 16 parents", NULL);
            return;
        }
        revision->parents[revision->parent_count++] = keep(r, text + at, end - at);
        at = end;
        while (at < size && (text[at] == ',' || text[at] == ' '))
            at++;
    }
    if (!revision->parent_count)
        wrong(r, (span){l->number, 1, l->size}, "the parent is missing",
              "write -- parent: none for a base");
}

static void read_fingerprint(reader *r, line *l, const char *word, const char **out)
{
    static const char hint[] =
        "furrow revision writes it; after an edit, furrow sum --accept updates it";
    size_t size;
    const char *text = header_line(r, l, word, hint, &size);
    if (*text && !is_hex(text, size, FURROW__FINGERPRINT_SIZE - 1))
        wrong(r, (span){l->number, (size_t)(text - l->text) + 1, size},
              "a fingerprint is 32 hex digits", hint);
    *out = keep(r, text, size);
}

static void read_header(reader *r, line *l)
{
    static const char form[] = "a file begins with -- furrow revision ID, -- parent:, -- message:, "
                               "-- before: and -- after:";
    size_t size;
    line first = *l;
    if (!next_line(r, &first) || !value_of(&first, "furrow revision", &size)) {
        wrong(r, (span){1, 1, first.size},
              "this is not a revision file: the first line is not -- furrow revision ID", form);
        return;
    }
    const char *text = header_line(r, l, "furrow revision", form, &size);
    if (*text && !is_hex(text, size, FURROW__REVISION_ID_SIZE - 1))
        wrong(r, (span){l->number, (size_t)(text - l->text) + 1, size}, "an id is 12 hex digits",
              NULL);
    r->revision->id = keep(r, text, size);
    text = header_line(r, l, "parent:", form, &size);
    if (*text)
        read_parents(r, l, text, size);
    text = header_line(r, l, "message:", form, &size);
    if (size > FURROW__MESSAGE_SIZE)
        wrong(r, (span){l->number, 1, l->size}, "a message has at most 200 bytes", NULL);
    r->revision->message = keep(r, text, size);
    read_fingerprint(r, l, "before:", &r->revision->before);
    read_fingerprint(r, l, "after:", &r->revision->after);
}

typedef struct block {
    furrow__change_list effect;
    bool declares_effect, allows_data_loss;
    const char **statements;
    furrow__file_location *places;
    size_t count, capacity;
} block;

/* Reads the lines before the first statement of a block for one engine. They are comments, and can
 * declare the block's effect. */
static void read_effect(reader *r, block *b, line *l, size_t end)
{
    line at = *l;
    while (next_line(r, &at) && at.from < end) {
        size_t size;
        const char *text = value_of(&at, "effect:", &size);
        if (text && !(size == 4 && memcmp(text, "none", 4) == 0)) {
            furrow__file_location place = {.line = (uint32_t)at.number,
                                           .column = (uint32_t)(text - at.text) + 1};
            if (furrow__ddl_parse_all(
                    &b->effect,
                    &(furrow__source_text){.text = text, .size = size, .location = place},
                    r->problems, r->error) == FURROW_NOMEM)
                no_memory(r);
        }
        b->declares_effect |= text != NULL;
        text = value_of(&at, "furrow:", &size);
        b->allows_data_loss |= text && size == 15 && memcmp(text, "allow-data-loss", 15) == 0;
        if (at.size && memcmp(at.text, "--", at.size > 1 ? 2 : 1) != 0)
            return;
        *l = at;
    }
}

/* Reports a statement if it would end the revision's transaction, or if its effect would last
 * beyond the transaction. */
static void refuse_control(reader *r, furrow__file_location place, const char *text, size_t size)
{
    static const char *const keywords[] = {"BEGIN",    "START", "COMMIT",    "END",
                                           "ROLLBACK", "ABORT", "PREPARE",   "ATTACH",
                                           "DETACH",   "COPY",  "SAVEPOINT", "RELEASE"};
    furrow__scanner scanner = furrow__scanner_begin(text, size, furrow__dialect_syntax(r->dialect));
    furrow__token token = furrow__scanner_next(&scanner);
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (furrow__token_is_keyword(token, keywords[i]))
            wrong(r, (span){place.line, place.column, furrow__token_size(token)},
                  "this would end the revision's transaction, or outlive it",
                  "a revision is one transaction, and furrow begins and ends it");
}

/* Skips these keywords, in this order; each may be missing. */
static void skip_keywords(furrow__cursor *at, const char *const *keywords)
{
    for (; *keywords; keywords++)
        if (furrow__token_is_keyword(at->token, *keywords))
            furrow__cursor_next(at);
}

/* Moves to the token after a name such as main."t". Returns the last part of the name, or a token
 * of kind FURROW__TOKEN_END. */
static furrow__token read_name(furrow__cursor *at)
{
    furrow__token last = {.kind = FURROW__TOKEN_END};
    while (furrow__token_names(at->token)) {
        last = at->token;
        furrow__cursor_next(at);
        if (!furrow__token_is(at->token, '.'))
            break;
        furrow__cursor_next(at);
    }
    return last;
}

static const furrow__token no_name = {.kind = FURROW__TOKEN_END};

/* Returns the name in the rest of a statement that begins with CREATE, if it creates a table or a
 * view. */
static furrow__token created_name(furrow__cursor at)
{
    static const char *const before_name[] = {"IF", "NOT", "EXISTS", NULL};
    /* The longest form is CREATE OR REPLACE TEMPORARY RECURSIVE VIEW. */
    for (int words = 0; words < 5 && at.token.kind == FURROW__TOKEN_WORD; words++) {
        bool is_kind = furrow__token_is_keyword(at.token, "TABLE") ||
                       furrow__token_is_keyword(at.token, "VIEW");
        furrow__cursor_next(&at);
        if (is_kind) {
            skip_keywords(&at, before_name);
            return read_name(&at);
        }
    }
    return no_name;
}

/* Returns the new name in the rest of a statement that begins with ALTER, if it renames a table or
 * a view. */
static furrow__token renamed_name(furrow__cursor at)
{
    static const char *const before_name[] = {"MATERIALIZED", "TABLE", "VIEW", "IF",
                                              "EXISTS",       "ONLY",  NULL};
    skip_keywords(&at, before_name);
    read_name(&at);
    if (furrow__token_is(at.token, '*'))
        furrow__cursor_next(&at);
    if (!furrow__token_is_keyword(at.token, "RENAME"))
        return no_name;
    furrow__cursor_next(&at);
    if (!furrow__token_is_keyword(at.token, "TO"))
        return no_name;
    furrow__cursor_next(&at);
    return read_name(&at);
}

static furrow__token new_table_name(furrow__cursor at)
{
    bool creates = furrow__token_is_keyword(at.token, "CREATE");
    if (!creates && !furrow__token_is_keyword(at.token, "ALTER"))
        return no_name;
    furrow__cursor_next(&at);
    return creates ? created_name(at) : renamed_name(at);
}

/* Reports a statement that gives a table the name of one of furrow's own tables. The effect of the
 * block cannot show this, because furrow's own tables are not part of the schema. */
static void refuse_own_table(reader *r, size_t offset, const char *text, size_t size)
{
    furrow__token token =
        new_table_name(furrow__cursor_begin(text, size, furrow__dialect_syntax(r->dialect)));
    if (!furrow__token_names(token))
        return;
    const char *name = furrow__token_copy(token, r->arena);
    if (!name) {
        no_memory(r);
        return;
    }
    if (!furrow__name_is_own_table(name))
        return;
    furrow__file_location place = furrow__locate(&r->locator, offset + token.start);
    wrong(r, (span){place.line, place.column, furrow__token_size(token)},
          "this table name is reserved by furrow", "choose another name");
}

static void add_statement(reader *r, block *b, size_t offset, size_t size)
{
    const char *text = r->text + offset;
    if (b->count == b->capacity) {
        size_t wanted = b->capacity ? b->capacity * 2 : 8;
        const char **statements =
            furrow__arena_aligned(r->arena, wanted * sizeof *statements, _Alignof(char *));
        furrow__file_location *places = furrow__arena_aligned(r->arena, wanted * sizeof *places,
                                                              _Alignof(furrow__file_location));
        if (!statements || !places) {
            no_memory(r);
            return;
        }
        if (b->count) {
            memcpy(statements, b->statements, b->count * sizeof *statements);
            memcpy(places, b->places, b->count * sizeof *places);
        }
        b->statements = statements;
        b->places = places;
        b->capacity = wanted;
    }
    furrow__file_location place = furrow__locate(&r->locator, offset);
    while (size && strchr(" \t\r\n", text[size - 1]))
        size--;
    refuse_control(r, place, text, size);
    refuse_own_table(r, offset, text, size);
    b->places[b->count] = place;
    b->statements[b->count++] = keep(r, text, size);
}

/* Reports a mistake at the beginning of the line that contains the offset. */
static void wrong_line(reader *r, size_t offset, const char *message, const char *hint)
{
    wrong(r, (span){furrow__locate(&r->locator, offset).line, 1, 0}, message, hint);
}

/* Splits the text between two offsets into statements that end with a semicolon. */
static void read_statements(reader *r, block *b, size_t from, size_t end)
{
    uint32_t syntax = furrow__dialect_syntax(r->dialect);
    furrow__scanner scanner = furrow__scanner_begin(r->text + from, end - from, syntax);
    furrow__statement_state statement = {0};
    size_t start = 0;
    while (r->status == FURROW_OK) {
        furrow__token token = furrow__scanner_next(&scanner);
        size_t offset = from + token.start;
        if (token.kind == FURROW__TOKEN_END)
            break;
        if (token.kind == FURROW__TOKEN_OPEN_QUOTE || token.kind == FURROW__TOKEN_OPEN_COMMENT) {
            wrong_line(r, offset, "a quote or comment is not closed", NULL);
            return;
        }
        if (!statement.token_count)
            start = offset;
        if (!furrow__statement_follow(&statement, token, syntax))
            continue;
        if (statement.token_count)
            add_statement(r, b, start, offset - start);
        statement = (furrow__statement_state){0};
    }
    if (statement.token_count && r->status == FURROW_OK)
        wrong_line(r, start, "this statement has no semicolon at its end",
                   "end it with a semicolon");
}

static bool same_effect(reader *r, const furrow__change_list *a, const furrow__change_list *b)
{
    furrow__buffer one = {0}, two = {0};
    for (size_t i = 0; i < a->count; i++)
        furrow__change_write(&one, NULL, &a->items[i]);
    for (size_t i = 0; i < b->count; i++)
        furrow__change_write(&two, NULL, &b->items[i]);
    if (one.failed || two.failed)
        no_memory(r);
    bool same =
        one.size == two.size &&
        (one.size == 0 || (one.text && two.text && memcmp(one.text, two.text, one.size) == 0));
    furrow__buffer_done(&one);
    furrow__buffer_done(&two);
    return same;
}

static void add_engine(reader *r, furrow__change_list *list, const block *b)
{
    furrow__change *last = list->count ? &list->items[list->count - 1] : NULL;
    bool joins = r->continues && last && last->kind == FURROW__ENGINE;
    for (size_t i = 0; joins && i < last->engine_count; i++)
        joins = last->engines[i].dialect != r->dialect;
    if (joins && !same_effect(r, &last->effect, &b->effect)) {
        wrong(r, (span){r->section_line, 1, 0},
              "the effect of this block differs from that of the block before it",
              "the blocks of one step must be for different engines and have the same effect");
        return;
    }
    size_t count = joins ? last->engine_count : 0;
    furrow__engine_text *engines = furrow__arena_aligned(r->arena, (count + 1) * sizeof *engines,
                                                         _Alignof(furrow__engine_text));
    furrow__change *change = joins ? last : furrow__change_add(list, FURROW__ENGINE);
    if (!engines || !change) {
        no_memory(r);
        return;
    }
    if (count)
        memcpy(engines, last->engines, count * sizeof *engines);
    engines[count] = (furrow__engine_text){
        .dialect = r->dialect, .statements = b->statements, .places = b->places, .count = b->count};
    if (!joins) {
        change->place = (furrow__file_location){.line = (uint32_t)r->section_line, .column = 1};
        change->effect = b->effect;
    }
    change->allows_data_loss |= b->allows_data_loss;
    change->engines = engines;
    change->engine_count = count + 1;
}

static void end_section(reader *r, size_t end)
{
    furrow__change_list *list =
        r->section == SECTION_DOWNGRADE ? &r->revision->downgrade : &r->revision->upgrade;
    if (r->status != FURROW_OK)
        return;
    if (r->section == SECTION_NONE) {
        furrow__change_list none = {.arena = r->arena};
        furrow__file_location place = {.line = (uint32_t)r->section_line + 1, .column = 1};
        size_t before = r->problems->count;
        if (furrow__ddl_parse_all(&none,
                                  &(furrow__source_text){.text = r->text + r->start,
                                                         .size = end - r->start,
                                                         .location = place},
                                  r->problems, r->error) == FURROW_NOMEM)
            no_memory(r);
        if (none.count && r->problems->count == before)
            wrong(r, (span){none.items[0].place.line, none.items[0].place.column, 0},
                  "this statement is not in a section",
                  "write the line \"-- upgrade\" above this statement");
    } else if (r->dialect) {
        block b = {.effect = {.arena = r->arena}};
        line at = {.number = r->section_line, .next = r->start};
        size_t problems = r->problems->count;
        read_effect(r, &b, &at, end);
        if (!b.declares_effect)
            wrong(r, (span){r->section_line, 1, 0},
                  "this block does not declare its effect on the schema",
                  "below it, write the line \"-- effect: none\", or \"-- effect:\" followed by a "
                  "statement of furrow DDL");
        read_statements(r, &b, at.next, end);
        if (r->problems->count == problems && r->status == FURROW_OK)
            add_engine(r, list, &b);
    } else {
        furrow__file_location place = {.line = (uint32_t)r->section_line + 1, .column = 1};
        if (furrow__ddl_parse_all(list,
                                  &(furrow__source_text){.text = r->text + r->start,
                                                         .size = end - r->start,
                                                         .location = place},
                                  r->problems, r->error) == FURROW_NOMEM)
            no_memory(r);
    }
}

/* Reads a line that begins a section. Returns false if the line does not begin a section. */
static bool read_head(reader *r, const line *l)
{
    size_t size;
    section_kind kind = SECTION_UPGRADE;
    const char *engine = value_of(l, "upgrade", &size);
    if (!engine) {
        kind = SECTION_DOWNGRADE;
        engine = value_of(l, "downgrade", &size);
    }
    if (!engine)
        return false;
    char name[32] = "";
    if (size < sizeof name)
        memcpy(name, engine, size);
    const furrow__dialect *dialect = size ? furrow__dialect_named(name) : NULL;
    end_section(r, l->from);
    if (size && !dialect)
        wrong(r, (span){l->number, (size_t)(engine - l->text) + 1, size},
              "the name of an engine expected: sqlite or postgresql",
              "if this is a comment, begin it with another word");
    if (kind == SECTION_UPGRADE && r->has[SECTION_DOWNGRADE])
        wrong(r, (span){l->number, 1, l->size}, "the upgrade comes before the downgrade", NULL);
    r->continues = dialect && r->dialect && r->section == kind;
    r->section = kind;
    r->dialect = dialect;
    r->has[kind] = true;
    r->section_line = l->number;
    r->start = l->next;
    return true;
}

/* Reads `-- squashes: id, id, …`. A file can have several such lines. */
static void read_squashes(reader *r, const line *l, const char *text, size_t size)
{
    furrow__revision *revision = r->revision;
    if (r->section != SECTION_NONE || revision->parent_count) {
        wrong(r, (span){l->number, 1, l->size},
              revision->parent_count ? "a revision that squashes others is a base"
                                     : "squashes: must be directly below the header",
              NULL);
        return;
    }
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && text[end] != ',' && text[end] != ' ')
            end++;
        if (!is_hex(text + at, end - at, FURROW__REVISION_ID_SIZE - 1)) {
            wrong(r, (span){l->number, (size_t)(text + at - l->text) + 1, end - at},
                  "an id is 12 hex digits", NULL);
            return;
        }
        const char **more = furrow__arena_room(r->arena, r->squashes, revision->squash_count,
                                               &r->squash_capacity, sizeof *more);
        if (!more) {
            no_memory(r);
            return;
        }
        r->squashes = more;
        more[revision->squash_count++] = keep(r, text + at, end - at);
        revision->squashes = more;
        at = end;
        while (at < size && (text[at] == ',' || text[at] == ' '))
            at++;
    }
}

/* Reads `-- storage: 2`. A file without this line has the first storage version. */
static void read_storage(reader *r, const line *l, const char *text, size_t size)
{
    furrow__revision *revision = r->revision;
    const span whole = {l->number, 1, l->size};
    int storage = size == 1 && *text >= '0' && *text <= '9' ? *text - '0' : 0;
    if (r->section != SECTION_NONE || revision->storage_place.line)
        wrong(r, whole, "storage: must be below the header, and only once", NULL);
    else if (storage <= FURROW__STORAGE_FIRST || storage > FURROW__STORAGE_NEWEST)
        wrong(r, whole, "this storage version is not known to this version of furrow",
              "a newer version of furrow may know it; this version knows storage version 2, and "
              "version 1, which has no line");
    else
        revision->storage = storage;
    revision->storage_place = (furrow__file_location){.line = (uint32_t)l->number, .column = 1};
}

/* Whether a line below the header looks like a header line with a mistake. It would otherwise count
 * as a comment, but is probably a typing error. */
static bool looks_like_header(const line *l)
{
    static const char *const words[] = {"irreversible", "no-transaction", "furrow revision",
                                        "parent:",      "message:",       "before:",
                                        "after:"};
    size_t at = 2, size;
    while (at < l->size && l->text[at] == ' ')
        at++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (l->size < 2 || memcmp(l->text, "--", 2) != 0 || l->size - at < length ||
            memcmp(l->text + at, words[i], length) != 0)
            continue;
        return i > 1 || !value_of(l, words[i], &size);
    }
    return false;
}

static void read_keywords(reader *r, const line *l)
{
    size_t size;
    if (r->section == SECTION_NONE && looks_like_header(l)) {
        wrong(r, (span){l->number, 1, l->size}, "this line is not part of the header",
              "write each line of the header once, in the documented order, and irreversible and "
              "no-transaction alone below it; begin any other comment with another word");
        return;
    }
    const char *text = r->dialect ? NULL : value_of(l, "squashes:", &size);
    if (text) {
        read_squashes(r, l, text, size);
        return;
    }
    text = r->dialect ? NULL : value_of(l, "storage:", &size);
    if (text) {
        read_storage(r, l, text, size);
        return;
    }
    if ((text = value_of(l, "irreversible", &size)) != NULL && !size)
        r->revision->irreversible = true;
    else if (!text && (text = value_of(l, "no-transaction", &size)) != NULL && !size)
        r->revision->no_transaction = true;
    else if (!text && !r->dialect)
        text = value_of(l, "effect:", &size);
    else if (!text || r->dialect)
        return;
    if (!text)
        return;
    if (r->section != SECTION_NONE || size)
        wrong(r, (span){l->number, 1, l->size}, "this word has no meaning here",
              "write irreversible and no-transaction alone, below the header, and effect: in a "
              "block for one engine; begin any other comment with another word");
}

static void check_whole(reader *r, size_t last_line)
{
    const furrow__change_list *lists[] = {&r->revision->upgrade, &r->revision->downgrade};
    if (!r->has[SECTION_UPGRADE])
        wrong(r, (span){last_line, 1, 0}, "the section -- upgrade is missing", NULL);
    if (r->revision->irreversible && r->has[SECTION_DOWNGRADE])
        wrong(r, (span){last_line, 1, 0}, "an irreversible revision has no downgrade", NULL);
    else if (!r->revision->irreversible && r->has[SECTION_UPGRADE] && !r->has[SECTION_DOWNGRADE])
        wrong(r, (span){last_line, 1, 0}, "the section -- downgrade is missing",
              "write it, or -- irreversible below the header");
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (lists[i]->items[j].concurrently && !r->revision->no_transaction)
                wrong(r, (span){lists[i]->items[j].place.line, lists[i]->items[j].place.column, 0},
                      "CONCURRENTLY does not work within a transaction",
                      "write -- no-transaction below the header");
}

/* Copies the text without a byte order mark, and with \n instead of \r\n. Editors and version
 * control can add or remove a byte order mark or a \r, which must not change the hash. */
static void read_text(reader *r, const char *text, size_t size)
{
    bool marked = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    char *out = furrow__arena_aligned(r->arena, size + 1, 1);
    if (!out) {
        no_memory(r);
        return;
    }
    r->text = out;
    r->locator = furrow__locator_begin(out, (furrow__file_location){.line = 1, .column = 1});
    for (size_t i = marked ? 3 : 0; i < size; i++)
        if (text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
            out[r->size++] = text[i];
    out[r->size] = '\0';
    r->revision->text = r->text;
    r->revision->size = r->size;
}

void furrow__revision_hash(char out[FURROW__FINGERPRINT_SIZE], const char *bytes, size_t size)
{
    static const uint8_t key[FURROW__SIPHASH_SIZE];
    uint8_t tag[FURROW__SIPHASH_SIZE];
    furrow__siphash(tag, key, size ? bytes : "", size);
    for (size_t i = 0; i < sizeof tag; i++)
        snprintf(out + 2 * i, 3, "%02x", tag[i]);
}

static void read_file(reader *r)
{
    line l = {0};
    char hash[FURROW__FINGERPRINT_SIZE];
    furrow__revision_hash(hash, r->text, r->size);
    r->revision->hash = keep(r, hash, strlen(hash));
    const char *nul = r->size ? memchr(r->text, '\0', r->size) : NULL;
    if (nul || !furrow__utf8_is_valid(r->text, r->size) || r->size > FURROW__REVISION_FILE_SIZE) {
        wrong(r, (span){1, 1, 0}, "this file is not text, or larger than 16 MiB",
              "save it as UTF-8");
        return;
    }
    read_header(r, &l);
    if (r->problems->count)
        return;
    r->section_line = l.number;
    r->start = l.next;
    while (r->status == FURROW_OK && next_line(r, &l))
        if (!read_head(r, &l))
            read_keywords(r, &l);
    end_section(r, r->size);
    r->revision->upgrade.storage = r->revision->storage;
    r->revision->upgrade.storage_place = r->revision->storage_place;
    if (r->status == FURROW_OK)
        check_whole(r, l.number);
}

static bool add_revision(furrow__history *history, furrow__revision *revision)
{
    furrow__revision **items = furrow__arena_room(history->arena, history->items, history->count,
                                                  &history->capacity, sizeof *items);
    if (!items)
        return false;
    history->items = items;
    history->items[history->count++] = revision;
    return true;
}

furrow_status furrow__history_add_all(furrow__history *history, const furrow__source_text *source,
                                      furrow__problem_list *problems, furrow_error *error)
{
    const char *file = source->location.file;
    furrow__revision *revision =
        furrow__arena_aligned(history->arena, sizeof *revision, _Alignof(furrow__revision));
    reader r = {.history = history,
                .arena = history->arena,
                .revision = revision,
                .problems = problems,
                .error = error};
    problems->count = 0;
    if (!revision || history->count >= FURROW__REVISIONS)
        return furrow__fail(error, FURROW_NOMEM,
                            revision ? "there are too many revisions" : "out of memory");
    *revision = (furrow__revision){.storage = FURROW__STORAGE_FIRST,
                                   .storage_before = FURROW__STORAGE_FIRST,
                                   .upgrade = {.arena = history->arena},
                                   .downgrade = {.arena = history->arena}};
    read_text(&r, source->text, source->size);
    revision->file = keep(&r, file, strlen(file));
    if (r.status == FURROW_OK)
        read_file(&r);
    if (r.status == FURROW_OK && !problems->count && !add_revision(history, revision))
        no_memory(&r);
    if (r.status != FURROW_OK || !problems->count)
        return r.status;
    furrow__fail(error, FURROW_INVALID, "%s", problems->items[0].message);
    if (problems->items[0].hint)
        furrow__hint(error, "%s", problems->items[0].hint);
    return FURROW_INVALID;
}

furrow_status furrow__history_add(furrow__history *history, const furrow__source_text *source,
                                  furrow__file_location *place, furrow_error *error)
{
    furrow__problem_list problems = {.count = 0};
    furrow_status status = furrow__history_add_all(history, source, &problems, error);
    *place = problems.count ? problems.items[0].place : (furrow__file_location){.line = 0};
    return status;
}

static void write_section(furrow__buffer *out, const furrow__change_list *list, const char *section,
                          const furrow__catalog *before)
{
    bool in_block = false;
    furrow__buffer_format(out, "\n-- %s\n", section);
    for (size_t i = 0; i < list->count; i++) {
        const furrow__change *change = &list->items[i];
        if (change->kind == FURROW__ENGINE) {
            furrow__engine_write(out, change, section);
            in_block = true;
            continue;
        }
        if (in_block)
            furrow__buffer_format(out, "-- %s\n", section);
        in_block = false;
        furrow__change_write(out, before, change);
    }
}

void furrow__revision_write(furrow__buffer *out, const furrow__revision *revision,
                            const furrow__catalog *before, const furrow__catalog *after)
{
    furrow__buffer_format(out, "-- furrow revision %s\n-- parent: ", revision->id);
    for (size_t i = 0; i < revision->parent_count; i++)
        furrow__buffer_format(out, "%s%s", i ? ", " : "", revision->parents[i]);
    furrow__buffer_format(out, "%s\n-- message: %s\n-- before: %s\n-- after: %s\n",
                          revision->parent_count ? "" : "none", revision->message, revision->before,
                          revision->after);
    if (revision->storage > FURROW__STORAGE_FIRST)
        furrow__buffer_format(out, "-- storage: %d\n", revision->storage);
    furrow__buffer_add_text(out, revision->irreversible ? "-- irreversible\n" : "");
    furrow__buffer_add_text(out, revision->no_transaction ? "-- no-transaction\n" : "");
    for (size_t i = 0; i < revision->squash_count; i++)
        furrow__buffer_format(out, "%s%s%s", i % 6 == 0 ? "-- squashes: " : "",
                              revision->squashes[i],
                              i % 6 == 5 || i + 1 == revision->squash_count ? "\n" : ", ");
    write_section(out, &revision->upgrade, "upgrade", before);
    if (!revision->irreversible)
        write_section(out, &revision->downgrade, "downgrade", after);
}
