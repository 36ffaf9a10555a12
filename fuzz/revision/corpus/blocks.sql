-- furrow revision aaaaaaaaaaaa
-- parent: none
-- message: engines
-- before: 00000000000000000000000000000000
-- after: 00000000000000000000000000000000
-- no-transaction

-- upgrade sqlite
-- effect: CREATE TABLE t (id BIGINT PRIMARY KEY);
-- mine
CREATE TABLE t (id INTEGER PRIMARY KEY); -- a; b
CREATE TRIGGER g AFTER INSERT ON t BEGIN
    SELECT CASE WHEN 1 THEN 2 END;
    SELECT 'x;';
END;
-- upgrade postgresql
-- effect: CREATE TABLE t (id BIGINT PRIMARY KEY);
CREATE TABLE t (id BIGINT PRIMARY KEY);
DO $x$ BEGIN PERFORM 1; END; $x$;
-- upgrade
CREATE INDEX CONCURRENTLY i ON t (id);
-- upgrade sqlite
-- effect: none
PRAGMA x;
-- downgrade
DROP TABLE t;
