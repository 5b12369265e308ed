-- What a nightly run asked of everybody who received what it deleted, and what they answered (RET-14).

-- A run is there from its beginning, so that one that is killed is on record too.
alter table retention_run add column status      text not null default 'COMPLETED';  -- RUNNING | COMPLETED | COMPLETED_WITH_EXCEPTIONS
alter table retention_run add column beat_at     timestamptz;                        -- of its last batch
alter table retention_run add column answered_at timestamptz;                        -- when the last recipient had answered
alter table retention_run add column wrapped_key bytea;     -- of what is needed to reach the providers; destroyed when all have answered
create index retention_run_open on retention_run (tenant, id) where status = 'RUNNING';

-- One recipient of one run. A destination's deliveries are those between two numbers of its sequence; of a provider's entries only
-- counts stay.
create table deletion_task (
    tenant         text        not null,
    run            uuid        not null,
    recipient      text        not null,             -- a destination, or provider:<account>
    told           bigint      not null default 0,   -- events to a destination
    first_sequence bigint,
    last_sequence  bigint,
    done           bigint      not null default 0,
    expires_at     bigint      not null default 0,
    not_supported  bigint      not null default 0,
    manual         bigint      not null default 0,
    until          timestamptz,                      -- the latest of what expires
    reason         text,                             -- a fixed word: of the last exception
    fed_at         timestamptz,                      -- when a provider was last given some of what waits
    updated_at     timestamptz not null,
    primary key (tenant, run, recipient)
);

-- What a provider still holds of what one batch deleted, until it is asked: written in the transaction that deletes, worked off at the
-- pace the provider allows. Whom it is about stands outside the seal, for an erasure of that person to take it over.
create table provider_deletion (
    tenant     text        not null,
    id         uuid        not null,
    run        uuid        not null,
    recipient  text        not null,
    subjects   uuid[]      not null,
    taken      int         not null default 0,       -- entries asked for already, from the first
    entries    int         not null,
    sealed     bytea       not null,                 -- under the run's key
    primary key (tenant, id)
);
alter table provider_deletion alter column sealed set storage external;  -- ciphertext does not get smaller
create index provider_deletion_order on provider_deletion (tenant, recipient, id);

-- Whom a call is about that a nightly run makes; a call of an erasure is about the person of its run.
alter table erasure_call add column subject_id uuid;
create index erasure_call_subject on erasure_call (tenant, subject_id) where subject_id is not null;
create index erasure_call_open on erasure_call (tenant, recipient) where status = 'RETRY';

do $$
declare
    t text;
begin
    foreach t in array array['deletion_task', 'provider_deletion'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
