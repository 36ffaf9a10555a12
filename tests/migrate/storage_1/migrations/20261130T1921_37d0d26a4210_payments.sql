-- furrow revision 37d0d26a4210
-- parent: 4842d8df6758
-- message: payments
-- before: de75b10478879125e2b98931729052e0
-- after: 11da4c676c9ffc51534a26a904ba5aae

-- upgrade
ALTER TABLE invoice RENAME COLUMN created TO made;
ALTER TABLE invoice ADD COLUMN paid TIMESTAMP WITH TIME ZONE;
CREATE INDEX invoice_paid_idx ON invoice (paid);

-- downgrade
ALTER TABLE invoice RENAME COLUMN made TO created;
DROP INDEX invoice_paid_idx;
-- loses: every value of invoice.paid
ALTER TABLE invoice DROP COLUMN paid;
