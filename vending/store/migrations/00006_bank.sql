-- +goose Up
-- Agents and banks whose files are held against the books (RULES B3).
create table partner (
	account text    not null, -- as agent:post, bank:icbc
	name    text    not null,
	format  text    not null, -- of its text files, see bankfile.Format; empty: camt.053
	constraint partner_pkey primary key (account),
	constraint partner_known check (account like 'agent:_%' or account like 'bank:_%')
);

-- A file is taken once, whatever it is called.
create table bank_file (
	hash        bytea       not null,
	account     text        not null,
	name        text        not null,
	lines       bigint      not null,
	total_fen   bigint      not null,
	wrong       bigint      not null, -- lines that could not be read and were left out
	deed        uuid        not null,
	imported_at timestamptz not null default ledger_now(),
	constraint bank_file_pkey primary key (hash),
	constraint bank_file_partner_fkey foreign key (account) references partner (account)
);

-- What they say. customer_no is 0 where a line names nobody.
create table bank_line (
	customer_no bigint not null,
	id          uuid   not null, -- the same line in another file has the same
	account     text   not null,
	file        bytea  not null,
	line_no     bigint not null,
	day         date   not null,
	card_no     text   not null,
	reference   text   not null,
	fen         bigint not null,
	text        text   not null,
	constraint bank_line_pkey primary key (customer_no, id),
	constraint bank_line_amount_fits check (fen <> 0)
);
create index bank_line_by_id on bank_line (id);
create index bank_line_by_account on bank_line (account, day);

-- A line and the transfer that it says: each of both once.
create table bank_match (
	customer_no    bigint      not null, -- of the line
	line_id        uuid        not null,
	account        text        not null,
	entry_customer bigint      not null,
	entry_id       uuid        not null,
	deed           uuid        not null,
	matched_at     timestamptz not null default ledger_now(),
	constraint bank_match_pkey primary key (customer_no, line_id),
	constraint bank_match_entry_once unique (customer_no, entry_customer, entry_id),
	constraint bank_match_line_fkey foreign key (customer_no, line_id) references bank_line (customer_no, id)
);
create index bank_match_by_entry on bank_match (entry_customer, entry_id);

-- What an agent has collected for us, as it reported at once or by its file.
create table collection (
	customer_no bigint      not null,
	id          uuid        not null, -- the deed; its transfer follows from it
	agent       text        not null,
	reference   text        not null,
	day         date        not null,
	fen         bigint      not null,
	recorded_at timestamptz not null default ledger_now(),
	constraint collection_pkey primary key (customer_no, id),
	constraint collection_once unique (customer_no, agent, reference),
	constraint collection_customer_fkey foreign key (customer_no) references customer (no),
	constraint collection_amount_fits check (fen > 0 and reference <> '')
);
create index collection_by_agent on collection (agent, day);

-- +goose Down
drop table collection, bank_match, bank_line, bank_file, partner;
