-- What a tenant did about a person of itself: put them on its block list for abuse, suppressed a channel, lifted either. Who, when, and which
-- of a few reasons; no words. Of what outlived an erasure neither who nor why is known. Only ever added to, until the person is erased or has had nothing to do with the tenant for long.
create table tenant_act (
    tenant     text        not null,
    id         uuid        not null,
    subject_id uuid        not null,
    act        text        not null,             -- BLOCKED | UNBLOCKED | SUPPRESSED | RELEASED
    channel    text,                             -- of a suppression, the one consent is kept for
    scope      text,                             -- of a suppression: ALL | MARKETING
    reason     text,                             -- of what was not lifted
    api_key    text,                             -- id of the key it was done with
    at         timestamptz not null,
    primary key (tenant, id),
    foreign key (tenant, subject_id) references subject (tenant, id)
);
create index tenant_act_subject on tenant_act (tenant, subject_id);

comment on column suppression_stub.scope is 'ALL | MARKETING | TENANT_ALL | TENANT_MARKETING | BLOCKED';

do $$
begin
    alter table tenant_act enable row level security;
    alter table tenant_act force row level security;
    create policy tenant_apart on tenant_act using (tenant = any ((select app_tenants())::text[]))
        with check (tenant = any ((select app_tenants())::text[]));
    execute format('grant select, insert, delete on tenant_act to %I', '${app_role}');
end
$$;
