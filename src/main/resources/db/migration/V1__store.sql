-- The store of the hub. Every table of a tenant is under forced row-level security: a transaction sees exactly the tenants it
-- named in app.tenants, none if it named none. Columns called sealed_* hold AEAD ciphertext under a key of the subject (or of the
-- tenant where the person is not known yet); columns called *_key or lookup hold keyed hashes (HMAC-SHA-256). No column holds an
-- address, a name or a word of a message in the clear.

-- Whom the current transaction works for; an unset or empty setting is no tenant.
create function app_tenants() returns text[]
    language sql stable parallel safe
    return string_to_array(nullif(current_setting('app.tenants', true), ''), ',');

-- People -----------------------------------------------------------------------------------------------------------------------

create table subject (
    tenant        text        not null,
    id            uuid        not null,
    created_at    timestamptz not null,
    restricted_at timestamptz,              -- GDPR Art. 18
    erasing_at    timestamptz,              -- an erasure is running
    blocked_at    timestamptz,              -- the tenant's abuse list
    primary key (tenant, id)
);

create table subject_key (
    tenant     text        not null,
    subject_id uuid        not null,
    key_group  text        not null,        -- ordinary | retained: shredding the one leaves the other readable (SEC-3)
    wrapped    bytea       not null,        -- Tink keyset, encrypted under the tenant's key
    created_at timestamptz not null,
    primary key (tenant, subject_id, key_group),
    foreign key (tenant, subject_id) references subject (tenant, id)
);

create table address (
    tenant         text        not null,
    id             uuid        not null,
    subject_id     uuid        not null,
    channel        text        not null,    -- the channel consent is kept for; '*' for a provider's conversation id
    scheme         text        not null,
    lookup         bytea       not null,    -- HMAC(tenant lookup key, channel and address) (SEC-1)
    sealed_address bytea       not null,
    created_at     timestamptz not null,
    primary key (tenant, id),
    unique (tenant, lookup),
    foreign key (tenant, subject_id) references subject (tenant, id)
);
create index address_subject on address (tenant, subject_id);

-- Conversations and messages ---------------------------------------------------------------------------------------------------

create table conversation (
    tenant          text        not null,
    id              uuid        not null,
    subject_id      uuid        not null,
    account         text        not null,
    channel         text        not null,   -- '' where the provider did not tell
    business_key    bytea       not null,   -- HMAC of the business address: a window belongs to one number
    opened_at       timestamptz not null,
    last_message_at timestamptz not null,
    last_inbound_at timestamptz,
    closed_at       timestamptz,
    primary key (tenant, id),
    foreign key (tenant, subject_id) references subject (tenant, id)
) with (fillfactor = 80);
create unique index conversation_open on conversation (tenant, subject_id, account, channel, business_key) where closed_at is null;
create index conversation_subject on conversation (tenant, subject_id);
create index conversation_closed on conversation (tenant, closed_at) where closed_at is not null;
create index conversation_idle on conversation using brin (last_message_at);  -- brin: an update of the time stays HOT

-- What a provider told us, once: the key must live as long as the data, since most providers do not sign a time (S4).
create table provider_event (
    tenant      text        not null,
    account     text        not null,
    event_key   bytea       not null,
    event_ids   uuid[]      not null,
    received_at timestamptz not null,
    primary key (tenant, account, event_key)
);
create index provider_event_age on provider_event using brin (received_at);

create table message (
    tenant               text        not null,
    id                   uuid        not null,
    conversation_id      uuid        not null,
    subject_id           uuid        not null,
    account              text        not null,
    provider             text        not null,
    channel              text        not null,
    direction            text        not null,   -- inbound | outbound
    content_type         text        not null,
    provider_message_key bytea,
    received_at          timestamptz not null,
    sealed_body          bytea       not null,   -- who, what, provider ids: the event's data without media
    sealed_original      bytea,                  -- as received, for an archive that must have it so (RET-11)
    decision             text        not null,
    reason               text        not null,
    purpose              text,
    consent_state        text,
    consent_record       uuid,
    flags                text[]      not null default '{}',
    category             text        not null default 'UNKNOWN',
    held_until           timestamptz,            -- withheld content of mode strict
    primary key (tenant, id)
);
create index message_conversation on message (tenant, conversation_id);
create index message_subject on message (tenant, subject_id);
create index message_provider_key on message (tenant, account, provider_message_key);
create index message_held on message (tenant, held_until) where held_until is not null;

create table media (
    tenant     text        not null,
    id         uuid        not null,
    message_id uuid        not null,
    position   int         not null,
    sealed     bytea       not null,             -- where it lies at the provider, name, type, size
    created_at timestamptz not null,
    primary key (tenant, message_id, position)
);

-- The highest status heard of a message sent over an account, by us or by others; it only rises.
create table message_status (
    tenant               text        not null,
    account              text        not null,
    provider_message_key bytea       not null,
    message_id           uuid,
    subject_id           uuid        not null,
    status               text        not null,
    rank                 smallint    not null,
    occurred_at          timestamptz,
    updated_at           timestamptz not null,
    primary key (tenant, account, provider_message_key)
) with (fillfactor = 80);
create index message_status_age on message_status (tenant, updated_at);
create index message_status_subject on message_status (tenant, subject_id);

-- Consent ----------------------------------------------------------------------------------------------------------------------

create table consent_record (
    tenant            text        not null,
    id                uuid        not null,
    subject_id        uuid        not null,
    channel           text        not null,
    purpose           text        not null,
    state             text        not null,
    details           jsonb       not null,      -- the rest of the record: times, ids and versions; no personal data
    updated_at        timestamptz not null,
    primary key (tenant, id),
    unique (tenant, subject_id, channel, purpose),
    foreign key (tenant, subject_id) references subject (tenant, id)
) with (fillfactor = 80);

-- Every declaration, in order; nothing is changed or removed by the application (CON-20).
create table consent_event (
    tenant          text        not null,
    position        bigint      generated always as identity,
    id              uuid        not null,
    subject_id      uuid        not null,
    record_id       uuid,
    channel         text        not null,
    purpose         text,
    event           text        not null,
    transition      text,
    outcome         text        not null,        -- moved | unchanged | rejected
    reason          text,
    previous_state  text,
    state           text,
    event_time      timestamptz,
    received_time   timestamptz not null,
    actor           text        not null,        -- person | provider | agent | api | hub
    cause_message   uuid,
    sealed_evidence bytea,
    primary key (tenant, position)
);
create index consent_event_record on consent_event (tenant, record_id, position);
create index consent_event_subject on consent_event (tenant, subject_id, position);

create table suppression (
    tenant     text        not null,
    id         uuid        not null,
    subject_id uuid        not null,
    channel    text        not null,
    scope      text        not null,             -- ALL | MARKETING
    source     text        not null,             -- subject | provider | tenant
    since      timestamptz,              -- newest refusal; null if only a lift was reported so far
    lifted_at  timestamptz,              -- newest lift
    primary key (tenant, id),
    unique (tenant, subject_id, channel, scope, source)
);

create table possible_withdrawal (
    tenant     text        not null,
    subject_id uuid        not null,
    channel    text        not null,
    message_id uuid        not null,
    since      timestamptz not null,
    primary key (tenant, subject_id, channel)
);

-- Events and their delivery ----------------------------------------------------------------------------------------------------

create table event (
    tenant          text        not null,
    id              uuid        not null,
    type            text        not null,
    account         text,
    subject_id      uuid,
    conversation_id uuid,
    message_id      uuid,
    consumed        boolean     not null default false,
    created_at      timestamptz not null,
    detail          jsonb,                       -- facts without personal data, such as the rule that deleted
    sealed_data     bytea,                       -- absent where the message row holds the content
    primary key (tenant, id)
);
create index event_age on event (tenant, created_at);
create index event_message on event (tenant, message_id);
create index event_subject on event (tenant, subject_id);

-- One event to one destination. Also the ledger of who received what (GDPR Art. 19).
create table delivery (
    tenant          text        not null,
    destination     text        not null,
    event_id        uuid        not null,
    lane            uuid        not null,        -- conversation, else subject: order is kept within
    sequence        bigint      not null,        -- gap-free per tenant and destination
    state           text        not null,        -- pending | parked | delivered | withheld | dead
    attempts        int         not null default 0,
    next_attempt_at timestamptz,
    last_status     int,
    last_error      text,
    created_at      timestamptz not null,
    finished_at     timestamptz,
    primary key (tenant, destination, event_id)
) with (fillfactor = 75);
create index delivery_waiting on delivery (tenant, destination, lane, sequence) where state = 'parked';
create index delivery_due on delivery (next_attempt_at) where state = 'parked';
create index delivery_dead on delivery (tenant, destination, sequence) where state = 'dead';
create index delivery_age on delivery using brin (created_at);

create table destination_sequence (
    tenant      text   not null,
    destination text   not null,
    last        bigint not null,
    primary key (tenant, destination)
) with (fillfactor = 50);

-- Intake -----------------------------------------------------------------------------------------------------------------------

create table sealing_key (
    tenant     text        not null,
    day        date        not null,
    wrapped    bytea       not null,
    created_at timestamptz not null,
    primary key (tenant, day)
);

create table webhook_spool (
    tenant     text        not null,
    position   bigint      generated always as identity,
    account    text        not null,
    sealed     bytea       not null,
    created_at timestamptz not null,
    primary key (tenant, position)
);
create index webhook_spool_order on webhook_spool (position);

create table quarantine (
    tenant         text        not null,
    id             uuid        not null,
    account        text        not null,
    provider       text        not null,
    reason         text        not null,
    location       text,                         -- mapping line or schema path; never a value
    entry          int,                          -- which entry of the webhook; null: all of it
    sealed_webhook bytea       not null,
    received_at    timestamptz not null,
    state          text        not null,         -- held | replayed
    changed_at     timestamptz not null,
    primary key (tenant, id)
);
create index quarantine_age on quarantine (tenant, received_at);

-- API and retention ------------------------------------------------------------------------------------------------------------

create table idempotent_request (
    tenant          text        not null,
    key             bytea       not null,        -- HMAC of route and Idempotency-Key
    request_hash    bytea       not null,
    status          int,
    sealed_response bytea,
    created_at      timestamptz not null,
    primary key (tenant, key)
);

create table retention_run (
    tenant      text        not null,
    id          uuid        not null,
    dry_run     boolean     not null,
    rules       text        not null,            -- ids and versions of the rules in force
    counts      jsonb       not null,            -- per data type: planned, deleted, oldest, newest
    started_at  timestamptz not null,
    finished_at timestamptz,
    primary key (tenant, id)
);

-- Tenants apart ----------------------------------------------------------------------------------------------------------------

do $$
declare
    t record;
begin
    for t in select c.table_name
               from information_schema.columns c
               join information_schema.tables b using (table_schema, table_name)
              where c.table_schema = current_schema() and c.column_name = 'tenant' and b.table_type = 'BASE TABLE'
    loop
        execute format('alter table %I enable row level security', t.table_name);
        execute format('alter table %I force row level security', t.table_name);
        -- The sub-select is evaluated once per statement instead of once per row.
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t.table_name);
        execute format('grant select, insert, update, delete on %I to %I', t.table_name, '${app_role}');
    end loop;
    execute format('revoke update on consent_event from %I', '${app_role}');
    execute format('grant usage on all sequences in schema %I to %I', current_schema(), '${app_role}');
end
$$;
