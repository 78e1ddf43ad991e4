-- +goose Up
-- Settings of the company (RULES B2, B11, A7).
create table charge_term (
	kind   text    not null,
	fen    bigint  not null, -- with VAT; 0 where the price is said each time
	vat_bp integer not null,
	constraint charge_term_pkey primary key (kind),
	constraint charge_term_fits check (fen >= 0 and vat_bp between 0 and 9999)
);
insert into charge_term values ('installation', 0, 900), ('repair', 0, 1300), ('meter_replacement', 0, 1300), ('transfer_fee', 0, 600),
	('card_cost', 2000, 1300), ('inspection', 2500, 600), ('late_fee', 0, 900), ('other', 0, 600);

create table life_rule (
	name  text   not null,
	value bigint not null,
	constraint life_rule_pkey primary key (name),
	constraint life_rule_fits check (value >= 0)
);
insert into life_rule values ('due_days', 15), ('late_bp', 50), ('late_cap_bp', 10000), ('stop_days', 15), ('late_fee_first', 0),
	('swap_frozen_from', 25), ('debt_share_bp', 0), ('debt_share_min_left_fen', 0), ('refund_eyes_fen', 50000);

-- What a customer was charged for on account. What was paid of it follows from the
-- ledger: arrears says up to which link of the book it has been worked out.
create table charge (
	customer_no  bigint      not null,
	id           uuid        not null, -- the deed
	kind         text        not null,
	note         text        not null,
	vat_bp       integer     not null,
	raised_at    timestamptz not null,
	due          date        not null,
	amount_fen   bigint      not null,
	paid_fen     bigint      not null default 0,
	fee_fen      bigint      not null default 0,
	fee_paid_fen bigint      not null default 0,
	accrued      bigint      not null default 0, -- fen × basis points
	through      date        not null,
	constraint charge_pkey primary key (customer_no, id),
	constraint charge_customer_fkey foreign key (customer_no) references customer (no),
	constraint charge_amounts_fit check (amount_fen > 0 and paid_fen between 0 and amount_fen
		and fee_fen >= 0 and fee_paid_fen between 0 and fee_fen and accrued >= 0)
);
create index charge_open on charge (customer_no, due) where paid_fen < amount_fen or fee_paid_fen < fee_fen;
create table arrears (
	customer_no bigint not null,
	seq         bigint not null,
	constraint arrears_pkey primary key (customer_no)
);

-- Identity papers: kind and last characters only (RULES B12).
alter table customer
	add column papers      text not null default '',
	add column papers_tail text not null default '',
	add column contract    text not null default '',
	add column mandate     text not null default '', -- number of the bank's withholding mandate
	drop constraint customer_status_known,
	add constraint customer_status_known check (status in
		('registered', 'awaiting_ignition', 'in_service', 'vacant', 'suspended', 'sealed', 'dismantled', 'closed')),
	add constraint customer_papers_short check (length(papers_tail) <= 4);

alter table meter
	add column base_total    bigint not null default 0, -- cumulative credit that it began with
	add column base_register bigint not null default 0, -- of its mechanical register, when it was installed
	add column removed_at    timestamptz;

alter table report
	drop constraint report_source_known,
	add constraint report_source_known check (source in ('wire', 'card', 'site'));

-- Every step in the life of an account (RULES A1): when, why, who.
create table account_step (
	customer_no bigint      not null,
	id          uuid        not null, -- the deed
	step        text        not null,
	from_status text        not null,
	to_status   text        not null,
	reason      text        not null,
	who         text        not null,
	register    bigint, -- final, where it was read
	at          timestamptz not null,
	constraint account_step_pkey primary key (customer_no, id),
	constraint account_step_fkey foreign key (customer_no) references customer (no)
);

-- A replaced meter: where the old one ended, and what was carried over (RULES A7).
create table meter_swap (
	customer_no    bigint      not null,
	id             uuid        not null, -- the deed
	old_meter      text        not null,
	new_meter      text        not null,
	old_position   bigint      not null, -- all that the old meter consumed
	old_register   bigint      not null,
	new_register   bigint      not null,
	carried        bigint      not null, -- credit
	carried_fen    bigint      not null, -- what it cost
	at             timestamptz not null,
	constraint meter_swap_pkey primary key (customer_no, id),
	constraint meter_swap_old_fkey foreign key (customer_no, old_meter) references meter (customer_no, no),
	constraint meter_swap_new_fkey foreign key (customer_no, new_meter) references meter (customer_no, no)
);

-- +goose Down
drop table meter_swap, account_step, arrears, charge, life_rule, charge_term;
alter table meter drop column base_total, drop column base_register, drop column removed_at;
alter table customer drop column papers, drop column papers_tail, drop column contract, drop column mandate;
