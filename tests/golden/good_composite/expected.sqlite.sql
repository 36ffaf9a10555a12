CREATE TABLE "house.rooms" (
    "building" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "s" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "title" TEXT,
    CONSTRAINT "rooms_pkey" PRIMARY KEY ("building", "number", "s"),
    CONSTRAINT "rooms_code_title_key" UNIQUE ("code", "title"),
    CONSTRAINT "rooms_building_max_length_check" CHECK (length("building") <= 20),
    CONSTRAINT "rooms_number_width_check" CHECK ("number" BETWEEN -32768 AND 32767),
    CONSTRAINT "rooms_s_date_check" CHECK ("s" BETWEEN '0001-01-01' AND '9999-12-31' AND date("s", '+0 days') IS "s"),
    CONSTRAINT "rooms_code_size_check" CHECK (length(CAST("code" AS BLOB)) <= 7)
) STRICT;
CREATE TABLE "desk" (
    "id" TEXT NOT NULL,
    "building" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "since" TEXT NOT NULL,
    "rank" INTEGER,
    "shelf" TEXT NOT NULL,
    CONSTRAINT "desk_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "desk_building_number_since_fkey" FOREIGN KEY ("building", "number", "since") REFERENCES "house.rooms" ("building", "number", "s") ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "desk_id_uuid_check" CHECK (length(CAST("id" AS BLOB)) = 36 AND "id" GLOB '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    CONSTRAINT "desk_number_width_check" CHECK ("number" BETWEEN -32768 AND 32767),
    CONSTRAINT "desk_since_date_check" CHECK ("since" BETWEEN '0001-01-01' AND '9999-12-31' AND date("since", '+0 days') IS "since"),
    CONSTRAINT "desk_rank_width_check" CHECK ("rank" BETWEEN -2147483648 AND 2147483647),
    CONSTRAINT "desk_shelf_size_check" CHECK (length(CAST("shelf" AS BLOB)) <= 31)
) STRICT;
CREATE INDEX "desk_building_number_idx" ON "desk" ("building", "number" DESC) WHERE "number" > 0 AND "rank" IS NOT NULL;
CREATE INDEX "desk_building_number_2_idx" ON "desk" ("building", "number" DESC);
CREATE TABLE "setting" (
    "name" TEXT NOT NULL,
    "on" INTEGER DEFAULT 1,
    "level" TEXT NOT NULL DEFAULT 'HIGH',
    "extra" TEXT NOT NULL DEFAULT '{"a": "it''s"}',
    "rate" INTEGER NOT NULL,
    "ratio" REAL NOT NULL,
    "low" INTEGER NOT NULL,
    "wide" INTEGER NOT NULL,
    CONSTRAINT "setting_pkey" PRIMARY KEY ("name"),
    CONSTRAINT "setting_on_bool_check" CHECK ("on" IN (0, 1)),
    CONSTRAINT "setting_level_enum_check" CHECK ("level" IN ('LOW', 'HIGH')),
    CONSTRAINT "setting_extra_json_check" CHECK (("extra" IS NULL OR json_valid("extra")) AND instr(CAST("extra" AS BLOB), x'00') = 0),
    CONSTRAINT "setting_rate_range_check" CHECK ("rate" BETWEEN -1500 AND 99125),
    CONSTRAINT "setting_low_range_check" CHECK ("low" BETWEEN -32768 AND 32767),
    CONSTRAINT "setting_wide_range_check" CHECK ("wide" BETWEEN -9223372036854775808 AND 9223372036854775807)
) STRICT;
CREATE TABLE "level_note" (
    "level" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    CONSTRAINT "level_note_pkey" PRIMARY KEY ("level"),
    CONSTRAINT "level_note_level_enum_check" CHECK ("level" IN ('LOW', 'HIGH')),
    CONSTRAINT "level_note_note_size_check" CHECK (length(CAST("note" AS BLOB)) <= 15)
) STRICT;
