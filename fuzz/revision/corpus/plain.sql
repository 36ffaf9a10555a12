-- furrow revision aaaaaaaaaaaa
-- parent: none
-- message: m
-- before: 00000000000000000000000000000000
-- after: 00000000000000000000000000000000

-- upgrade
CREATE TABLE t (id BIGINT PRIMARY KEY);

-- downgrade
-- loses: every row of t
-- furrow: allow-data-loss
DROP TABLE t;
