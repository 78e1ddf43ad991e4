-- +goose Up
-- A meter that another program had sold to before it came into the books begins where it stood then.
alter table meter
	add column base_count    bigint not null default 0, -- purchases that it had taken; its next one here has this count + 1
	add column base_consumed bigint not null default 0, -- what it had burnt: of no tier here
	add column total_offset  bigint not null default 0, -- its total in the books less the one that it shows
	add constraint meter_base_fits check (base_count between 0 and 4294967295 and base_consumed >= 0);

-- +goose Down
alter table meter drop constraint meter_base_fits, drop column base_count, drop column base_consumed, drop column total_offset;
