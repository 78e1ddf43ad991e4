-- +goose Up
-- One table keeps what a company has set otherwise than it is shipped, by the names of
-- vending.AllSettings: a number, or a word where the setting is a name.
alter table life_rule add column word text not null default '';
insert into life_rule (name, value)
	select 'charge_' || kind || '_fen', fen from charge_term union all select 'charge_' || kind || '_vat_bp', vat_bp from charge_term;
drop table charge_term;

-- +goose Down
create table charge_term (
	kind   text    not null,
	fen    bigint  not null,
	vat_bp integer not null,
	constraint charge_term_pkey primary key (kind),
	constraint charge_term_fits check (fen >= 0 and vat_bp between 0 and 9999)
);
insert into charge_term select substr(f.name, 8, length(f.name) - 11), f.value, v.value
from life_rule f join life_rule v on v.name = substr(f.name, 1, length(f.name) - 4) || '_vat_bp' where f.name like 'charge\_%\_fen';
delete from life_rule where name like 'charge\_%' or name in ('shift_approve_over_fen', 'invoice_draw_vat', 'invoice_draw_ordinary',
	'invoice_copies', 'card_key_version', 'estimate_min_days', 'estimate_window_days') or name like 'settle\_%' or name like 'season\_%';
alter table life_rule drop column word;
