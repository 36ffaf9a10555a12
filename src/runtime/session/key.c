/* SPDX-License-Identifier: MIT
 *
 * Keys in memory: hashes and compares columns of rows. Most keys are one integer. They are hashed
 * and compared directly, without a conversion to furrow_value. */
#include "runtime/session/key.h"
#include "runtime/session/field.h"

static uint64_t hash_bytes(const furrow_value *v)
{
    switch (v->type) {
    case FURROW_TYPE_NULL:
        return 0;
    case FURROW_TYPE_TEXT:
        return furrow__hash(v->as.text, strlen(v->as.text));
    case FURROW_TYPE_BLOB:
        return furrow__hash(v->as.blob.bytes, v->as.blob.size);
    case FURROW_TYPE_UUID:
        return furrow__hash(v->as.uuid.bytes, sizeof v->as.uuid.bytes);
    case FURROW_TYPE_DATE:
        return (uint64_t)v->as.date.days;
    case FURROW_TYPE_DECIMAL:
        return (uint64_t)v->as.decimal.unscaled;
    default:
        return (uint64_t)v->as.integer;
    }
}

static uint64_t mix(uint64_t hash, uint64_t bytes)
{
    hash = (hash ^ bytes) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

uint64_t furrow__value_hash(const furrow_value *value, uint64_t hash)
{
    return mix(hash, hash_bytes(value));
}

bool furrow__values_are_equal(const furrow_value *a, const furrow_value *b)
{
    if (a->type != b->type || a->type == FURROW_TYPE_NULL)
        return false;
    switch (a->type) {
    case FURROW_TYPE_TEXT:
        return strcmp(a->as.text, b->as.text) == 0;
    case FURROW_TYPE_BLOB:
        return a->as.blob.size == b->as.blob.size &&
               (!a->as.blob.size ||
                memcmp(a->as.blob.bytes, b->as.blob.bytes, a->as.blob.size) == 0);
    case FURROW_TYPE_UUID:
        return memcmp(a->as.uuid.bytes, b->as.uuid.bytes, sizeof a->as.uuid.bytes) == 0;
    case FURROW_TYPE_DATE:
        return a->as.date.days == b->as.date.days;
    case FURROW_TYPE_DECIMAL:
        return a->as.decimal.unscaled == b->as.decimal.unscaled;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return a->as.real == b->as.real;
    default:
        return a->as.integer == b->as.integer;
    }
}

/* Reads an integer field. Returns false if the column is not an integer column, or if the field is
 * NULL. */
static inline bool read_integer(const furrow_column *column, const void *row, int64_t *out)
{
    const char *field = (const char *)row + column->offset;
    int32_t small;
    if (column->flags & FURROW_COLUMN_OPT && !((const bool *)row)[column->has_offset])
        return false;
    switch (column->type) {
    case FURROW_TYPE_INT64:
        memcpy(out, field, sizeof *out);
        return true;
    case FURROW_TYPE_INT32:
        memcpy(&small, field, sizeof small);
        *out = small;
        return true;
    default:
        return false;
    }
}

uint64_t furrow__key_hash(const furrow_model *model, const uint16_t *columns, size_t count,
                          const void *row)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t integer;
        if (read_integer(&model->columns[columns[i]], row, &integer)) {
            hash = mix(hash, (uint64_t)integer);
            continue;
        }
        furrow_value v = furrow__row_value(&model->columns[columns[i]], row);
        hash = furrow__value_hash(&v, hash);
    }
    return hash;
}

bool furrow__key_has_null(const furrow_model *model, const uint16_t *columns, size_t count,
                          const void *row)
{
    int64_t integer;
    for (size_t i = 0; i < count; i++)
        if (!read_integer(&model->columns[columns[i]], row, &integer) &&
            furrow__row_value(&model->columns[columns[i]], row).type == FURROW_TYPE_NULL)
            return true;
    return false;
}

bool furrow__keys_are_equal(const furrow__key_columns *a_key, const void *a,
                            const furrow__key_columns *b_key, const void *b)
{
    for (size_t i = 0; i < a_key->count; i++) {
        const furrow_column *a_column = &a_key->model->columns[a_key->columns[i]];
        const furrow_column *b_column = &b_key->model->columns[b_key->columns[i]];
        int64_t a_integer, b_integer;
        if (read_integer(a_column, a, &a_integer) && read_integer(b_column, b, &b_integer)) {
            if (a_integer != b_integer)
                return false;
            continue;
        }
        furrow_value x = furrow__row_value(a_column, a);
        furrow_value y = furrow__row_value(b_column, b);
        if (!furrow__values_are_equal(&x, &y))
            return false;
    }
    return true;
}

bool furrow__field_carry(const furrow_column *to, void *to_row, const furrow_column *from,
                         const void *from_row)
{
    char *field = (char *)to_row + to->offset;
    furrow_value value = furrow__row_value(from, from_row);
    bool fits = value.type != FURROW_TYPE_NULL;
    if (!fits)
        return false;
    if (to->type >= FURROW_TYPE_INT16 && to->type <= FURROW_TYPE_INT64) {
        fits = furrow__field_set_integer(to, to_row, value.as.integer);
    } else if (to->type == FURROW_TYPE_TEXT) {
        memcpy(field, &value.as.text, sizeof value.as.text);
    } else if (to->type == FURROW_TYPE_CHARS) {
        size_t size = strlen(value.as.text) + 1;
        fits = size <= to->size;
        if (fits)
            memcpy(field, value.as.text, size);
    } else {
        fits = to->size == from->size;
        if (fits)
            memcpy(field, (const char *)from_row + from->offset, to->size);
    }
    if (fits && to->flags & FURROW_COLUMN_OPT)
        memcpy((char *)to_row + to->has_offset, &fits, sizeof fits);
    return fits;
}

furrow_status furrow__check_row_key(furrow_session *s, const furrow_model *model, const void *row)
{
    furrow_error error;
    if (!furrow__key_has_null(model, model->primary_key, model->primary_key_count, row))
        return FURROW_OK;
    for (size_t i = 0; i < model->primary_key_count; i++) {
        const furrow_column *column = &model->columns[model->primary_key[i]];
        furrow_value value = furrow__row_value(column, row);
        if (furrow__check_key(column, &value, &error))
            break;
    }
    return furrow__session_fail(s, &error);
}

furrow_value *furrow__key_values(furrow_session *s, size_t count)
{
    return furrow__arena_aligned(&s->scratch, (count + 1) * sizeof(furrow_value),
                                 _Alignof(furrow_value));
}

furrow_status furrow__key_arrays(furrow_session *s, furrow_value *arrays,
                                 const furrow__key_columns *key, void *const *rows, size_t count)
{
    for (size_t i = 0; i < key->count; i++) {
        const furrow_column *c = &key->model->columns[key->columns[i]];
        bool is_chars = c->type == FURROW_TYPE_CHARS;
        size_t bytes, size = is_chars ? sizeof(char *) : c->size;
        char *at = NULL;
        if (furrow__multiply_size(&bytes, count, size))
            at = furrow__arena_aligned(&s->scratch, bytes ? bytes : 1, 16);
        if (!at)
            return furrow__session_no_memory(s);
        arrays[i] = furrow_value_array_(c, at, size, count);
        for (size_t k = 0; k < count; k++, at += size) {
            const char *field = (const char *)rows[k] + c->offset;
            if (is_chars)
                memcpy(at, &field, size);
            else
                memcpy(at, field, size);
        }
    }
    return FURROW_OK;
}

struct furrow__identity_entry {
    const furrow_model *model; /* NULL means an empty entry */
    void *row;
    uint64_t hash;
};

static uint64_t hash_of(const furrow_model *model, uint64_t key_hash)
{
    return key_hash ^ (uint64_t)(uintptr_t)model >> 4;
}

void *furrow__identity_find(const furrow__identity *map, const furrow_model *model,
                            const furrow_model *key_model, const uint16_t *columns,
                            const void *key_row)
{
    size_t count = model->primary_key_count;
    if (!map->count)
        return NULL;
    uint64_t hash = hash_of(model, furrow__key_hash(key_model, columns, count, key_row));
    furrow__key_columns own = {model, model->primary_key, count};
    furrow__key_columns other = {key_model, columns, count};
    for (size_t at = (size_t)hash & (map->capacity - 1); map->entries[at].model;
         at = (at + 1) & (map->capacity - 1)) {
        const struct furrow__identity_entry *e = &map->entries[at];
        if (e->hash == hash && e->model == model &&
            furrow__keys_are_equal(&own, e->row, &other, key_row))
            return e->row;
    }
    return NULL;
}

static void place(struct furrow__identity_entry *entries, size_t capacity,
                  struct furrow__identity_entry entry)
{
    size_t at = (size_t)entry.hash & (capacity - 1);
    while (entries[at].model)
        at = (at + 1) & (capacity - 1);
    entries[at] = entry;
}

static bool grow(furrow__identity *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : 64;
    struct furrow__identity_entry *entries = furrow__allocate_zeroed(capacity, sizeof *entries);
    if (!entries)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].model)
            place(entries, capacity, map->entries[i]);
    furrow__release(map->entries);
    map->entries = entries;
    map->capacity = capacity;
    return true;
}

bool furrow__identity_add(furrow__identity *map, const furrow_model *model, void *row)
{
    if ((map->count + 1) * 2 > map->capacity && !grow(map))
        return false;
    uint64_t key = furrow__key_hash(model, model->primary_key, model->primary_key_count, row);
    place(map->entries, map->capacity,
          (struct furrow__identity_entry){model, row, hash_of(model, key)});
    map->count++;
    return true;
}

void furrow__identity_done(furrow__identity *map)
{
    furrow__release(map->entries);
    *map = (furrow__identity){0};
}
