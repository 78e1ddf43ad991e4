-- +goose Up
create table ledger_transfer (
	customer_no bigint      not null,
	id          uuid        not null,
	kind        text        not null,
	pend_id     uuid,
	debit       text        not null,
	credit      text        not null,
	commodity   text        not null,
	amount      bigint      not null,
	cause       uuid        not null,
	occurred_at timestamptz not null, -- where it happened, by that clock
	recorded_at timestamptz not null default now(), -- periods close on this one
	-- The customer number leads every key: one top-up stays on one shard.
	constraint transfer_pkey primary key (customer_no, id),
	constraint transfer_kind_known check (kind in ('single', 'pend', 'post', 'void')),
	constraint transfer_commodity_known check (commodity in ('CNY', 'L', 'Wh') or kind in ('post', 'void')),
	-- A post or void whose pended transfer does not exist arrives without accounts.
	constraint transfer_pend_known check (kind in ('single', 'pend') or debit <> ''),
	constraint transfer_settles_a_pend check ((kind in ('post', 'void')) = (pend_id is not null)),
	constraint transfer_accounts_charted check (kind in ('post', 'void') or (debit like '_%:_%' and credit like '_%:_%')),
	constraint transfer_two_accounts check (debit <> credit or debit = ''),
	constraint transfer_amount_positive check (amount > 0 or debit = ''),
	constraint transfer_pend_fkey foreign key (customer_no, pend_id) references ledger_transfer (customer_no, id)
);
-- What was pended is posted or voided, and only once.
create unique index transfer_settled_once on ledger_transfer (customer_no, pend_id) where pend_id is not null;
-- Balances of accounts that no customer owns (tills, sold) are summed from here.
create index transfer_by_debit on ledger_transfer (debit, commodity);

create table ledger_balance (
	customer_no     bigint  not null,
	account         text    not null,
	commodity       text    not null,
	bounded         boolean not null,
	debits_posted   bigint  not null,
	credits_posted  bigint  not null,
	debits_pending  bigint  not null,
	credits_pending bigint  not null,
	constraint balance_pkey primary key (customer_no, account, commodity),
	-- Nothing leaves a bounded account that has not come in: no credit that was not paid for.
	constraint balance_not_overdrawn check (not bounded or credits_posted - debits_posted - debits_pending >= 0),
	constraint balance_pending_positive check (debits_pending >= 0 and credits_pending >= 0)
);

-- +goose StatementBegin
create function ledger_never_changed() returns trigger language plpgsql as $$
begin
	raise exception 'transfers are never changed: make a new one'
		using errcode = 'restrict_violation', constraint = 'transfer_never_changed';
end $$;
-- +goose StatementEnd
create trigger transfer_never_changed before update or delete or truncate on ledger_transfer
	for each statement execute function ledger_never_changed();

-- +goose Down
drop table ledger_balance, ledger_transfer;
drop function ledger_never_changed();
