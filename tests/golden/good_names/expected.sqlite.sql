CREATE TABLE "select" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "select" TEXT NOT NULL,
    "a ""quoted"" name" TEXT NOT NULL,
    "*/ /* \" INTEGER NOT NULL,
    "what??/" TEXT NOT NULL DEFAULT 'tab	here, "quotes" and é',
    CONSTRAINT "select_a ""quoted"" name_key" UNIQUE ("a ""quoted"" name"),
    CONSTRAINT "select_check" CHECK ("*/ /* \" BETWEEN 1 AND 9),
    CONSTRAINT "select_2_check" CHECK ("id" <> "*/ /* \"),
    CONSTRAINT "select_select_check" CHECK ("select" <> 'from' AND length("select") > 0)
) STRICT;
CREATE INDEX "select_*/ /* \_a ""quoted"" name_idx" ON "select" ("*/ /* \", "a ""quoted"" name");
