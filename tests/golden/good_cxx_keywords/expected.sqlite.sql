CREATE TABLE "lesson" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "class" TEXT NOT NULL,
    "new" INTEGER NOT NULL,
    CONSTRAINT "lesson_new_bool_check" CHECK ("new" IN (0, 1))
) STRICT;
