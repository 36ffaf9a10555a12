-- furrow revision 4842d8df6758
-- parent: 1495f3cb1619
-- message: profiles and due dates
-- before: 9920170f7cfba468a74ba1f616b6f130
-- after: de75b10478879125e2b98931729052e0

-- upgrade
ALTER TABLE client ADD COLUMN profile JSON;
ALTER TABLE invoice ADD COLUMN due DATE;
CREATE INDEX invoice_client_id_idx ON invoice (client_id);

-- downgrade
DROP INDEX invoice_client_id_idx;
-- loses: every value of client.profile
ALTER TABLE client DROP COLUMN profile;
-- loses: every value of invoice.due
ALTER TABLE invoice DROP COLUMN due;
