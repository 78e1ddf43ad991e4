-- +goose Up
-- What a bank is asked to withhold from customers who gave it a mandate (RULES B3).
create table withholding (
	id        uuid        not null, -- the deed
	bank      text        not null,
	made_at   timestamptz not null default ledger_now(),
	constraint withholding_pkey primary key (id),
	constraint withholding_bank_fkey foreign key (bank) references partner (account)
);
create table withholding_line (
	customer_no bigint not null,
	id          uuid   not null,
	batch       uuid   not null,
	mandate     text   not null,
	name        text   not null,
	fen         bigint not null,
	state       text   not null,
	reason      text   not null default '', -- why the bank refused
	constraint withholding_line_pkey primary key (customer_no, id),
	constraint withholding_line_customer_fkey foreign key (customer_no) references customer (no),
	constraint withholding_line_amount_fits check (fen > 0),
	constraint withholding_line_state_known check (state in ('asked', 'paid', 'refused'))
);
-- Nobody is asked for the same debt twice.
create unique index withholding_one_asked on withholding_line (customer_no) where state = 'asked';
create index withholding_line_by_batch on withholding_line (batch);
create index withholding_line_by_id on withholding_line (id);

-- +goose Down
drop table withholding_line, withholding;
