-- +goose Up
alter table meter_chore
	add column declines integer     not null default 0, -- of the tries since the last that did it: what the meter said no to
	add column tried_at timestamptz not null default ledger_now(),
	add constraint meter_chore_declines_fit check (declines >= 0);

-- +goose Down
alter table meter_chore drop constraint meter_chore_declines_fit, drop column tried_at, drop column declines;
