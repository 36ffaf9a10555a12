CREATE TABLE "account" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "owner" TEXT NOT NULL,
    "cents" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "account_owner_key" UNIQUE ("owner"),
    CONSTRAINT "account_cents_check" CHECK ("cents" >= 0)
) STRICT;
