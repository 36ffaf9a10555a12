-- furrow revision fde94b155b42
-- parent: ac1b44d892e6
-- message: discounts
-- before: 14658b2615ef385cd4a2a8c94e8acdd4
-- after: 6e5fa168210705b81138f723f0c01726

-- upgrade
ALTER TABLE invoice ADD COLUMN discount REAL DEFAULT 0.1;
ALTER TABLE invoice ADD COLUMN rate DOUBLE PRECISION DEFAULT 0.3;
ALTER TABLE invoice ADD CONSTRAINT invoice_discount_check CHECK (discount < 0.7);

-- downgrade
ALTER TABLE invoice DROP CONSTRAINT invoice_discount_check;
-- loses: every value of invoice.discount
ALTER TABLE invoice DROP COLUMN discount;
-- loses: every value of invoice.rate
ALTER TABLE invoice DROP COLUMN rate;
