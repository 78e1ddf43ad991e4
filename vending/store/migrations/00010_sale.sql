-- +goose Up
-- What a purchase cost follows from the version of the price list that it was sold at.
alter table purchase
	drop column price_fen,
	drop column step,
	alter column tariff_from drop default,
	add constraint purchase_tariff_fkey foreign key (tariff, tariff_from) references tariff_version (code, valid_from);

-- +goose Down
alter table purchase drop constraint purchase_tariff_fkey, add column price_fen bigint not null default 0, add column step bigint not null default 1;
