-- +goose Up
-- A load into a card's fixed places that was begun and not yet proved: all that the card
-- held before, and all that it shall hold. A card that was torn is brought back from it.
create table card_draft (
	customer_no bigint      not null,
	uid         bytea       not null,
	layout      text        not null,
	card_no     text        not null, -- the number that stands on the card
	old_image   jsonb       not null, -- bytes in base64, by area of the layout
	new_image   jsonb       not null,
	begun_at    timestamptz not null default now(),
	constraint card_draft_pkey primary key (customer_no, uid),
	constraint card_draft_fkey foreign key (customer_no) references customer (no)
);

-- +goose Down
drop table card_draft;
