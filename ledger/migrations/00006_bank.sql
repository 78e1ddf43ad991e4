-- +goose Up
-- What went through a bank account or an agent's hands is held against their files.
create index transfer_into_partner on ledger_transfer (debit) where debit like 'bank:%' or debit like 'agent:%';
create index transfer_out_of_partner on ledger_transfer (credit) where credit like 'bank:%' or credit like 'agent:%';

-- +goose Down
drop index transfer_out_of_partner, transfer_into_partner;
