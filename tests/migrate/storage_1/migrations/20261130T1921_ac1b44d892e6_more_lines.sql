-- furrow revision ac1b44d892e6
-- parent: 37d0d26a4210
-- message: more lines
-- before: 11da4c676c9ffc51534a26a904ba5aae
-- after: 14658b2615ef385cd4a2a8c94e8acdd4

-- upgrade
ALTER TABLE invoice ALTER COLUMN lines TYPE INTEGER;

-- downgrade
ALTER TABLE invoice ALTER COLUMN lines TYPE SMALLINT;
