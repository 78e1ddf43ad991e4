-- +goose Up
create table tariff (
	code      text   not null,
	commodity text   not null,
	price_fen bigint not null, -- per 1,000 units: per m³ or kWh
	step      bigint not null, -- credit is sold in whole steps
	constraint tariff_pkey primary key (code),
	constraint tariff_price_positive check (price_fen between 1 and 1000000 and step between 1 and 1000000)
);
-- Sold in steps of 0.01 m³, the last digit that a CJ/T 188 gas meter shows.
insert into tariff values ('gas-residential', 'L', 263, 10);

create table customer (
	no        bigint      not null,
	name      text        not null,
	address   text        not null,
	status    text        not null,
	tariff    text        not null,
	opened_at timestamptz not null,
	constraint customer_pkey primary key (no),
	constraint customer_tariff_fkey foreign key (tariff) references tariff (code),
	constraint customer_status_known check (status in
		('registered', 'in_service', 'vacant', 'suspended', 'sealed', 'dismantled', 'closed'))
);

-- The large tables lead every key with the customer number. Who owns a meter or
-- a chip is looked up in a directory of its own, written when it is handed out.
create table meter_owner (
	meter_no    text   not null,
	customer_no bigint not null,
	constraint meter_owner_pkey primary key (meter_no)
);
create table card_owner (
	uid         bytea  not null,
	customer_no bigint not null,
	constraint card_owner_pkey primary key (uid)
);

create table meter (
	customer_no bigint not null,
	no          text   not null,
	commodity   text   not null,
	max_credit  bigint not null,
	constraint meter_pkey primary key (customer_no, no),
	constraint meter_customer_fkey foreign key (customer_no) references customer (no)
);

create table card (
	customer_no bigint      not null,
	no          text        not null,
	uid         bytea       not null,
	meter_no    text        not null,
	state       text        not null,
	key_version smallint    not null,
	issued_at   timestamptz not null,
	constraint card_pkey primary key (customer_no, no),
	constraint card_meter_fkey foreign key (customer_no, meter_no) references meter (customer_no, no),
	constraint card_state_known check (state in ('issuing', 'active', 'lost'))
);
-- One premises, one meter, one card (RULES C1).
create unique index card_one_live_per_meter on card (customer_no, meter_no) where state <> 'lost';
create sequence card_number start 8100000001;

-- What a terminal last read on a card.
create table card_seen (
	customer_no bigint      not null,
	card_no     text        not null,
	generation  bigint      not null,
	count       bigint      not null,
	total       bigint      not null,
	seen_at     timestamptz not null,
	constraint card_seen_pkey primary key (customer_no, card_no),
	constraint card_seen_fkey foreign key (customer_no, card_no) references card (customer_no, no)
);

create table purchase (
	customer_no bigint      not null,
	id          uuid        not null,
	card_no     text        not null,
	meter_no    text        not null,
	count       bigint      not null,
	means       text        not null,
	till        text        not null,
	tariff      text        not null,
	price_fen   bigint      not null, -- as it was, whatever the tariff says later
	step        bigint      not null,
	commodity   text        not null,
	money_fen   bigint      not null,
	cost_fen    bigint      not null,
	credit      bigint      not null,
	total       bigint      not null, -- the card's cumulative credit with this purchase
	state       text        not null,
	attempt     integer     not null, -- who may write it to the card: the last that took it up
	doubt       text        not null default '',
	proof       text        not null default '',
	opened_at   timestamptz not null,
	settled_at  timestamptz,
	constraint purchase_pkey primary key (customer_no, id),
	constraint purchase_card_fkey foreign key (customer_no, card_no) references card (customer_no, no),
	constraint purchase_state_known check (state in ('pending', 'loaded', 'voided')),
	constraint purchase_means_known check (means in ('cash', 'advance')),
	constraint purchase_amounts_fit check (
		money_fen > 0 and cost_fen > 0 and cost_fen <= money_fen and credit > 0 and total >= credit and count > 0),
	constraint purchase_end_known check ((state = 'pending') = (settled_at is null) and (state = 'pending') = (proof = ''))
);
-- The card that is in doubt sells nothing more until someone proves the truth.
create unique index purchase_one_pending_per_card on purchase (customer_no, card_no) where state = 'pending';
-- A purchase count is used once; that of a voided purchase is used again.
create unique index purchase_count_once on purchase (customer_no, meter_no, count) where state <> 'voided';
create index purchase_by_id on purchase (id);
create index purchase_pending on purchase (opened_at) where state = 'pending';

create table report (
	customer_no bigint      not null,
	meter_no    text        not null,
	meter_time  timestamptz not null,
	source      text        not null,
	loaded      bigint      not null,
	remaining   bigint      not null,
	consumed    bigint      not null,
	resolution  bigint      not null,
	valve_open  boolean     not null,
	battery_low boolean     not null,
	recorded_at timestamptz not null default now(),
	-- A report is stored once, however often it is delivered. The registers belong to
	-- its key: a meter whose clock stands still has news all the same.
	constraint report_pkey primary key (customer_no, meter_no, meter_time, source, loaded, consumed),
	constraint report_meter_fkey foreign key (customer_no, meter_no) references meter (customer_no, no),
	constraint report_source_known check (source in ('wire', 'card')),
	constraint report_amounts_fit check (loaded >= 0 and remaining >= 0 and consumed >= 0 and resolution > 0)
);

-- +goose Down
drop table report, purchase, card_seen, card, meter, card_owner, meter_owner, customer, tariff;
drop sequence card_number;
