-- furrow: allow-dataloss
DROP TABLE x;