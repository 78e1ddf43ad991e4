-- +goose Up
-- How the meters of a model are asked, as people describe it. What it says is the gateway's: here it is kept as it was written.
create table meter_model (
	name        text not null,
	description json not null,
	constraint meter_model_pkey primary key (name),
	constraint meter_model_name_fits check (name ~ '^[a-z][a-z0-9-]{0,31}$') -- as in vending.MeterModel
);

-- A meter on a line has a model: one that is described, or built in. Until now it was the one of its protocol, by what it counts.
alter table line_meter add column model text;
update line_meter l set model = case
	when l.protocol = 'cjt188' and m.commodity = 'CNY' then 'cjt188-money'
	when l.protocol = 'cjt188' and m.commodity = 'Wh' then 'cjt188-heat'
	when l.protocol = 'cjt188' then 'cjt188-gas'
	when l.protocol = 'dlt645' and m.commodity = 'CNY' then 'dlt645-money'
	else l.protocol end
from meter m where m.customer_no = l.customer_no and m.no = l.meter_no;
alter table line_meter alter column model set not null, drop column protocol;

-- +goose Down
alter table line_meter add column protocol text;
update line_meter l set protocol = case
	when b.base like 'cjt188-%' then 'cjt188'
	when b.base like 'dlt645-%' then 'dlt645'
	else b.base end
from (select l.customer_no, l.meter_no, coalesce(m.description ->> 'base', l.model) as base
	from line_meter l left join meter_model m on m.name = l.model) b
where b.customer_no = l.customer_no and b.meter_no = l.meter_no;
alter table line_meter alter column protocol set not null, drop column model;
drop table meter_model;
