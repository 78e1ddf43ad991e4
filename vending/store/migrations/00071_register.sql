-- +goose Up
-- A meter on a line that says nothing of credit says its register all the same.
alter table report
	drop constraint report_source_known,
	add constraint report_source_known check (source in ('wire', 'card', 'site', 'register'));

-- +goose Down
delete from report where source = 'register';
alter table report
	drop constraint report_source_known,
	add constraint report_source_known check (source in ('wire', 'card', 'site'));
