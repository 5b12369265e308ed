-- Requests of people about their data (GDPR Art. 12 to 22). No column holds a word of the person: what was asked for and what was
-- shown to prove who asks is sealed under the person's key, and the proof is deleted once it was looked at (DSR-2). A request outlives
-- the person's erasure, of which it is the evidence; so nothing here refers to subject.

create table rights_request (
    tenant          text        not null,
    id              uuid        not null,
    subject_id      uuid        not null,
    type            text        not null,        -- ACCESS | PORTABILITY | RECTIFY | ERASE | RESTRICT | OBJECT | WITHDRAW
    state           text        not null,
    source          text        not null,        -- CHAT | API | AGENT | EMAIL
    channel         text,                        -- the channel whose data it covers; null: all
    reply_channel   text,                        -- where the person is told in chat; null: not there
    message_id      uuid,
    language        text,
    received_at     timestamptz not null,
    due_on          date        not null,        -- Europe/Berlin
    extended_months smallint    not null default 0,
    identity        text        not null,        -- OPEN | PROOF_RECEIVED | CONFIRMED | NOT_CONFIRMED
    identity_method text,                        -- CONTROL_OF_CHANNEL | SECOND_PROOF
    sealed_proof    bytea,
    sealed_asked    bytea,
    outcome         jsonb       not null default '{}',   -- what was done, refused and kept, without personal data
    reply_message   uuid,                        -- tells the person in chat
    reminded        smallint    not null default 0,      -- percent of the time that were told to be over
    attempts        int         not null default 0,      -- failures in a row
    last_error      text,
    next_at         timestamptz,                 -- when the hub goes on; null while it waits for a human
    lift_at         timestamptz,                 -- when a restriction ends
    lift_message    uuid,
    lifted_at       timestamptz,
    answered_at     timestamptz,
    closed_at       timestamptz,
    primary key (tenant, id)
);
create index rights_request_next on rights_request (tenant, next_at) where next_at is not null;
create index rights_request_unanswered on rights_request (tenant, due_on) where answered_at is null;
create index rights_request_subject on rights_request (tenant, subject_id);
-- Saying it twice asks once.
create unique index rights_request_asked on rights_request (tenant, subject_id, type, channel) where source = 'CHAT' and answered_at is null;

create table rights_request_step (
    tenant     text        not null,
    request_id uuid        not null,
    position   bigint      generated always as identity,
    state      text        not null,
    at         timestamptz not null,
    actor      text        not null,             -- person | hub | the id of an API key
    reason     text,                             -- a fixed word
    primary key (tenant, request_id, position)
);

-- An answer that waits to be collected. Of the link only a hash is kept: who reads this table cannot open it.
create table rights_download (
    tenant      text        not null,
    id          uuid        not null,
    request_id  uuid        not null,
    secret_hash bytea       not null,            -- SHA-256 of 256 random bits
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz,
    primary key (tenant, id),
    unique (tenant, request_id)
);

-- A package, in pieces sealed under the person's key.
create table rights_package (
    tenant      text        not null,
    download_id uuid        not null,
    position    int         not null,
    subject_id  uuid        not null,
    sealed      bytea       not null,
    primary key (tenant, download_id, position)
);
create index rights_package_subject on rights_package (tenant, subject_id);

-- What a person says is wrong in a message that must stay as it was (DSR-9).
create table message_annotation (
    tenant      text        not null,
    id          uuid        not null,
    message_id  uuid        not null,
    subject_id  uuid        not null,
    request_id  uuid        not null,
    sealed_text bytea       not null,
    created_at  timestamptz not null,
    primary key (tenant, id)
);
create index message_annotation_message on message_annotation (tenant, message_id);
create index message_annotation_subject on message_annotation (tenant, subject_id);

do $$
declare
    t text;
begin
    foreach t in array array['rights_request', 'rights_request_step', 'rights_download', 'rights_package', 'message_annotation'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
    execute format('revoke update on rights_request_step from %I', '${app_role}');
end
$$;
