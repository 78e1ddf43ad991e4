-- +goose Up
alter table tariff
	add column class  text not null default 'residential',
	add column region text not null default '';

-- A version of a price list is written once and never changed.
create table tariff_version (
	code       text        not null,
	valid_from timestamptz not null, -- a midnight in Zone
	body       jsonb       not null, -- a tariff file, see vendgate tariff add --help
	added_at   timestamptz not null default ledger_now(),
	constraint tariff_version_pkey primary key (code, valid_from),
	constraint tariff_version_fkey foreign key (code) references tariff (code)
);
insert into tariff_version (code, valid_from, body)
select code, '2000-01-01 00:00:00+08', jsonb_build_object('code', code, 'class', class, 'from', '2000-01-01', 'commodity', commodity,
	'step', step, 'tiers', jsonb_build_array(jsonb_build_object('from', 0, 'price_fen', price_fen)))
from tariff;
alter table tariff drop column price_fen, drop column step;

-- +goose StatementBegin
create function tariff_version_never_changed() returns trigger language plpgsql as $$
begin
	raise exception 'a version of a price list is never changed';
end $$;
-- +goose StatementEnd
create trigger tariff_version_never_changed before update or delete or truncate on tariff_version
	for each statement execute function tariff_version_never_changed();

alter table customer add column persons integer not null default 0 constraint customer_persons_fit check (persons between 0 and 1000);
alter table purchase add column tariff_from timestamptz not null default '2000-01-01 00:00:00+08'; -- the version that it was sold at

-- What was decided about the credit that was out when a version came into force.
create table price_change (
	code       text        not null,
	valid_from timestamptz not null,
	policy     text        not null,
	id         uuid        not null, -- the deed
	constraint price_change_pkey primary key (code, valid_from),
	constraint price_change_fkey foreign key (code, valid_from) references tariff_version (code, valid_from),
	constraint price_change_policy_known check (policy in ('keep', 'trueup'))
);

-- Up to to_total the credit of a meter stands at the price of this version.
create table price_trueup (
	customer_no bigint      not null,
	meter_no    text        not null,
	code        text        not null,
	valid_from  timestamptz not null,
	to_total    bigint      not null,
	units       bigint      not null,
	fen         bigint      not null, -- above zero: the customer owed it
	cause       uuid        not null, -- the deed
	constraint price_trueup_pkey primary key (customer_no, meter_no, code, valid_from),
	constraint price_trueup_meter_fkey foreign key (customer_no, meter_no) references meter (customer_no, no)
);

-- A new price on its way to a meter that counts money.
create table price_order (
	customer_no  bigint      not null,
	meter_no     text        not null,
	code         text        not null,
	valid_from   timestamptz not null,
	state        text        not null,
	confirmed_at timestamptz,
	constraint price_order_pkey primary key (customer_no, meter_no, code, valid_from),
	constraint price_order_meter_fkey foreign key (customer_no, meter_no) references meter (customer_no, no),
	constraint price_order_state_known check (state in ('scheduled', 'sent', 'confirmed', 'withdrawn')),
	constraint price_order_confirmed check ((state = 'confirmed') = (confirmed_at is not null))
);

-- +goose Down
drop table price_order, price_trueup, price_change;
alter table purchase drop column tariff_from;
alter table customer drop column persons;
alter table tariff add column price_fen bigint, add column step bigint;
update tariff t set price_fen = (v.body -> 'tiers' -> 0 ->> 'price_fen')::bigint, step = (v.body ->> 'step')::bigint
from (select distinct on (code) code, body from tariff_version order by code, valid_from) v where v.code = t.code;
alter table tariff drop column class, drop column region, alter column price_fen set not null, alter column step set not null,
	add constraint tariff_price_positive check (price_fen between 1 and 1000000 and step between 1 and 1000000);
drop table tariff_version;
drop function tariff_version_never_changed();
