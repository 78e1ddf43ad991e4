-- +goose Up
-- A card dies in more than one way; what is dead is not the card of its meter.
drop index card_one_live_per_meter;
alter table card
	drop constraint card_state_known,
	add constraint card_state_known check (state in ('issuing', 'active', 'lost', 'damaged', 'returned'));
create unique index card_one_live_per_meter on card (customer_no, meter_no) where state in ('issuing', 'active');
-- Who reports a card lost knows its number.
create index card_by_no on card (no);

-- A purchase in doubt on a card that died is carried by the next one.
alter table purchase add column began text not null default ''; -- the card that its credit was pended to; empty: card_no

-- +goose Down
alter table purchase drop column began;
drop index card_by_no;
drop index card_one_live_per_meter;
update card set state = 'lost' where state in ('damaged', 'returned');
alter table card
	drop constraint card_state_known,
	add constraint card_state_known check (state in ('issuing', 'active', 'lost'));
create unique index card_one_live_per_meter on card (customer_no, meter_no) where state <> 'lost';
