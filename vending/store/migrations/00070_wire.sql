-- +goose Up
-- Which meter is asked over which line, and how.
create table line_meter (
	customer_no bigint  not null,
	meter_no    text    not null,
	protocol    text    not null,
	line        text    not null, -- a serial port, or tcp://host:port
	baud        integer not null,
	parity      text    not null,
	address     text    not null, -- of the meter on its line
	constraint line_meter_pkey primary key (customer_no, meter_no),
	constraint line_meter_fkey foreign key (customer_no, meter_no) references meter (customer_no, no)
);

-- The purchases that the meter has taken, as it counts them; 0: it does not say.
alter table report add column count bigint not null default 0, add constraint report_count_fits check (count >= 0);

-- What a meter said that is not believed before a person has looked at it (RULES D4).
create table report_held (
	customer_no bigint      not null,
	id          uuid        not null,
	meter_no    text        not null,
	meter_time  timestamptz not null,
	source      text        not null,
	loaded      bigint      not null,
	remaining   bigint      not null,
	consumed    bigint      not null,
	resolution  bigint      not null,
	valve_open  boolean     not null,
	battery_low boolean     not null,
	count       bigint      not null,
	register    bigint, -- of meters that count money
	reason      text        not null,
	held_at     timestamptz not null default now(),
	ended       text        not null default '', -- posted or dropped, by the deed that the audit record has
	constraint report_held_pkey primary key (customer_no, id),
	constraint report_held_fkey foreign key (customer_no, meter_no) references meter (customer_no, no),
	constraint report_held_ended_known check (ended in ('', 'posted', 'dropped'))
);
create index report_held_open on report_held (held_at) where ended = '';

-- +goose Down
drop table report_held, line_meter;
alter table report drop column count;
