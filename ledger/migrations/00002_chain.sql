-- +goose Up
-- Every change is a deed: one record, one link of its book's chain. Transfers made
-- before there were records would have none: no release made such books.
-- +goose StatementBegin
do $$ begin
	if exists (select from ledger_transfer) then
		raise exception 'this database was made by a version before the first release: start with an empty one';
	end if;
end $$;
-- +goose StatementEnd

-- The clock of the books. Tests that play a year put another in its place.
create function ledger_now() returns timestamptz language sql stable as 'select now()';

create table ledger_record (
	customer_no bigint      not null, -- the book; 0 is the company's own
	seq         bigint      not null, -- 1, 2, 3, without a gap
	id          uuid        not null, -- permanent: a deed is done once
	kind        text        not null,
	who         text        not null,
	origin      text        not null,
	approved    text        not null,
	why         text        not null,
	request     bytea       not null, -- SHA-256 of what was asked for
	detail      text        not null, -- what changed, JSON
	occurred_at timestamptz not null,
	recorded_at timestamptz,
	hash        bytea       not null, -- of this link and the one before it
	constraint record_pkey primary key (customer_no, seq),
	constraint record_id_once unique (customer_no, id),
	constraint record_recorded_now check (recorded_at is not null),
	constraint record_hash_whole check (length(hash) = 32 and length(request) = 32)
);

-- The last period that is closed, as 202603. Nothing is posted into it any more.
create table ledger_period (
	one    boolean not null default true,
	closed integer not null,
	constraint period_pkey primary key (one),
	constraint period_one check (one)
);
insert into ledger_period (closed) values (0);

alter table ledger_transfer
	add column seq    bigint not null,
	add column period integer,
	add constraint transfer_period_open check (period is not null),
	alter column recorded_at drop default;

-- What a shift holds is summed from here. Other derived accounts are summed once a day or month.
drop index transfer_by_debit;
create index transfer_into_till on ledger_transfer (debit) where debit like 'till:%';
create index transfer_out_of_till on ledger_transfer (credit) where credit like 'till:%';

-- Nobody pays more debt than there is.
alter table ledger_balance
	add column owing boolean not null,
	add constraint balance_not_overpaid check (not owing or credits_posted + credits_pending - debits_posted <= 0);

-- A seal covers the links that were made since the one before it. Its hash is what is printed.
create table ledger_seal (
	no        bigint      not null,
	sealed_at timestamptz not null,
	links     bigint      not null, -- how many records it covers
	hash      bytea       not null, -- of the seal before it, the time, and its leaves
	constraint seal_pkey primary key (no),
	constraint seal_hash_whole check (length(hash) = 32)
);
create table ledger_leaf (
	customer_no bigint not null,
	seal_no     bigint not null,
	seq         bigint not null, -- the book's last link then
	hash        bytea  not null,
	constraint leaf_pkey primary key (customer_no, seal_no),
	constraint leaf_record_fkey foreign key (customer_no, seq) references ledger_record (customer_no, seq)
);
create index record_recent on ledger_record using brin (recorded_at);

-- +goose StatementBegin
create function ledger_record_never_changed() returns trigger language plpgsql as $$
begin
	raise exception 'the audit record is never changed'
		using errcode = 'restrict_violation', constraint = 'record_never_changed';
end $$;
-- +goose StatementEnd
create trigger record_never_changed before update or delete or truncate on ledger_record
	for each statement execute function ledger_record_never_changed();
create trigger seal_never_changed before update or delete or truncate on ledger_seal
	for each statement execute function ledger_record_never_changed();
create trigger leaf_never_changed before update or delete or truncate on ledger_leaf
	for each statement execute function ledger_record_never_changed();

-- +goose StatementBegin
-- A balance that has no row yet makes the caller come back with one; see append.go.
create function ledger_all_moved(moved bigint, wanted bigint) returns boolean language plpgsql as $$
begin
	if moved <> wanted then
		raise exception 'an account has no row of balances yet'
			using errcode = 'no_data_found', constraint = 'balance_missing';
	end if;
	return true;
end $$;
-- +goose StatementEnd

-- The service works as this role, which owns nothing: it cannot change what was written.
-- +goose StatementBegin
do $$ begin
	create role vendgate_service nologin;
exception
	when duplicate_object or unique_violation then null;
	when insufficient_privilege then
		raise notice 'no right to create the role vendgate_service: let an administrator do it, and grant it to this user';
end $$;
-- +goose StatementEnd
-- +goose StatementBegin
do $$ begin
	if exists (select from pg_roles where rolname = 'vendgate_service') then
		grant select, insert on ledger_transfer, ledger_record, ledger_seal, ledger_leaf to vendgate_service;
		grant select, insert, update on ledger_balance, ledger_period to vendgate_service;
	end if;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table ledger_leaf, ledger_seal, ledger_period, ledger_record;
drop function ledger_record_never_changed(), ledger_all_moved(bigint, bigint), ledger_now();
alter table ledger_balance drop constraint balance_not_overpaid, drop column owing;
drop index transfer_into_till, transfer_out_of_till;
alter table ledger_transfer drop column seq, drop column period, alter column recorded_at set default now();
create index transfer_by_debit on ledger_transfer (debit, commodity);
