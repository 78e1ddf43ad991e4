-- +goose Up
-- The close of each month (RULES C6). A month that is running is taken up again where it stopped.
create table month_close (
	period     integer     not null, -- as 202610
	state      text        not null,
	started_at timestamptz not null,
	closed_at  timestamptz,
	meters     bigint      not null default 0,
	measured   bigint      not null default 0,
	estimated  bigint      not null default 0,
	beyond     bigint      not null default 0, -- meters that burnt more than was sold
	gross_fen  bigint      not null default 0,
	vat_fen    bigint      not null default 0,
	constraint month_close_pkey primary key (period),
	constraint month_close_state_known check (state in ('running', 'closed') and (state = 'closed') = (closed_at is not null))
);

-- One meter's month. It has no foreign key to the meter: every line is made from one,
-- and a million checks a month would find nothing.
create table close_line (
	customer_no    bigint  not null,
	meter_no       text    not null,
	period         integer not null,
	class          text    not null, -- where its revenue goes
	commodity      text    not null,
	basis          text    not null,
	read_at        timestamptz, -- the reading behind it, by the meter's clock
	position_from  bigint  not null, -- cumulative, in the meter's unit
	position       bigint  not null,
	sold           bigint  not null, -- all credit ever sold
	used           bigint  not null, -- all that the meter was ever seen to burn
	paid_fen       bigint  not null, -- for all that was sold
	earned_fen     bigint  not null, -- of it, up to position
	earned_vat_fen bigint  not null,
	month_fen      bigint  not null, -- earned, less what the line before had and what was taken back since
	month_vat_fen  bigint  not null,
	constraint close_line_pkey primary key (customer_no, meter_no, period),
	constraint close_line_basis_known check (basis in ('measured', 'estimated', 'none')),
	constraint close_line_left_positive check (earned_fen <= paid_fen)
);
-- Lines are written month by month, so this small index finds a month.
create index close_line_of_period on close_line using brin (period);

-- What was taken back between two closes, because it was given back to the customer: the
-- estimate had it burnt.
create table close_back (
	customer_no bigint  not null,
	meter_no    text    not null,
	id          uuid    not null, -- the deed
	period      integer not null, -- into which it was posted
	gross_fen   bigint  not null, -- below zero
	vat_fen     bigint  not null,
	constraint close_back_pkey primary key (customer_no, meter_no, id)
);

-- The use of a meter is estimated from when it was installed.
alter table meter add column installed_at timestamptz;
update meter m set installed_at = c.opened_at from customer c where c.no = m.customer_no;
alter table meter alter column installed_at set not null, alter column installed_at set default ledger_now();

-- +goose StatementBegin
create function close_line_never_changed() returns trigger language plpgsql as $$
begin
	raise exception 'a closed month is never changed'
		using errcode = 'restrict_violation', constraint = 'close_line_never_changed';
end $$;
-- +goose StatementEnd
create trigger close_line_never_changed before update or delete or truncate on close_line
	for each statement execute function close_line_never_changed();

-- What was recorded in a month counts in it, by the clock of the books.
alter table purchase add column recorded_at timestamptz; -- when the books learned how it ended
update purchase set recorded_at = settled_at where settled_at is not null;
alter table purchase add constraint purchase_end_recorded check ((state = 'pending') = (recorded_at is null));
alter table report alter column recorded_at set default ledger_now();
alter table lot alter column recorded_at set default ledger_now();

-- +goose Down
alter table purchase drop column recorded_at;
alter table report alter column recorded_at set default now();
alter table lot alter column recorded_at set default now();
alter table meter drop column installed_at;
drop table close_back, close_line, month_close;
drop function close_line_never_changed();
