-- +goose Up
create table staff (
	code   text    not null,
	name   text    not null,
	role   text    not null,
	active boolean not null default true,
	constraint staff_pkey primary key (code),
	constraint staff_role_known check (role in ('cashier', 'supervisor', 'finance', 'manager'))
);
insert into staff (code, name, role) values
	('clerk', '收费员', 'cashier'), ('chief', '主任', 'supervisor'), ('finance', '财务', 'finance'), ('manager', '经理', 'manager');

-- A shift is one cashier at one till (RULES B7). It is written till-no, as 1-17.
create table shift (
	till      text        not null,
	no        bigint      not null,
	cashier   text        not null,
	state     text        not null,
	opened_at timestamptz not null,
	constraint shift_pkey primary key (till, no),
	constraint shift_cashier_fkey foreign key (cashier) references staff (code),
	constraint shift_state_known check (state in ('open', 'closing', 'closed'))
);
create unique index shift_one_open_per_till on shift (till) where state <> 'closed';
create unique index shift_one_open_per_cashier on shift (cashier) where state <> 'closed';

alter table purchase
	add column debt_fen    bigint      not null default 0, -- beside money_fen, to pay a debt
	add column used        bigint      not null default 0, -- units of the tier year before it
	add column persons     integer     not null default 0,
	add column months      integer     not null default 0,
	add column vat_bp      integer     not null default 900,
	add column bank        text        not null default '', -- who issued the reference
	add column reference   text        not null default '', -- the number of the cheque, slip or payment
	add column staff       text        not null default '',
	drop constraint purchase_means_known,
	add constraint purchase_means_known check (means in
		('cash', 'cheque', 'bank_card', 'transfer', 'mobile', 'deposit_slip', 'advance')),
	add constraint purchase_debt_fits check (debt_fen >= 0);

-- A loaded purchase is the price lot of the credit between its total before and after.
-- What else changed the money behind a stretch of credit lies over it as a layer.
create table lot (
	customer_no bigint      not null,
	meter_no    text        not null,
	id          uuid        not null,
	from_total  bigint      not null,
	to_total    bigint      not null,
	cost_fen    bigint      not null, -- below zero where money was given back
	vat_bp      integer     not null,
	cause       uuid        not null, -- the deed
	recorded_at timestamptz not null default now(),
	constraint lot_pkey primary key (customer_no, meter_no, id),
	constraint lot_meter_fkey foreign key (customer_no, meter_no) references meter (customer_no, no),
	constraint lot_range_fits check (from_total >= 0 and to_total > from_total)
);

-- Every look-up of a customer's data (RULES B12).
create table look (
	customer_no bigint      not null,
	id          uuid        not null,
	who         text        not null,
	origin      text        not null,
	what        text        not null,
	at          timestamptz not null default now(),
	constraint look_pkey primary key (customer_no, id)
);

-- +goose StatementBegin
do $$ begin
	if exists (select from pg_roles where rolname = 'vendgate_service') then
		grant usage on schema public to vendgate_service;
		grant select, insert, update, delete on tariff, customer, meter_owner, card_owner, meter, card, card_seen, purchase,
			report, staff, shift to vendgate_service;
		grant select, insert on lot, look to vendgate_service;
		grant usage on all sequences in schema public to vendgate_service;
		-- what later migrations make
		alter default privileges in schema public grant select, insert, update, delete on tables to vendgate_service;
		alter default privileges in schema public grant usage on sequences to vendgate_service;
	end if;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table look, lot, shift, staff;
alter table purchase drop column debt_fen, drop column used, drop column persons, drop column months, drop column vat_bp,
	drop column bank, drop column reference, drop column staff;
