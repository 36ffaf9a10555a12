CREATE TABLE "todo" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "completed" INTEGER NOT NULL,
    CONSTRAINT "todo_title_max_length_check" CHECK (length("title") <= 200),
    CONSTRAINT "todo_completed_bool_check" CHECK ("completed" IN (0, 1))
) STRICT;
