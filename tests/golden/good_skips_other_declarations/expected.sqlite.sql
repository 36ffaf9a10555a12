CREATE TABLE "thing" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "a" INTEGER NOT NULL,
    "b" INTEGER NOT NULL,
    "c" TEXT,
    "d" TEXT NOT NULL,
    "e" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    CONSTRAINT "thing_a_bool_check" CHECK ("a" IN (0, 1)),
    CONSTRAINT "thing_b_bool_check" CHECK ("b" IN (0, 1)),
    CONSTRAINT "thing_text_size_check" CHECK (length(CAST("text" AS BLOB)) <= 163)
) STRICT;
CREATE INDEX "thing_b_idx" ON "thing" ("b");
