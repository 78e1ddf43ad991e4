-- +goose Up
-- Counter PCs that hold a card reader for a till, and the codes that let them in (RULES C3).
create table terminal (
	id          uuid        not null,
	till        text        not null,
	host        text        not null, -- what the PC calls itself
	key         bytea       not null, -- SHA-256 of its public key
	enrolled_at timestamptz not null,
	enrolled_by text        not null, -- who let the code be shown
	revoked_at  timestamptz,
	constraint terminal_pkey primary key (id),
	constraint terminal_key_fits check (length(key) = 32)
);
-- A till has one reader: which card a clerk sees must not depend on who was quicker.
create unique index terminal_one_per_till on terminal (till) where revoked_at is null;

create table terminal_code (
	hash       bytea       not null, -- of the secret, which is kept nowhere
	till       text        not null,
	made_by    text        not null,
	expires_at timestamptz not null,
	used_by    uuid, -- the terminal
	constraint terminal_code_pkey primary key (hash)
);

-- +goose Down
drop table terminal_code, terminal;
