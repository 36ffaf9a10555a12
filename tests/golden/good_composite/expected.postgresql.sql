CREATE SCHEMA IF NOT EXISTS "house";
CREATE TABLE "house"."rooms" (
    "building" TEXT COLLATE "C" NOT NULL,
    "number" SMALLINT NOT NULL,
    "s" DATE NOT NULL,
    "code" TEXT COLLATE "C" NOT NULL,
    "title" TEXT COLLATE "C",
    CONSTRAINT "rooms_pkey" PRIMARY KEY ("building", "number", "s"),
    CONSTRAINT "rooms_code_title_key" UNIQUE ("code", "title"),
    CONSTRAINT "rooms_building_max_length_check" CHECK (char_length("building") <= 20),
    CONSTRAINT "rooms_code_size_check" CHECK (octet_length("code") <= 7)
);
CREATE TABLE "desk" (
    "id" UUID NOT NULL,
    "building" TEXT COLLATE "C" NOT NULL,
    "number" SMALLINT NOT NULL,
    "since" DATE NOT NULL,
    "rank" INTEGER,
    "shelf" TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "desk_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "desk_building_number_since_fkey" FOREIGN KEY ("building", "number", "since") REFERENCES "house"."rooms" ("building", "number", "s") ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "desk_shelf_size_check" CHECK (octet_length("shelf") <= 31)
);
CREATE INDEX "desk_building_number_idx" ON "desk" ("building", "number" DESC) WHERE "number" > 0 AND "rank" IS NOT NULL;
CREATE INDEX "desk_building_number_2_idx" ON "desk" ("building", "number" DESC);
CREATE TABLE "setting" (
    "name" TEXT COLLATE "C" NOT NULL,
    "on" BOOLEAN DEFAULT TRUE,
    "level" TEXT COLLATE "C" NOT NULL DEFAULT 'HIGH',
    "extra" JSONB NOT NULL DEFAULT '{"a": "it''s"}',
    "rate" NUMERIC(6, 3) NOT NULL,
    "ratio" REAL NOT NULL,
    "low" SMALLINT NOT NULL,
    "wide" BIGINT NOT NULL,
    CONSTRAINT "setting_pkey" PRIMARY KEY ("name"),
    CONSTRAINT "setting_level_enum_check" CHECK ("level" IN ('LOW', 'HIGH')),
    CONSTRAINT "setting_rate_range_check" CHECK ("rate" BETWEEN -1.500 AND 99.125),
    CONSTRAINT "setting_ratio_nan_check" CHECK ("ratio" <> 'NaN'),
    CONSTRAINT "setting_low_range_check" CHECK ("low" BETWEEN -32768 AND 32767),
    CONSTRAINT "setting_wide_range_check" CHECK ("wide" BETWEEN -9223372036854775808 AND 9223372036854775807)
);
CREATE TABLE "level_note" (
    "level" TEXT COLLATE "C" NOT NULL,
    "note" TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "level_note_pkey" PRIMARY KEY ("level"),
    CONSTRAINT "level_note_level_enum_check" CHECK ("level" IN ('LOW', 'HIGH')),
    CONSTRAINT "level_note_note_size_check" CHECK (octet_length("note") <= 15)
);
