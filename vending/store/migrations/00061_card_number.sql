-- +goose Up
-- A rehearsal tells which number a card would have, and takes none.
-- +goose StatementBegin
do $$ begin
	if exists (select from pg_roles where rolname = 'vendgate_service') then
		grant select on sequence card_number to vendgate_service;
	end if;
end $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
do $$ begin
	if exists (select from pg_roles where rolname = 'vendgate_service') then
		revoke select on sequence card_number from vendgate_service;
	end if;
end $$;
-- +goose StatementEnd
