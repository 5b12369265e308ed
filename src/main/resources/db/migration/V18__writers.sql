-- Who wrote a message the hub sends, and which message told the person so (FLT-7; EU AI Act Art. 50(1)). The words of a message that tells
-- are a version of the tenant's texts; which one stands with its content.
alter table outbound
    add column writer       text,               -- human | bot; null: written in advance, or nobody said
    add column discloses    text,               -- bot | human: this message tells who writes from here on
    add column disclosed_by uuid;               -- of what a bot wrote: the message that told; without it, it does not leave
create index outbound_discloses on outbound (tenant, conversation_id, message_id) where discloses is not null;

-- The legal basis of each purpose, fixed before its first use (CON-5): once a record of the purpose exists it changes no more.
create table purpose_basis (
    tenant  text        not null,
    purpose text        not null,
    basis   text        not null,               -- CONSENT | CONTRACT | LEGAL_INTEREST
    since   timestamptz not null,
    primary key (tenant, purpose)
);
do $$
declare
    t text;
begin
    foreach t in array array['purpose_basis'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
