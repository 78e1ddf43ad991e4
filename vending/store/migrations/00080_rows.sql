-- +goose Up
-- Rows of the stages of a sale, as ledger/migrations/00007_rows.sql says.
create type purchase_row as (
	id uuid, customer_no bigint, card_no text, meter_no text, count bigint, means text, till text, tariff text, tariff_from timestamptz,
	commodity text, money_fen bigint, cost_fen bigint, credit bigint, total bigint, attempt integer, opened_at timestamptz, debt_fen bigint,
	used bigint, persons integer, months integer, vat_bp integer, bank text, reference text, staff text, shift_till text, shift_no bigint,
	reverses uuid
);
create type purchase_end_row as (
	customer_no bigint, id uuid, state text, proof text, settled_at timestamptz
);
create type card_seen_row as (
	customer_no bigint, card_no text, generation bigint, count bigint, total bigint, seen_at timestamptz
);
create type asked_row as (
	uid bytea, till text, staff text, meter_time timestamptz, loaded bigint, consumed bigint, id uuid
);
