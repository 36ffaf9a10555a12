CREATE TABLE "employee" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "manager_id" INTEGER,
    "team_id" INTEGER NOT NULL,
    CONSTRAINT "employee_manager_id_fkey" FOREIGN KEY ("manager_id") REFERENCES "employee" ("id") ON DELETE SET NULL,
    CONSTRAINT "employee_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team" ("id") DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE TABLE "team" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "lead_id" INTEGER,
    CONSTRAINT "team_lead_id_key" UNIQUE ("lead_id"),
    CONSTRAINT "team_lead_id_fkey" FOREIGN KEY ("lead_id") REFERENCES "employee" ("id")
) STRICT;
CREATE TABLE "badge" (
    "employee_id" INTEGER NOT NULL,
    "number" TEXT NOT NULL,
    CONSTRAINT "badge_pkey" PRIMARY KEY ("employee_id"),
    CONSTRAINT "badge_number_key" UNIQUE ("number"),
    CONSTRAINT "badge_employee_id_fkey" FOREIGN KEY ("employee_id") REFERENCES "employee" ("id") ON DELETE CASCADE,
    CONSTRAINT "badge_number_size_check" CHECK (length(CAST("number" AS BLOB)) <= 11)
) STRICT;
CREATE TABLE "friendship" (
    "one_id" INTEGER NOT NULL,
    "other_id" INTEGER NOT NULL,
    CONSTRAINT "friendship_pkey" PRIMARY KEY ("one_id", "other_id"),
    CONSTRAINT "friendship_one_id_fkey" FOREIGN KEY ("one_id") REFERENCES "employee" ("id"),
    CONSTRAINT "friendship_other_id_fkey" FOREIGN KEY ("other_id") REFERENCES "employee" ("id")
) STRICT;
