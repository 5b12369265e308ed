-- Legal holds (RET-10), and what messages are by commercial and tax law (RET-7).

-- Which rule of the tenant's file classified a message when it was stored; null if none did.
alter table message add column category_rule text;

-- Every later classification, in order; the message's own column has the last. Goes after its message.
create table category_change (
    tenant     text        not null,
    id         uuid        not null,
    message_id uuid        not null,
    previous   text        not null,
    category   text        not null,             -- COMMERCIAL_LETTER | VOUCHER | NONE
    source     text        not null,             -- agent | crm | fallback
    changed_by text        not null,             -- id of the API key; hub for the fallback
    changed_at timestamptz not null,
    primary key (tenant, id)
);
create index category_change_message on category_change (tenant, message_id);
create index category_change_age on category_change (tenant, changed_at);

create table legal_hold (
    tenant           text        not null,
    id               uuid        not null,
    type             text        not null,       -- LEGAL | TAX_OPEN
    state            text        not null,       -- PROPOSED | EFFECTIVE | RELEASED
    review_on        date        not null,       -- at most a year after it was set
    by_query         boolean     not null,       -- covers what matches the next six, also later; else the items named
    channel          text,
    subject_id       uuid,
    conversation_id  uuid,
    from_at          timestamptz,
    until_at         timestamptz,
    category         text,
    items            uuid[]      not null default '{}',
    sealed_details   bytea       not null,       -- reason and owner, under the tenant's key
    created_at       timestamptz not null,
    created_by       text        not null,       -- ids of API keys
    approved_at      timestamptz,
    approved_by      text,
    reviewed_at      timestamptz,
    reviewed_by      text,
    release_asked_at timestamptz,
    release_asked_by text,
    released_at      timestamptz,
    released_by      text,
    primary key (tenant, id)
);

-- What a hold covers, frozen when it took effect and added to by each run. A released row still holds for runs that began before.
create table held_message (
    tenant      text        not null,
    message_id  uuid        not null,
    hold_id     uuid        not null,
    since       timestamptz not null,
    released_at timestamptz,
    primary key (tenant, message_id, hold_id)
);
create index held_message_hold on held_message (tenant, hold_id);

-- When a person last had to do with the tenant, kept when the conversation goes that knew it (RET-4). A row of its own and not a column of
-- subject, so that the nightly run locks nothing the pipeline locks.
create table last_activity (
    tenant         text        not null,
    subject_id     uuid        not null,
    last_active_at timestamptz not null,
    primary key (tenant, subject_id),
    foreign key (tenant, subject_id) references subject (tenant, id) on delete cascade
);

-- Before which end of its conversation a message is over, where that is not the same for all: exceptions by channel, purpose and
-- category, that of all others under the empty name. One expression, so that the planner takes it into the statement.
create function retention_cutoff(exceptions text, channel text, purpose text, category text) returns timestamptz
    language sql stable parallel safe
    return cast(coalesce(cast(exceptions as jsonb) ->> (channel || '|' || coalesce(purpose, '') || '|' || category),
                         cast(exceptions as jsonb) ->> '') as timestamptz);

do $$
declare
    t text;
begin
    foreach t in array array['category_change', 'legal_hold', 'held_message', 'last_activity'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
    execute format('revoke update on category_change from %I', '${app_role}');
end
$$;
