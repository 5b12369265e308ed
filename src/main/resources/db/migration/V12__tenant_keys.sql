-- Versions of the tenants' keys. Each is wrapped by the custodian the tenant file names (a key file, a variable, a PKCS #11 token, or
-- the root key); none stands here in the clear. A tenant under the root key has version 0, which is derived and has no row, until
-- its key is replaced for the first time.
create table tenant_key (
    tenant       text        not null,
    version      int         not null,
    custodian    text        not null,       -- as the tenant file writes it; 'root' for the root key
    wrapped      bytea       not null,
    created_at   timestamptz not null,
    writes_from  timestamptz not null,       -- by then every node knows it
    rewrapped_at timestamptz,                -- when the last key and lookup of an older version was made anew under it
    primary key (tenant, version)
);

-- Which key of the person opens an item: what statute keeps is sealed anew, so that shredding the ordinary key leaves it (SEC-3).
alter table message add column key_group text not null default 'ordinary';

do $$
begin
    alter table tenant_key enable row level security;
    alter table tenant_key force row level security;
    create policy tenant_apart on tenant_key using (tenant = any ((select app_tenants())::text[]))
        with check (tenant = any ((select app_tenants())::text[]));
    execute format('grant select, insert, update, delete on tenant_key to %I', '${app_role}');
end
$$;
