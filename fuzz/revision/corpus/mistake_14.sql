-- furrow revision aaaaaaaaaaaa
-- parent: none
-- message: m
-- before: 00000000000000000000000000000000
-- after: 00000000000000000000000000000000
-- upgrade sqlite
-- effect: none
PRAGMA x;
-- upgrade postgresql
-- effect: DROP TABLE x;
DROP TABLE x;
-- downgrade
