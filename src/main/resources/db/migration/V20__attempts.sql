-- What came of each attempt, and replays of what did not arrive.

-- How long the last attempt took; with last_status and finished_at this is all there is to say of a first attempt that was taken without a
-- word, which is nearly every one: it has no row of its own.
alter table delivery add column last_millis int;

-- Every other attempt. The answer may quote the person whom the event is about: it lies under their key and goes with the message.
create table delivery_attempt (
    tenant        text        not null,
    event_id      uuid        not null,
    destination   text        not null,
    position      bigint      generated always as identity,
    number        int         not null,          -- of its round: a replay begins at 1 again
    began_at      timestamptz not null,
    millis        int         not null,
    outcome       text        not null,          -- delivered | failed
    status        int,                           -- of HTTP
    error         text,                          -- a fixed word
    message_id    uuid,                          -- with whose deletion the answer goes
    sealed_answer bytea,                         -- attempt.answer: at most 1 KiB of it
    primary key (tenant, event_id, destination, position)
);
create index delivery_attempt_age on delivery_attempt using brin (began_at);
create index delivery_attempt_answer on delivery_attempt (tenant, message_id) where sealed_answer is not null and message_id is not null;

-- Whatever deletes a message, what a destination answered to it does not outlive it.
create function forget_answers() returns trigger
    language plpgsql
as $$
begin
    update delivery_attempt a set sealed_answer = null
      from gone where a.tenant = gone.tenant and a.message_id = gone.id and a.sealed_answer is not null and a.message_id is not null;
    return null;
end
$$;
create trigger forget_answers after delete on message referencing old table as gone for each statement execute function forget_answers();

-- What did not arrive, in the order in which it is replayed; and which numbers did not arrive.
create index delivery_unsent on delivery (tenant, destination, sequence) where state in ('dead', 'withheld');
drop index delivery_dead;
create index delivery_sequence on delivery using brin (sequence int8_minmax_multi_ops) with (pages_per_range = 32);

-- A request to deliver again. Each step moves deliveries and the mark in one transaction, so none is moved twice for one request.
create table replay (
    tenant          text        not null,
    id              uuid        not null,
    status          text        not null,        -- running | done | canceled
    destination     text        not null,
    state           text        not null,        -- of the deliveries: dead | withheld | delivered
    event_type      text,                        -- from here to events: null for any
    conversation_id uuid,
    message_id      uuid,
    created_from    timestamptz,
    created_before  timestamptz,
    events          uuid[],
    per_second      int         not null,
    matching        int         not null,        -- when it was asked for
    replayed        int         not null default 0,
    reached         bigint      not null default 0,   -- sequence of the last one looked at
    requested_by    text        not null,        -- id of the API key
    created_at      timestamptz not null,
    paced_at        timestamptz not null,        -- up to when its rate is used up
    finished_at     timestamptz,
    primary key (tenant, id)
);
create index replay_running on replay (tenant) where status = 'running';

do $$
declare
    t text;
begin
    foreach t in array array['delivery_attempt', 'replay'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
