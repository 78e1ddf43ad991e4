-- +goose Up
-- An e-purse counts its loads itself, from 0, and shows its balance and no total.
alter table card
	add column purse       boolean not null default false,
	add column counts_from bigint  not null default 0, -- purchase count less the chip's own
	add column carried     bigint  not null default 0, -- its first load, where that was what the card before still held
	add column left_behind bigint  not null default 0, -- credit that the books have on it and that is on dead purses, or was taken from them
	add constraint card_purse_fits check (counts_from >= 0 and carried >= 0 and left_behind >= 0);

-- Of meters that count money: what they measured, beside what was consumed of the credit; what was left on the display.
alter table report add column register bigint;
alter table account_step add column remaining bigint;

-- +goose Down
alter table account_step drop column remaining;
alter table report drop column register;
alter table card drop constraint card_purse_fits, drop column purse, drop column counts_from, drop column carried, drop column left_behind;
