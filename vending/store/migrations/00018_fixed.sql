-- +goose Up
-- Until which day the fixed charges of the price list were booked. Nobody pays what fell
-- due before this version booked any, or before they were a customer.
alter table customer add column fixed_through date not null default (ledger_now() at time zone 'Asia/Shanghai')::date;

-- +goose Down
alter table customer drop column fixed_through;
