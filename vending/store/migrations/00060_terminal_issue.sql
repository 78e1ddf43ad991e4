-- +goose Up
-- Whether cards may be made at a counter PC: said by who lets it in (RULES C3), and at the PC itself.
alter table terminal add column may_issue boolean not null default false;
alter table terminal_code add column may_issue boolean not null default false;

-- +goose Down
alter table terminal drop column may_issue;
alter table terminal_code drop column may_issue;
