-- What a provider still has of a person after nightly runs asked it to delete: it could not, would not, or keeps it for a time. An erasure
-- of that person names it (RET-14).
create table provider_remainder (
    tenant     text        not null,
    subject_id uuid        not null,
    recipient  text        not null,             -- provider:<account>
    status     text        not null,             -- NOT_SUPPORTED | EXPIRES_AT | MANUAL, the worst of them
    until      timestamptz,                      -- with EXPIRES_AT
    reason     text,
    primary key (tenant, subject_id, recipient)
);
create index provider_remainder_until on provider_remainder (tenant, until) where status = 'EXPIRES_AT';

do $$
begin
    alter table provider_remainder enable row level security;
    alter table provider_remainder force row level security;
    create policy tenant_apart on provider_remainder using (tenant = any ((select app_tenants())::text[]))
        with check (tenant = any ((select app_tenants())::text[]));
    execute format('grant select, insert, update, delete on provider_remainder to %I', '${app_role}');
end
$$;
