-- +goose Up
alter table shift
	add column float_fen    bigint not null default 0,
	add column opened_by    uuid, -- the deed
	add column counted      jsonb  not null default '{}', -- pieces by denomination in fen
	add column expected_fen bigint not null default 0,
	add column counted_fen  bigint not null default 0,
	add column counts       integer not null default 0, -- how often the drawer was counted
	add column bank_fen     bigint not null default 0,
	add column bank         text   not null default '',
	add column safe         text   not null default '',
	add column reason       text   not null default '',
	add column approved     text   not null default '',
	add column closed_at    timestamptz,
	add constraint shift_end_known check ((state = 'closed') = (closed_at is not null)),
	add constraint shift_amounts_fit check (float_fen >= 0 and bank_fen >= 0 and counted_fen >= bank_fen),
	-- A difference is never hidden (RULES B7).
	add constraint shift_difference_explained check (counted_fen = expected_fen or reason <> '');
create unique index shift_opened_by on shift (opened_by);
create index shift_by_time on shift (opened_at);

create table handover (
	till     text        not null,
	no       bigint      not null,
	giver    text        not null,
	taker    text        not null,
	at       timestamptz not null,
	matters  jsonb       not null,
	constraint handover_pkey primary key (till, no),
	constraint handover_shift_fkey foreign key (till, no) references shift (till, no),
	constraint handover_two_people check (giver <> taker)
);

create table day (
	date      date        not null,
	state     text        not null,
	closed_at timestamptz not null,
	closed_by text        not null,
	matters   jsonb       not null, -- what was open when it was closed
	head      bytea       not null,
	constraint day_pkey primary key (date),
	constraint day_state_known check (state = 'closed')
);

-- A directory, as card_owner: who used up a reference of a bank (RULES B4).
create table payment_reference (
	reference   text        not null,
	bank        text        not null,
	customer_no bigint      not null,
	cause       uuid        not null,
	used_at     timestamptz not null,
	constraint payment_reference_pkey primary key (reference, bank)
);

create table invoice_book (
	code         text        not null,
	first        bigint      not null,
	last         bigint      not null,
	next         bigint      not null,
	type         text        not null,
	settled      text        not null,
	holder       text        not null,
	state        text        not null,
	drawn_at     timestamptz not null,
	drawn_by     text        not null,
	handed_in_at timestamptz,
	spoiled      bigint      not null default 0,
	constraint invoice_book_pkey primary key (code, first),
	constraint invoice_book_type_known check (type in ('vat', 'ordinary')),
	constraint invoice_book_settled_known check (settled in ('cash', 'cheque')),
	constraint invoice_book_state_known check (state in ('in_use', 'handed_in')),
	-- No negative stock: not more numbers are given away than there are.
	constraint invoice_book_stock check (first > 0 and last >= first and next between first and last + 1),
	constraint invoice_book_end_known check ((state = 'handed_in') = (handed_in_at is not null)),
	constraint invoice_book_complete check (state = 'in_use' or spoiled = last + 1 - next)
);

create table invoice (
	customer_no  bigint      not null,
	code         text        not null,
	number       bigint      not null,
	id           uuid        not null, -- the deed that issued it
	type         text        not null,
	settled      text        not null,
	state        text        not null,
	buyer        jsonb       not null,
	total_fen    bigint      not null,
	vat_fen      bigint      not null,
	issued_at    timestamptz not null,
	period       integer     not null, -- month in which it counts
	staff        text        not null,
	red_code     text        not null default '', -- of a red one: what it takes back
	red_number   bigint      not null default 0,
	ended_code   text        not null default '', -- of a reversed one: the red one
	ended_number bigint      not null default 0,
	reason       text        not null default '',
	copies       integer     not null default 0, -- of a voided one, kept
	reprints     integer     not null default 0,
	constraint invoice_pkey primary key (customer_no, code, number),
	constraint invoice_id_once unique (customer_no, id),
	constraint invoice_state_known check (state in ('issued', 'voided', 'reversed')),
	constraint invoice_void_complete check (state <> 'voided' or (copies > 0 and reason <> '')),
	constraint invoice_red_refers check ((red_code <> '') = (total_fen < 0) and (ended_code <> '') = (state = 'reversed'))
);
-- Whose a number is. It is given away once because its book's row is held until the invoice commits.
create index invoice_by_number on invoice (code, number);
create index invoice_by_period on invoice (period);

create table invoice_line (
	customer_no bigint  not null,
	code        text    not null,
	number      bigint  not null,
	line        integer not null,
	cause       uuid    not null,
	slip        text    not null,
	what        text    not null,
	quantity    bigint  not null,
	commodity   text    not null,
	total_fen   bigint  not null,
	vat_bp      integer not null,
	vat_fen     bigint  not null,
	constraint invoice_line_pkey primary key (customer_no, code, number, line),
	constraint invoice_line_invoice_fkey foreign key (customer_no, code, number) references invoice (customer_no, code, number)
);

-- What happened to a slip after the sale. Its number is derived from the sale, so there is no counter that all sales share.
create table slip (
	customer_no    bigint  not null,
	cause          uuid    not null,
	invoice_code   text    not null default '', -- empty: not exchanged
	invoice_number bigint  not null default 0,
	reprints       integer not null default 0,
	constraint slip_pkey primary key (customer_no, cause)
);

-- How a charge was paid at once; empty where it was charged on account.
alter table charge add column means text not null default '';

-- +goose Down
alter table charge drop column means;
drop table slip, invoice_line, invoice, invoice_book, payment_reference, day, handover;
drop index shift_opened_by, shift_by_time;
alter table shift drop column float_fen, drop column opened_by, drop column counted, drop column expected_fen, drop column counted_fen, drop column counts,
	drop column bank_fen, drop column bank, drop column safe, drop column reason, drop column approved, drop column closed_at;
