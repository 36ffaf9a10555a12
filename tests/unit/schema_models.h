/* SPDX-License-Identifier: MIT
 * Models for the tests of expressions and DDL, written like generated code: a table with a column
 * of every type, references that form a cycle, and names that need quotes. */
#ifndef SCHEMA_MODELS_H
#define SCHEMA_MODELS_H

#include <furrow/furrow.h>

#define COUNT(array) ((uint16_t)(sizeof(array) / sizeof *(array)))
#define COLUMN(model_, index_, name_, type_, ...)                                                  \
    {                                                                                              \
        .name = name_, .field = name_, .model = &model_, .type = FURROW_TYPE_##type_,              \
        .index = index_, __VA_ARGS__                                                               \
    }

static const furrow_enumerator colour_names[] = {{"RED", 0}, {"GREEN", 1}, {"BLUE", 2}};
static const furrow_enum colour = {"colour", colour_names, 3};
static const furrow_model item;
static const furrow_column item_columns[] = {
    COLUMN(item, 0, "id", INT64, .flags = FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED),
    COLUMN(item, 1, "code", TEXT, .max_length = 20, .min_length = 1, .pattern = "^[A-Z]+$"),
    COLUMN(item, 2, "shelf", CHARS, .size = 8, .default_ = "''"),
    COLUMN(item, 3, "count", INT32, .size = 4, .minimum = 0, .maximum = 1000000,
           .flags = FURROW_COLUMN_HAS_MIN | FURROW_COLUMN_HAS_MAX),
    COLUMN(item, 4, "weight", DOUBLE, .size = 8, .minimum = -5, .flags = FURROW_COLUMN_HAS_MIN),
    COLUMN(item, 5, "fragile", BOOL, .default_ = "FALSE"),
    COLUMN(item, 6, "colour", ENUM, .enumeration = &colour, .default_ = "RED"),
    COLUMN(item, 7, "lid", ENUM, .enumeration = &colour, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(item, 8, "note", TEXT, .flags = FURROW_COLUMN_NULLABLE, .check = "note <> ''"),
    COLUMN(item, 9, "picture", BLOB, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(item, 10, "price", DECIMAL, .precision = 12, .scale = 2, .maximum = 100050,
           .flags = FURROW_COLUMN_HAS_MAX, .default_ = "1.5"),
    COLUMN(item, 11, "bought", DATE, .default_ = "now"),
    COLUMN(item, 12, "serial", UUID, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(item, 13, "extra", JSON, .default_ = "'{}'"),
    COLUMN(item, 14, "made_at", TIME, .default_ = "now"),
    COLUMN(item, 15, "small", INT16, .size = 2, .default_ = "-7"),
    COLUMN(item, 16, "ratio", FLOAT, .size = 4, .default_ = "0.5"),
    COLUMN(item, 17, "sold_at", TIME, .flags = FURROW_COLUMN_NULLABLE, .default_ = "NULL"),
    COLUMN(item, 18, "cost", DECIMAL, .precision = 18, .scale = 4, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(item, 19, "packed", BOOL, .flags = FURROW_COLUMN_NULLABLE),
};
static const uint16_t item_key[] = {0}, item_code[] = {1}, item_shelf_serial[] = {2, 12},
                      item_colour_price[] = {6, 10}, item_lid_sold[] = {7, 17};
static const bool item_colour_price_desc[] = {false, true}, item_lid_sold_desc[] = {false, true};
static const furrow_index item_indexes[] = {
    {.name = "items_code_key", .columns = item_code, .count = 1, .unique = true},
    {.name = "items_colour_price_idx",
     .columns = item_colour_price,
     .count = 2,
     .descending = item_colour_price_desc},
    {.columns = item_shelf_serial, .count = 2, .unique = true},
    {.columns = item_lid_sold,
     .count = 2,
     .descending = item_lid_sold_desc,
     .unique = true,
     .where = "fragile AND code LIKE 'A*_%'"},
};
static const furrow_check item_checks[] = {
    {.name = "items_check", .expression = "weight >= 0 AND count < 1000001"}};
static const furrow_model item = {
    .format = FURROW_FORMAT_VERSION,
    .name = "item",
    .table = "items",
    .columns = item_columns,
    .column_count = COUNT(item_columns),
    .primary_key = item_key,
    .primary_key_count = 1,
    .indexes = item_indexes,
    .index_count = COUNT(item_indexes),
    .checks = item_checks,
    .check_count = COUNT(item_checks),
    .assigned = 0,
    .version = FURROW_NO_COLUMN,
};

static const furrow_model person, team, line, bystander;
static const uint16_t first[] = {0}, second[] = {1}, third[] = {2}, both[] = {0, 1};

static const furrow_column person_columns[] = {
    COLUMN(person, 0, "id", INT64, .flags = FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED),
    COLUMN(person, 1, "team_id", INT64, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(person, 2, "boss_id", INT64, .flags = FURROW_COLUMN_NULLABLE),
};
static const furrow_foreign_key person_keys[] = {
    {.columns = second,
     .target = &team,
     .target_columns = first,
     .count = 1,
     .on_delete = FURROW_ACTION_SET_NULL,
     .deferrable = true},
    {.columns = third,
     .target = &person,
     .target_columns = first,
     .count = 1,
     .on_delete = FURROW_ACTION_RESTRICT,
     .on_update = FURROW_ACTION_CASCADE},
};
static const furrow_model person = {
    .format = FURROW_FORMAT_VERSION,
    .name = "person",
    .table = "person",
    .columns = person_columns,
    .column_count = COUNT(person_columns),
    .primary_key = first,
    .primary_key_count = 1,
    .foreign_keys = person_keys,
    .foreign_key_count = COUNT(person_keys),
    .assigned = 0,
    .version = FURROW_NO_COLUMN,
};

static const furrow_column team_columns[] = {
    COLUMN(team, 0, "id", INT64, .flags = FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED),
    COLUMN(team, 1, "lead_id", INT64, .size = 8),
};
static const furrow_foreign_key team_keys[] = {{.name = "team_lead_id_fkey",
                                                .columns = second,
                                                .target = &person,
                                                .target_columns = first,
                                                .count = 1}};
static const furrow_model team = {
    .format = FURROW_FORMAT_VERSION,
    .name = "team",
    .schema = "sport",
    .table = "team",
    .columns = team_columns,
    .column_count = COUNT(team_columns),
    .primary_key = first,
    .primary_key_count = 1,
    .foreign_keys = team_keys,
    .foreign_key_count = COUNT(team_keys),
    .assigned = 0,
    .version = FURROW_NO_COLUMN,
};

/* This model refers to a model of the cycle but is not part of the cycle. */
static const furrow_column bystander_columns[] = {
    COLUMN(bystander, 0, "id", UUID, .flags = FURROW_COLUMN_PRIMARY_KEY),
    COLUMN(bystander, 1, "team_id", INT64, .size = 8),
};
static const furrow_foreign_key bystander_keys[] = {
    {.columns = second, .target = &team, .target_columns = first, .count = 1}};
static const furrow_model bystander = {
    .format = FURROW_FORMAT_VERSION,
    .name = "bystander",
    .table = "bystander",
    .columns = bystander_columns,
    .column_count = COUNT(bystander_columns),
    .primary_key = first,
    .primary_key_count = 1,
    .foreign_keys = bystander_keys,
    .foreign_key_count = 1,
    .assigned = FURROW_NO_COLUMN,
    .version = FURROW_NO_COLUMN,
};

static const furrow_model select_, line;
static const furrow_column select_columns[] = {
    COLUMN(select_, 0, "group", TEXT, .flags = FURROW_COLUMN_PRIMARY_KEY,
           .check = "\"group\" <> 'it''s'"),
    COLUMN(select_, 1, "a \"b\" 'c'", INT32, .size = 4, .flags = FURROW_COLUMN_PRIMARY_KEY),
    COLUMN(select_, 2, "x", INT64, .flags = FURROW_COLUMN_HAS_MIN),
    COLUMN(select_, 3, "x_range", INT64, .check = "x_range > 0"),
};
static const furrow_model select_ = {
    .format = FURROW_FORMAT_VERSION,
    .name = "select",
    .table = "order \"select\"",
    .columns = select_columns,
    .column_count = COUNT(select_columns),
    .primary_key = both,
    .primary_key_count = 2,
    .assigned = FURROW_NO_COLUMN,
    .version = FURROW_NO_COLUMN,
};
#define LONG "an_identifier_of_sixty_three_bytes_is_the_longest_that_there_is"
static const furrow_column line_columns[] = {
    COLUMN(line, 0, "group", TEXT, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(line, 1, "b", INT32, .size = 4, .flags = FURROW_COLUMN_NULLABLE),
    COLUMN(line, 2, LONG, INT64, .flags = FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_HAS_MIN),
};
static const furrow_foreign_key line_keys[] = {{.columns = both,
                                                .target = &select_,
                                                .target_columns = both,
                                                .count = 2,
                                                .on_delete = FURROW_ACTION_CASCADE}};
static const furrow_index line_indexes[] = {{.columns = third, .count = 1}};
static const furrow_model line = {
    .format = FURROW_FORMAT_VERSION,
    .name = "line",
    .table = LONG,
    .columns = line_columns,
    .column_count = COUNT(line_columns),
    .primary_key = third,
    .primary_key_count = 1,
    .foreign_keys = line_keys,
    .foreign_key_count = 1,
    .indexes = line_indexes,
    .index_count = 1,
    .assigned = FURROW_NO_COLUMN,
    .version = FURROW_NO_COLUMN,
};

/* Each model is listed before the models that it refers to. Creating the tables in this order would
 * fail. */
static const furrow_model *const every_model[] = {&line, &bystander, &person,
                                                  &team, &select_,   &item};
static const furrow_schema every_schema = {FURROW_FORMAT_VERSION, "every", every_model, 6};

#endif
