-- A stand-in for the extension citus, which cannot be installed here: it records what is asked of it and refuses what the
-- extension's source refuses when a table is distributed (create_distributed_table.c, foreign_constraint.c). It moves no rows and
-- plans no queries.
create schema citus;
create table citus.pg_dist_partition (
	logicalrelid regclass primary key,
	partmethod   "char"  not null, -- h: distributed, n: reference
	distcolumn   text,
	colocation   bigint,
	seq          bigserial
);
create table citus.pg_dist_object (classid oid, objid oid, primary key (classid, objid));

create function citus.refuse_triggers(t regclass) returns void language plpgsql as $$
begin
	if exists (select from pg_trigger where tgrelid = t and not tgisinternal)
		and coalesce(current_setting('citus.enable_unsafe_triggers', true), '') <> 'on' then
		raise exception 'cannot distribute relation "%" because it has triggers and "citus.enable_unsafe_triggers" is set to "false"', t;
	end if;
	if exists (select from citus.pg_dist_partition where logicalrelid = t) then
		raise exception 'table "%" is already distributed', t;
	end if;
	if (select relkind from pg_class where oid = t) <> 'r' then
		raise exception '% is not a regular table', t;
	end if;
end $$;

create function citus.create_reference_table(table_name regclass) returns void language plpgsql as $$
declare k record;
begin
	perform citus.refuse_triggers(table_name);
	for k in select c.confrelid, p.partmethod from pg_constraint c left join citus.pg_dist_partition p on p.logicalrelid = c.confrelid
		where c.conrelid = table_name and c.contype = 'f' and c.confrelid <> table_name
	loop
		if k.partmethod is distinct from 'n' then
			raise exception 'foreign keys from reference tables to distributed tables are not supported: % to %', table_name, k.confrelid::regclass;
		end if;
	end loop;
	insert into citus.pg_dist_partition (logicalrelid, partmethod) values (table_name, 'n');
end $$;

create function citus.create_distributed_table(table_name regclass, distribution_column text, distribution_type text default 'hash',
	colocate_with text default 'default', shard_count int default null) returns void language plpgsql as $$
declare
	k record;
	col smallint;
	of_type oid;
	beside record;
	group_no bigint := (select coalesce(max(colocation), 0) + 1 from citus.pg_dist_partition);
begin
	perform citus.refuse_triggers(table_name);
	select attnum, atttypid into col, of_type from pg_attribute where attrelid = table_name and attname = distribution_column and not attisdropped;
	if col is null then
		raise exception 'column "%" of relation "%" does not exist', distribution_column, table_name;
	end if;
	if exists (select from pg_attribute where attrelid = table_name and attgenerated <> '' and attnum = col) then
		raise exception 'cannot distribute relation: distribution column must not be generated';
	end if;
	if colocate_with not in ('none', 'default') then
		select p.colocation, a.atttypid into beside from citus.pg_dist_partition p
			join pg_attribute a on a.attrelid = p.logicalrelid and a.attname = p.distcolumn where p.logicalrelid = colocate_with::regclass and p.partmethod = 'h';
		if beside is null then
			raise exception 'relation % is not distributed', colocate_with;
		end if;
		if beside.atttypid <> of_type then
			raise exception 'cannot colocate tables % and %: distribution column types don''t match', colocate_with, table_name;
		end if;
		group_no := beside.colocation;
	end if;
	for k in select i.indexrelid::regclass as name, (col = any(i.indkey)) as has, i.indisexclusion from pg_index i
		where i.indrelid = table_name and (i.indisunique or i.indisexclusion)
	loop
		if not k.has then
			raise exception 'cannot create constraint on "%": % does not include the partition column', table_name, k.name;
		end if;
	end loop;
	for k in select c.*, p.partmethod, p.distcolumn, p.colocation from pg_constraint c left join citus.pg_dist_partition p on p.logicalrelid = c.confrelid
		where c.conrelid = table_name and c.contype = 'f'
	loop
		if k.confrelid <> table_name and k.partmethod is null then
			raise exception 'cannot create foreign key constraint %: referenced table must be a distributed table or a reference table', k.conname;
		end if;
		if col = any(k.conkey) and (k.confdeltype in ('n', 'd') or k.confupdtype in ('n', 'd', 'c')) then
			raise exception 'cannot create foreign key constraint %: SET NULL, SET DEFAULT or CASCADE is not supported', k.conname;
		end if;
		continue when k.partmethod = 'n';
		if k.confrelid <> table_name and k.colocation is distinct from group_no then
			raise exception 'cannot create foreign key constraint % since relations are not colocated or not referencing a reference table', k.conname;
		end if;
		if array_position(k.conkey, col) is null or array_position(k.conkey, col) is distinct from array_position(k.confkey,
			(select attnum from pg_attribute where attrelid = k.confrelid and attname = coalesce(k.distcolumn, distribution_column))) then
			raise exception 'cannot create foreign key constraint %: the partition column must be in the same ordinal in both tables', k.conname;
		end if;
	end loop;
	insert into citus.pg_dist_partition (logicalrelid, partmethod, distcolumn, colocation) values (table_name, 'h', distribution_column, group_no);
end $$;

create function citus.create_distributed_function(function_name regprocedure) returns void language sql as $$
	insert into citus.pg_dist_object values ('pg_proc'::regclass, function_name) on conflict do nothing
$$;
