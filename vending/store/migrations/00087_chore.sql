-- +goose Up
alter table line_meter add column added_at timestamptz not null default ledger_now();
alter table price_order add column since timestamptz not null default ledger_now(); -- it waits since then

-- How the gateway's last try went at what waits for a meter on a line. What waits is said by the books, not here.
create table meter_chore (
	customer_no bigint      not null,
	meter_no    text        not null,
	kind        text        not null,
	about       text        not null, -- which version of a price list, or which purchase
	tries       integer     not null, -- that failed, in a row
	not_before  timestamptz not null, -- it is left alone until then
	given_up    boolean     not null,
	trouble     jsonb, -- why the last one failed, for people; null where none did
	constraint meter_chore_pkey primary key (customer_no, meter_no, kind),
	constraint meter_chore_meter_fkey foreign key (customer_no, meter_no) references meter (customer_no, no),
	constraint meter_chore_kind_known check (kind in ('price', 'purchase')),
	constraint meter_chore_tries_fit check (tries >= 0)
);

-- +goose Down
drop table meter_chore;
alter table price_order drop column since;
alter table line_meter drop column added_at;
