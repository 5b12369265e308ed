-- What a nightly run restricts, and what ends with a relationship.

-- A letter that a run restricted is judged on as the message it was, and who received it hears when it goes.
alter table retained_message
    add column purpose            text,
    add column closed_at          timestamptz,   -- end of its conversation; null: restricted because its person was erased
    add column recipients         text[]  not null default '{}',
    add column sealed_annotations bytea[] not null default '{}',   -- what the person said is wrong in it
    add column category_rule      text,
    add column classified         jsonb   not null default '[]';   -- who said what it is, and when

-- When the person last had to do with the tenant, once address and key are gone; null as long as they are there.
alter table subject add column ended_at timestamptz;
create index subject_ended on subject (tenant, ended_at) where ended_at is not null;

-- Evidence of deletion goes from its old end once its period is over, up to the last anchor before what stays, so that an anchor tells what
-- the rest began with. What no anchor vouches for cannot be deleted at all.
create function forget_deletion_journal(of_tenant text, before timestamptz) returns bigint
    language plpgsql
as $$
declare
    cut     bigint;
    removed bigint;
begin
    select max(a.position) into cut from deletion_anchor a
     where a.tenant = of_tenant
       and a.position < (select coalesce(min(j.position), 0) from deletion_journal j where j.tenant = of_tenant and j.to_time >= before);
    delete from deletion_journal where tenant = of_tenant and position <= cut;
    get diagnostics removed = row_count;
    delete from deletion_anchor where tenant = of_tenant and position < cut;
    return removed;
end
$$;
create policy anchored on deletion_journal as restrictive for delete
    using (position <= (select max(a.position) from deletion_anchor a where a.tenant = deletion_journal.tenant));
do $$
begin
    execute format('grant delete on deletion_journal, deletion_anchor to %I', '${app_role}');
end
$$;
