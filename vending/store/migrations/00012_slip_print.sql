-- +goose Up
-- Each time a slip was printed: 0 is the first, then the reprints (RULES B6).
create table slip_print (
	customer_no bigint  not null,
	id          uuid    not null, -- the deed
	cause       uuid    not null, -- the sale
	reprint     integer not null,
	constraint slip_print_pkey primary key (customer_no, id),
	constraint slip_print_numbered unique (customer_no, cause, reprint)
);

-- +goose Down
drop table slip_print;
