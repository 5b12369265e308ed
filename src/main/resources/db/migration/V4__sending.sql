-- What the hub sends. A message row holds the content; here stands what is to be done with it, and every decision about it.

create table outbound (
    tenant            text        not null,
    message_id        uuid        not null,
    subject_id        uuid        not null,
    conversation_id   uuid        not null,
    address_id        uuid        not null,
    channel           text        not null,
    purpose           text        not null,
    template          text,                     -- id in the tenant file
    trigger_kind      text        not null,     -- what it answers: API, PROMPT, NOTICE, …
    trigger_key       bytea       not null,     -- keyed hash of the reference: a trigger sends once
    state             text        not null,     -- scheduled | queued | sending | sent | denied | failed | unknown | canceled
    account           text        not null,     -- the one it goes over, or went
    fixed             boolean     not null,     -- asked for over this account and no other
    tried             text[]      not null default '{}',
    attempts          int         not null default 0,   -- requests the provider did not take
    reason            text,                     -- of the last denial, failure or doubt: a fixed word
    send_at           timestamptz,
    claimed_at        timestamptz,              -- the point of no return: a withdrawal after it came too late
    sealed_reference  bytea,                    -- the caller's own id of the message
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    primary key (tenant, message_id),
    unique (tenant, trigger_kind, trigger_key),
    foreign key (tenant, subject_id) references subject (tenant, id)
) with (fillfactor = 75);
create index outbound_scheduled on outbound (tenant, send_at) where state = 'scheduled';
create index outbound_notice on outbound (tenant, subject_id, channel) where purpose = 'PRIVACY_NOTICE';
create index outbound_age on outbound (tenant, updated_at);

-- Each decision of the filter (FLT-1), without content or address.
create table send_decision (
    tenant         text        not null,
    id             uuid        not null,
    message_id     uuid        not null,
    subject_id     uuid        not null,
    stage          text        not null,        -- request: told to the caller at once | send: the one that counts
    decided_at     timestamptz not null,
    reason         text        not null,
    account        text        not null,
    basis          text,
    consent_state  text,
    record_id      uuid,
    text_version   text,
    window_kind    text,                        -- OPEN | WITHOUT_CONVERSATION | CLOSED
    window_ends_at timestamptz,
    obligations    text[]      not null,
    primary key (tenant, id)
);
create index send_decision_message on send_decision (tenant, message_id, id);

-- Messages an account took or may have taken in a calendar month, against its cap.
create table send_count (
    tenant  text not null,
    account text not null,
    month   date not null,
    sent    int  not null,
    primary key (tenant, account, month)
) with (fillfactor = 50);

do $$
declare
    t text;
begin
    foreach t in array array['outbound', 'send_decision', 'send_count'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
    execute format('revoke update on send_decision from %I', '${app_role}');
end
$$;
