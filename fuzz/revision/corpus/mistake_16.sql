-- furrow revision aaaaaaaaaaaa
-- parent: none
-- message: m
-- before: 00000000000000000000000000000000
-- after: 00000000000000000000000000000000
-- upgrade
DROP INDEX CONCURRENTLY i;
-- downgrade
