CREATE TABLE "person" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    CONSTRAINT "person_name_key" UNIQUE ("name")
) STRICT;
CREATE TABLE "pet" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "person_id" INTEGER NOT NULL,
    CONSTRAINT "pet_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person" ("id") ON DELETE CASCADE,
    CONSTRAINT "pet_kind_enum_check" CHECK ("kind" IN ('CAT', 'DOG'))
) STRICT;
