-- +goose Up
-- From when on the customer's party is supplied: they have the months of a tier year
-- that are left then. Null where they were taken over from an older system.
alter table customer add column party_since timestamptz;

-- +goose Down
alter table customer drop column party_since;
