-- Which directory of tombstones belongs to this database, and when both were last in use: after a restore a wrong or an empty one would bring
-- back what was deleted, and a backup that is older than the tombstones as well (RET-15).
create table tombstone_directory (
    tenant  text        not null,
    id      uuid        not null,                -- as in the directory
    used_at timestamptz not null,
    primary key (tenant)
);

do $$
begin
    alter table tombstone_directory enable row level security;
    alter table tombstone_directory force row level security;
    create policy tenant_apart on tombstone_directory using (tenant = any ((select app_tenants())::text[]))
        with check (tenant = any ((select app_tenants())::text[]));
    execute format('grant select, insert, update on tombstone_directory to %I', '${app_role}');
end
$$;
