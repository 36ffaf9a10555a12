-- furrow revision b4f2dff2c623
-- parent: 19421aa470ee
-- message: add phone
-- before: 46d605bca38736880bc77eaaa7cd9bfc
-- after: fbcbcd73fafbe67433979c9f55ca1654
-- storage: 2

-- upgrade
ALTER TABLE contact ADD COLUMN phone VARCHAR(20);

-- downgrade
-- loses: every value of contact.phone
ALTER TABLE contact DROP COLUMN phone;
