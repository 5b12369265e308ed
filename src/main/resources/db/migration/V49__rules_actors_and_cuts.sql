-- Who had something deleted, and by rules that are what their names say.

-- schedule, hub, or the API key by which somebody had it done; null before it was kept.
alter table retention_run add column actor text;
alter table retention_plan add column made_by text;

-- What a rule was when it was first in force: evidence names rules by id and version, so one that is changed gets another version (RET-2).
create table retention_rule (
    tenant     text        not null,
    rule       text        not null,             -- id and version
    content    jsonb       not null,             -- what decides by it
    first_used timestamptz not null,
    primary key (tenant, rule)
);

do $$
begin
    alter table retention_rule enable row level security;
    alter table retention_rule force row level security;
    create policy tenant_apart on retention_rule using (tenant = any ((select app_tenants())::text[]))
        with check (tenant = any ((select app_tenants())::text[]));
    execute format('grant select, insert on retention_rule to %I', '${app_role}');
end
$$;

-- Evidence of deletion goes from its old end, and the journal itself says by which rule (V13): the runs whose entries are gone.
drop function forget_deletion_journal(text, timestamptz);
create function forget_deletion_journal(of_tenant text, before timestamptz) returns setof uuid
    language plpgsql
as $$
declare
    cut bigint;
begin
    select max(a.position) into cut from deletion_anchor a
     where a.tenant = of_tenant
       and a.position < (select coalesce(min(j.position), 0) from deletion_journal j where j.tenant = of_tenant and j.to_time >= before);
    return query delete from deletion_journal j where j.tenant = of_tenant and j.position <= cut returning j.run;
    delete from deletion_anchor where tenant = of_tenant and position < cut;
end
$$;
