/* SPDX-License-Identifier: MIT
 * Models for the tests of queries and checks, written like generated code. One struct has a field
 * of every type, a version column and a touch column. Two other models have a link model between
 * them.
 */
#ifndef SQL_MODELS_H
#define SQL_MODELS_H

#include <furrow/furrow.h>

#include <stddef.h>
#include <stdint.h>

#define COUNT(array) ((uint16_t)(sizeof(array) / sizeof *(array)))
#define FIELD(model_, struct_, index_, type_, field_, ...)                                         \
    {                                                                                              \
        .name = #field_, .field = #field_, .model = &model_, .type = FURROW_TYPE_##type_,          \
        .index = index_, .offset = offsetof(struct struct_, field_),                               \
        .size = sizeof(((struct struct_ *)0)->field_), __VA_ARGS__                                 \
    }

enum hue { HUE_RED = 0, HUE_BLUE = 7 };
struct thing {
    int64_t id;
    const char *title;
    char code[4];
    int16_t small;
    int32_t count;
    bool done;
    float ratio;
    double weight;
    furrow_opt(int32_t) age;
    const char *note;
    furrow_blob picture;
    furrow_time at;
    furrow_date day;
    furrow_uuid serial;
    furrow_decimal price;
    furrow_json extra;
    enum hue hue;
    int64_t version;
    furrow_time seen;
};
static const furrow_enumerator hue_names[] = {{"RED", HUE_RED}, {"BLUE", HUE_BLUE}};
static const furrow_enum hue_enum = {"hue", hue_names, 2};
static const furrow_model thing_model;
static const furrow_column thing_columns[] = {
    FIELD(thing_model, thing, 0, INT64, id,
          .flags = FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED),
    FIELD(thing_model, thing, 1, TEXT, title, .min_length = 2, .max_length = 5),
    FIELD(thing_model, thing, 2, CHARS, code, .flags = 0),
    FIELD(thing_model, thing, 3, INT16, small, .flags = 0),
    FIELD(thing_model, thing, 4, INT32, count, .minimum = 0, .maximum = 100,
          .flags = FURROW_COLUMN_HAS_MIN | FURROW_COLUMN_HAS_MAX),
    FIELD(thing_model, thing, 5, BOOL, done, .flags = 0),
    FIELD(thing_model, thing, 6, FLOAT, ratio, .flags = 0),
    FIELD(thing_model, thing, 7, DOUBLE, weight, .minimum = -1, .flags = FURROW_COLUMN_HAS_MIN),
    {.name = "age",
     .field = "age",
     .model = &thing_model,
     .type = FURROW_TYPE_INT32,
     .index = 8,
     .flags = FURROW_COLUMN_NULLABLE | FURROW_COLUMN_OPT,
     .size = 4,
     .offset = offsetof(struct thing, age.value),
     .has_offset = offsetof(struct thing, age.has)},
    FIELD(thing_model, thing, 9, TEXT, note, .flags = FURROW_COLUMN_NULLABLE),
    FIELD(thing_model, thing, 10, BLOB, picture, .flags = FURROW_COLUMN_NULLABLE),
    FIELD(thing_model, thing, 11, TIME, at, .flags = 0),
    FIELD(thing_model, thing, 12, DATE, day, .flags = 0),
    FIELD(thing_model, thing, 13, UUID, serial, .flags = 0),
    FIELD(thing_model, thing, 14, DECIMAL, price, .precision = 6, .scale = 2),
    FIELD(thing_model, thing, 15, JSON, extra, .flags = FURROW_COLUMN_NULLABLE),
    FIELD(thing_model, thing, 16, ENUM, hue, .enumeration = &hue_enum,
          .flags = FURROW_COLUMN_UNSIGNED),
    FIELD(thing_model, thing, 17, INT64, version, .flags = FURROW_COLUMN_VERSION),
    FIELD(thing_model, thing, 18, TIME, seen, .flags = FURROW_COLUMN_TOUCH),
};
static const uint16_t thing_key[] = {0}, thing_title[] = {1};
static const furrow_index thing_indexes[] = {
    {.name = "things_title_key", .columns = thing_title, .count = 1, .unique = true}};
static const furrow_model thing_model = {
    .format = FURROW_FORMAT_VERSION,
    .name = "thing",
    .table = "things",
    .size = sizeof(struct thing),
    .columns = thing_columns,
    .column_count = COUNT(thing_columns),
    .primary_key = thing_key,
    .primary_key_count = 1,
    .indexes = thing_indexes,
    .index_count = 1,
    .assigned = 0,
    .version = 17,
};
#define ID ((furrow_int64_column){&thing_columns[0]})
#define TITLE ((furrow_text_column){&thing_columns[1]})
#define CODE ((furrow_text_column){&thing_columns[2]})
#define SMALL ((furrow_int16_column){&thing_columns[3]})
#define AMOUNT ((furrow_int32_column){&thing_columns[4]})
#define DONE ((furrow_bool_column){&thing_columns[5]})
#define RATIO ((furrow_float_column){&thing_columns[6]})
#define WEIGHT ((furrow_double_column){&thing_columns[7]})
#define AGE ((furrow_int32_column){&thing_columns[8]})
#define NOTE ((furrow_text_column){&thing_columns[9]})
#define PICTURE ((furrow_blob_column){&thing_columns[10]})
#define AT ((furrow_time_column){&thing_columns[11]})
#define DAY ((furrow_date_column){&thing_columns[12]})
#define SERIAL ((furrow_uuid_column){&thing_columns[13]})
#define PRICE ((furrow_decimal_column){&thing_columns[14]})
#define EXTRA ((furrow_json_column){&thing_columns[15]})
#define HUE ((furrow_enum_column){&thing_columns[16]})
#define VERSION ((furrow_int64_column){&thing_columns[17]})
#define SEEN ((furrow_time_column){&thing_columns[18]})

struct post {
    int64_t id;
    const char *title;
    int64_t parent;
};
struct tag {
    int64_t id;
    const char *name;
};
struct link {
    int64_t post_id, tag_id;
};
static const furrow_model post_model, tag_model, link_model;
static const furrow_column post_columns[] = {
    FIELD(post_model, post, 0, INT64, id, .flags = FURROW_COLUMN_PRIMARY_KEY),
    FIELD(post_model, post, 1, TEXT, title, .flags = FURROW_COLUMN_NULLABLE),
    FIELD(post_model, post, 2, INT64, parent, .flags = FURROW_COLUMN_NULLABLE),
};
static const furrow_column tag_columns[] = {
    FIELD(tag_model, tag, 0, INT64, id, .flags = FURROW_COLUMN_PRIMARY_KEY),
    {.name = "the \"name\"",
     .field = "name",
     .model = &tag_model,
     .type = FURROW_TYPE_TEXT,
     .index = 1,
     .offset = offsetof(struct tag, name)},
};
static const furrow_column link_columns[] = {
    FIELD(link_model, link, 0, INT64, post_id, .flags = FURROW_COLUMN_PRIMARY_KEY),
    FIELD(link_model, link, 1, INT64, tag_id, .flags = FURROW_COLUMN_PRIMARY_KEY),
};
static const uint16_t only_id[] = {0}, only_first[] = {0}, only_second[] = {1}, only_parent[] = {2},
                      link_key[] = {0, 1};
static const furrow_relation post_relations[] = {
    {.field = "tags",
     .model = &post_model,
     .target = &tag_model,
     .link = &link_model,
     .columns = only_id,
     .link_columns = only_first,
     .count = 1,
     .target_columns = only_id,
     .link_target_columns = only_second,
     .link_target_count = 1,
     .kind = FURROW_RELATION_THROUGH},
    {.field = "replies",
     .model = &post_model,
     .target = &post_model,
     .columns = only_id,
     .target_columns = only_parent,
     .count = 1,
     .kind = FURROW_RELATION_TO_MANY,
     .index = 1},
};
#define POST_TAGS ((furrow_relation_ref){&post_relations[0]})
#define POST_REPLIES ((furrow_relation_ref){&post_relations[1]})
#define PLAIN_MODEL(name_, schema_, table_, columns_, key_)                                        \
    {                                                                                              \
        .format = FURROW_FORMAT_VERSION, .name = name_, .schema = schema_, .table = table_,        \
        .columns = columns_, .column_count = COUNT(columns_), .primary_key = key_,                 \
        .primary_key_count = COUNT(key_), .assigned = FURROW_NO_COLUMN,                            \
        .version = FURROW_NO_COLUMN,                                                               \
    }
static const furrow_model post_model = PLAIN_MODEL("post", NULL, "order", post_columns, only_id);
static const furrow_model tag_model = PLAIN_MODEL("tag", "my", "tag", tag_columns, only_id);
static const furrow_model link_model = PLAIN_MODEL("link", NULL, "link", link_columns, link_key);
#define POST_ID ((furrow_int64_column){&post_columns[0]})
#define POST_TITLE ((furrow_text_column){&post_columns[1]})
#define TAG_NAME ((furrow_text_column){&tag_columns[1]})

#endif
