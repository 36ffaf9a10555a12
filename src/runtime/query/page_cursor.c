/* SPDX-License-Identifier: MIT
 *
 * Cursors as text: base64url (RFC 4648, section 5, without padding) of
 *
 *   version 1 · flags 1 · order 8 · a value for each column of the order · tag 16
 *
 * The numbers are sizes in bytes. `order` identifies the model, the columns and their directions,
 * so that a cursor of another query is rejected. A value consists of its furrow_type and its exact
 * bytes, little-endian. Text and blobs are preceded by their size. An enum is stored as the name of
 * its enumerator. The tag is the SipHash-2-4-128 of all bytes before it, computed with the engine's
 * key. Without the key, a cursor can be neither made nor changed. A cursor is not secret: it
 * contains values of a row, and anyone can decode them.
 */
#include "base/base64.h"
#include "base/siphash.h"
#include "runtime/query/page.h"

enum { CURSOR_VERSION = 1, IS_INCLUSIVE = 1, HEAD_SIZE = 10 };

static void describe_name(furrow__buffer *out, const char *name)
{
    if (name)
        furrow__buffer_add_text(out, name);
    furrow__buffer_add_char(out, '\0');
}

/* Computes the first 8 bytes of a SipHash of the names. */
static bool order_of(furrow_session *s, const furrow__page *page, uint8_t out[8])
{
    furrow__buffer text = {0};
    uint8_t tag[FURROW__SIPHASH_SIZE];
    describe_name(&text, page->model->name);
    describe_name(&text, page->model->schema);
    describe_name(&text, page->model->table);
    for (size_t i = 0; i < page->count; i++) {
        const furrow_ordering *o = &page->order[i];
        furrow__buffer_add_char(&text, o->descending ? '-' : '+');
        describe_name(&text, o->through ? o->through->field : NULL);
        furrow__buffer_add_char(&text, o->column->flags & FURROW_COLUMN_COUNT ? '#' : '.');
        describe_name(&text, o->column->name);
    }
    if (!text.failed)
        furrow__siphash(tag, furrow__engine_cursor_key(s->engine), text.text, text.size);
    if (!text.failed)
        memcpy(out, tag, 8);
    bool fine = !text.failed;
    furrow__buffer_done(&text);
    return fine;
}

static const char *to_text(furrow_arena *arena, const char *bytes, size_t size)
{
    char *text = furrow__arena_aligned(arena, furrow__base64_text_size(size), 1);
    if (text)
        furrow__base64_write(FURROW__BASE64_URL, bytes, size, text);
    return text;
}

static void add_number(furrow__buffer *out, uint64_t number, int size)
{
    for (int i = 0; i < size; i++)
        furrow__buffer_add_char(out, (char)(uint8_t)(number >> (8 * i)));
}

static void add_bytes(furrow__buffer *out, const void *bytes, size_t size)
{
    if (size > FURROW__MAX_CURSOR_SIZE)
        size =
            FURROW__MAX_CURSOR_SIZE; /* the value is too long; the whole cursor is rejected later */
    add_number(out, size, 4);
    if (size)
        furrow__buffer_add(out, bytes, size);
}

/* An enum is stored by its name, as in the database, so that the cursor stays correct if the
 * enumerators of the next version of the program have other values. */
static void add_enum(furrow__buffer *out, const furrow_column *column, int64_t value)
{
    const furrow_enumerator *e = furrow__enumerator_of(column, value);
    furrow__buffer_add_char(out, FURROW_TYPE_TEXT);
    add_bytes(out, e->name, strlen(e->name));
}

static void add_value(furrow__buffer *out, const furrow_column *column, const furrow_value *v)
{
    uint64_t bits;
    if (column->type == FURROW_TYPE_ENUM && v->type == FURROW_TYPE_INT64) {
        add_enum(out, column, v->as.integer);
        return;
    }
    furrow__buffer_add_char(out, (char)v->type);
    switch (v->type) {
    case FURROW_TYPE_NULL:
        return;
    case FURROW_TYPE_TEXT:
        add_bytes(out, v->as.text, strlen(v->as.text));
        return;
    case FURROW_TYPE_BLOB:
        add_bytes(out, v->as.blob.bytes, v->as.blob.size);
        return;
    case FURROW_TYPE_UUID:
        furrow__buffer_add(out, (const char *)v->as.uuid.bytes, sizeof v->as.uuid.bytes);
        return;
    case FURROW_TYPE_DATE:
        add_number(out, (uint32_t)v->as.date.days, 4);
        return;
    case FURROW_TYPE_TIME:
        add_number(out, (uint64_t)v->as.time.us, 8);
        return;
    case FURROW_TYPE_DECIMAL:
        add_number(out, (uint64_t)v->as.decimal.unscaled, 8);
        furrow__buffer_add_char(out, (char)v->as.decimal.scale);
        return;
    case FURROW_TYPE_DOUBLE:
        memcpy(&bits, &v->as.real, sizeof bits);
        add_number(out, bits, 8);
        return;
    default:
        add_number(out, (uint64_t)v->as.integer, 8);
    }
}

/* The bytes that have not been read. */
struct bytes {
    const uint8_t *at;
    size_t size;
};

static bool take(struct bytes *in, size_t size, const uint8_t **out)
{
    if (in->size < size)
        return false;
    *out = in->at;
    in->at += size;
    in->size -= size;
    return true;
}

static bool take_number(struct bytes *in, size_t size, uint64_t *out)
{
    const uint8_t *bytes;
    *out = 0;
    if (!take(in, size, &bytes))
        return false;
    for (size_t i = 0; i < size; i++)
        *out |= (uint64_t)bytes[i] << (8 * i);
    return true;
}

/* Takes a text or a blob, as v->type says, from the input. The arena receives its bytes, followed
 * by a NUL. */
static bool take_bytes(struct bytes *in, furrow_arena *arena, furrow_value *v)
{
    uint64_t size;
    const uint8_t *bytes;
    if (!take_number(in, 4, &size) || !take(in, (size_t)size, &bytes))
        return false;
    char *copy = furrow__arena_text(arena, (const char *)bytes, (size_t)size);
    if (v->type == FURROW_TYPE_TEXT)
        v->as.text = copy;
    else
        v->as.blob = (furrow_blob){copy, (size_t)size};
    return copy != NULL;
}

static bool take_decimal(struct bytes *in, furrow_decimal *out)
{
    uint64_t number;
    const uint8_t *scale;
    if (!take_number(in, 8, &number) || !take(in, 1, &scale))
        return false;
    *out = (furrow_decimal){(int64_t)number, (int8_t)*scale};
    return true;
}

/* Takes a value from the input. A text or a blob is copied to the arena. */
static bool take_value(struct bytes *in, furrow_arena *arena, furrow_value *v)
{
    uint64_t number = 0;
    const uint8_t *bytes = NULL;
    *v = (furrow_value){0};
    if (!take(in, 1, &bytes))
        return false;
    v->type = *bytes;
    switch (v->type) {
    case FURROW_TYPE_NULL:
        return true;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_BLOB:
        return take_bytes(in, arena, v);
    case FURROW_TYPE_UUID:
        if (!take(in, sizeof v->as.uuid.bytes, &bytes))
            return false;
        memcpy(v->as.uuid.bytes, bytes, sizeof v->as.uuid.bytes);
        return true;
    case FURROW_TYPE_DECIMAL:
        return take_decimal(in, &v->as.decimal);
    case FURROW_TYPE_DATE:
        if (!take_number(in, 4, &number))
            return false;
        v->as.date.days = (int32_t)(uint32_t)number;
        return true;
    case FURROW_TYPE_TIME:
    case FURROW_TYPE_DOUBLE:
    case FURROW_TYPE_INT64:
        break;
    default:
        return false;
    }
    if (!take_number(in, 8, &number))
        return false;
    if (v->type == FURROW_TYPE_TIME)
        v->as.time.us = (int64_t)number;
    else if (v->type == FURROW_TYPE_DOUBLE)
        memcpy(&v->as.real, &number, sizeof v->as.real);
    else
        v->as.integer = (int64_t)number;
    return true;
}

furrow_status furrow__page_encode(furrow_session *s, const furrow__page *page,
                                  const furrow_value *position, bool inclusive, const char **out)
{
    furrow__buffer bytes = {0};
    uint8_t order[8] = {0}, tag[FURROW__SIPHASH_SIZE];
    *out = NULL;
    bool fine = order_of(s, page, order);
    furrow__buffer_add_char(&bytes, CURSOR_VERSION);
    furrow__buffer_add_char(&bytes, inclusive ? IS_INCLUSIVE : 0);
    furrow__buffer_add(&bytes, (const char *)order, sizeof order);
    for (size_t i = 0; i < page->count; i++)
        add_value(&bytes, page->order[i].column, &position[i]);
    furrow_status status = FURROW_OK;
    if (fine && !bytes.failed && bytes.size > FURROW__MAX_CURSOR_SIZE - sizeof tag)
        status =
            furrow__session_failf(s, FURROW_INVALID,
                                  "the values that a page of \"%s\" is ordered by are too long "
                                  "for a cursor: more than %d bytes",
                                  page->model->name, FURROW__MAX_CURSOR_SIZE);
    if (!status && fine && !bytes.failed) {
        furrow__siphash(tag, furrow__engine_cursor_key(s->engine), bytes.text, bytes.size);
        furrow__buffer_add(&bytes, (const char *)tag, sizeof tag);
    }
    if (!status && fine && !bytes.failed)
        *out = to_text(&s->arena, bytes.text, bytes.size);
    furrow__buffer_done(&bytes);
    return status ? status : *out ? FURROW_OK : furrow__session_no_memory(s);
}

static furrow_status refuse(furrow_session *s, const furrow__page *page, const char *why)
{
    furrow_error error;
    furrow__fail(&error, FURROW_INVALID, "the cursor of a page of \"%s\" %s", page->model->name,
                 why);
    furrow__hint(&error, "pass a cursor of a furrow_page, unchanged and with the same order");
    return furrow__session_fail(s, &error);
}

/* Compares two tags. Takes the same time wherever the tags differ. */
static bool tags_are_equal(const uint8_t *a, const uint8_t *b)
{
    uint8_t difference = 0;
    for (int i = 0; i < FURROW__SIPHASH_SIZE; i++)
        difference |= (uint8_t)(a[i] ^ b[i]);
    return difference == 0;
}

/* Replaces the name of an enumerator with its value. Returns false if the enum has no such name. */
static bool enum_fits(const furrow_column *column, furrow_value *v)
{
    if (v->type == FURROW_TYPE_NULL)
        return true;
    const furrow_enumerator *e =
        v->type == FURROW_TYPE_TEXT ? furrow__enumerator_named(column, v->as.text) : NULL;
    if (e)
        *v = furrow_value_integer_(e->value);
    return e != NULL;
}

/* Returns whether a column can have this value. */
static bool value_fits(const furrow_column *column, furrow_value *v)
{
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
        return v->type == FURROW_TYPE_INT64 || v->type == FURROW_TYPE_NULL;
    case FURROW_TYPE_ENUM:
        return enum_fits(column, v);
    case FURROW_TYPE_FLOAT:
        return v->type == FURROW_TYPE_DOUBLE || v->type == FURROW_TYPE_NULL;
    case FURROW_TYPE_CHARS:
        return v->type == FURROW_TYPE_TEXT || v->type == FURROW_TYPE_NULL;
    default:
        return v->type == column->type || v->type == FURROW_TYPE_NULL;
    }
}

furrow_status furrow__page_decode(furrow_session *s, furrow__page *page, const char *cursor)
{
    uint8_t tag[FURROW__SIPHASH_SIZE], order[8];
    size_t text_size = strnlen(cursor, FURROW__MAX_CURSOR_SIZE / 3 * 4 + 5), size;
    if (text_size > FURROW__MAX_CURSOR_SIZE / 3 * 4 + 4)
        return refuse(s, page, "is too long");
    uint8_t *bytes = furrow__arena_aligned(&s->scratch, text_size + 1, 1);
    if (!bytes || !order_of(s, page, order))
        return furrow__session_no_memory(s);
    if (!furrow__base64_read(FURROW__BASE64_URL, cursor, text_size, bytes, &size) ||
        size < HEAD_SIZE + sizeof tag)
        return refuse(s, page, "is not a cursor");
    size -= sizeof tag;
    furrow__siphash(tag, furrow__engine_cursor_key(s->engine), bytes, size);
    if (!tags_are_equal(tag, bytes + size))
        return refuse(s, page, "was changed, or made by another engine");
    if (bytes[0] != CURSOR_VERSION)
        return refuse(s, page, "has another version");
    if (memcmp(bytes + 2, order, sizeof order) != 0)
        return refuse(s, page, "was made for another model or order");
    struct bytes in = {bytes + HEAD_SIZE, size - HEAD_SIZE};
    for (size_t i = 0; i < page->count; i++)
        if (!take_value(&in, &s->scratch, &page->position[i]) ||
            !value_fits(page->order[i].column, &page->position[i]))
            return refuse(s, page, "does not match the order");
    if (in.size)
        return refuse(s, page, "does not match the order");
    page->part.position = page->position;
    page->part.inclusive = bytes[1] & IS_INCLUSIVE;
    return FURROW_OK;
}
