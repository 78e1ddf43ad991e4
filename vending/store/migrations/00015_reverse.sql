-- +goose Up
-- A purchase may be taken back while its credit is on the card: by another one, with
-- the same figures below zero. When it is done each knows when its other half was
-- recorded; where both were before a moment, neither counts at it.
alter table purchase
	add column reverses  uuid,
	add column undone_at timestamptz,
	drop constraint purchase_amounts_fit,
	add constraint purchase_amounts_fit check (count > 0 and case when reverses is null
		then money_fen > 0 and cost_fen > 0 and cost_fen <= money_fen and credit > 0 and total >= credit
		else money_fen < 0 and cost_fen < 0 and cost_fen >= money_fen and credit < 0 and total >= 0 end),
	drop constraint purchase_debt_fits,
	add constraint purchase_debt_fits check (case when reverses is null then debt_fen >= 0 else debt_fen <= 0 end),
	add constraint purchase_undone_when_loaded check (undone_at is null or state = 'loaded');
create unique index purchase_reversed_once on purchase (customer_no, reverses) where reverses is not null and state <> 'voided';

insert into life_rule values ('reverse_eyes_fen', 100000) on conflict do nothing;

-- +goose Down
delete from life_rule where name = 'reverse_eyes_fen';
drop index purchase_reversed_once;
delete from purchase where reverses is not null;
alter table purchase
	drop constraint purchase_undone_when_loaded,
	drop constraint purchase_debt_fits,
	add constraint purchase_debt_fits check (debt_fen >= 0),
	drop constraint purchase_amounts_fit,
	add constraint purchase_amounts_fit check (
		money_fen > 0 and cost_fen > 0 and cost_fen <= money_fen and credit > 0 and total >= credit and count > 0),
	drop column reverses,
	drop column undone_at;
