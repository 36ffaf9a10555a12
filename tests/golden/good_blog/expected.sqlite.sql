CREATE TABLE "author" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "age" INTEGER,
    CONSTRAINT "author_email_key" UNIQUE ("email"),
    CONSTRAINT "author_age_check" CHECK ("age" >= 0)
) STRICT;
CREATE INDEX "author_name_idx" ON "author" ("name");
CREATE TABLE "post" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL DEFAULT '',
    "created_at" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    "author_id" INTEGER NOT NULL,
    CONSTRAINT "post_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "author" ("id") ON DELETE CASCADE,
    CONSTRAINT "post_created_at_time_check" CHECK (length(CAST("created_at" AS BLOB)) = 27 AND "created_at" GLOB '????-??-??T??:??:??.?????[0-9]Z' AND "created_at" >= '0001' AND (date("created_at", '+0 days') IS substr("created_at", 1, 10) OR ("created_at" GLOB '*T23:59:59.99[0-9][0-9][0-9][0-9]Z' AND date(substr("created_at", 1, 10), '+0 days') IS substr("created_at", 1, 10))))
) STRICT;
CREATE INDEX "post_author_id_idx" ON "post" ("author_id");
CREATE TABLE "tag" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    CONSTRAINT "tag_name_key" UNIQUE ("name")
) STRICT;
CREATE TABLE "post_tag" (
    "post_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,
    CONSTRAINT "post_tag_pkey" PRIMARY KEY ("post_id", "tag_id"),
    CONSTRAINT "post_tag_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "post" ("id") ON DELETE CASCADE,
    CONSTRAINT "post_tag_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tag" ("id") ON DELETE CASCADE
) STRICT;
