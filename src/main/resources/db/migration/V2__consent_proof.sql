-- Proof of consent: immutable texts (CON-23, INF-5), and the ledger of declarations as a hash chain per tenant (CON-20, CON-21).

-- Texts people were shown, every version for as long as a record may refer to it. Only ever added to.
create table text_version (
    tenant        text        not null,
    id            text        not null,
    version       int         not null,
    language      text        not null,
    kind          text        not null,          -- consentPrompt | notice | optOutConfirmation | confirmation | consentForm
    purpose       text,                          -- what a prompt asks for
    embeds_notice boolean     not null,
    author        text        not null,
    approved_by   text        not null,
    valid_from    date        not null,
    change        text        not null,          -- editorial | material
    notice_url    text        not null,
    words         text        not null,
    sha256        bytea       not null,          -- of words, UTF-8
    stored_at     timestamptz not null,
    primary key (tenant, id, version, language)
);

-- What was configured around a declaration: controller, recipients, retention and the like. Shared by all entries that were made
-- under the same configuration, and found by its own hash.
create table consent_terms (
    tenant text        not null,
    sha256 bytea       not null,                 -- of terms as RFC 8785 writes them
    terms  jsonb       not null,
    primary key (tenant, sha256)
);

-- What an entry of the ledger says about a person beyond random ids, with the salt of its commitment. A row may be deleted without
-- breaking the chain; then nobody can tell any more what was committed to (CON-21).
create table consent_salt (
    tenant          text        not null,
    event_id        uuid        not null,
    subject_id      uuid        not null,
    salt            bytea       not null,        -- 256 bit
    address_lookup  bytea,                       -- the address it was declared from or for, as in address.lookup
    sealed_evidence bytea,                       -- the declaration itself
    primary key (tenant, event_id)
);
create index consent_salt_subject on consent_salt (tenant, subject_id);

-- The end of each tenant's chain. Who appends locks the row until the transaction ends: no two entries have one predecessor.
create table consent_chain (
    tenant      text        not null,
    chain_index bigint      not null,            -- of the last entry, 0 before the first
    entry_hash  bytea       not null,
    primary key (tenant)
) with (fillfactor = 50);

-- The head of the chain, once a day, signed; also sent to where the tenant's destinations keep it.
create table ledger_anchor (
    tenant      text        not null,
    day         date        not null,
    chain_index bigint      not null,
    entry_hash  bytea       not null,
    signature   bytea       not null,
    event_id    uuid        not null,
    primary key (tenant, day)
);

alter table consent_event
    add column chain_index   bigint,
    add column address_id    uuid,
    add column basis         text,
    add column matched_rule  text,               -- how it came or was read: IMPORT, BUTTON, STOP_WORD, PHONE …
    add column text_version  text,               -- what the person was shown: of text_version, or a name the tenant gave
    add column language      text,
    add column text_sha256   bytea,              -- null for a text the hub does not have
    add column notice_version text,              -- the privacy notice in force
    add column valid_until   timestamptz,
    add column terms_sha256  bytea,
    add column commitment    bytea,              -- SHA-256 over salt and RFC 8785 of what consent_salt holds
    add column prev_hash     bytea,
    add column entry_hash    bytea;              -- SHA-256 over RFC 8785 of all other fields but position

-- Entries from before the chain are chained now, in their order. This says once more, for this one moment, how an entry is written;
-- org.jawort.consent.LedgerEntry says it for good.
alter table consent_event no force row level security;
do $$
declare
    e        record;
    salt     bytea;
    secret   bytea;
    previous bytea;
    entry    bytea;
    of       text := '';
    i        bigint;
begin
    for e in select * from consent_event order by tenant, position loop
        if e.tenant <> of then
            of := e.tenant;
            i := 0;
            previous := decode(repeat('00', 32), 'hex');
        end if;
        i := i + 1;
        salt := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
        secret := sha256(salt || convert_to('{"addressLookup":null,"evidence":'
                      || coalesce('"' || translate(encode(e.sealed_evidence, 'base64'), E'\n', '') || '"', 'null') || '}', 'UTF8'));
        entry := sha256(convert_to('{'
            || '"actor":' || to_json(e.actor)::text
            || ',"addressId":null'
            || ',"basis":null'
            || ',"causeMessage":' || coalesce(to_json(e.cause_message)::text, 'null')
            || ',"chainIndex":' || i
            || ',"channel":' || to_json(e.channel)::text
            || ',"commitment":"' || encode(secret, 'hex') || '"'
            || ',"event":' || to_json(e.event)::text
            || ',"eventTime":' || coalesce('"' || to_char(e.event_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"', 'null')
            || ',"id":' || to_json(e.id)::text
            || ',"language":null'
            || ',"matchedRule":null'
            || ',"noticeVersion":null'
            || ',"outcome":' || to_json(e.outcome)::text
            || ',"prevHash":"' || encode(previous, 'hex') || '"'
            || ',"previousState":' || coalesce(to_json(e.previous_state)::text, 'null')
            || ',"purpose":' || coalesce(to_json(e.purpose)::text, 'null')
            || ',"reason":' || coalesce(to_json(e.reason)::text, 'null')
            || ',"receivedTime":"' || to_char(e.received_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'
            || ',"recordId":' || coalesce(to_json(e.record_id)::text, 'null')
            || ',"state":' || coalesce(to_json(e.state)::text, 'null')
            || ',"subjectId":' || to_json(e.subject_id)::text
            || ',"tenant":' || to_json(e.tenant)::text
            || ',"termsSha256":null'
            || ',"textSha256":null'
            || ',"textVersion":null'
            || ',"transition":' || coalesce(to_json(e.transition)::text, 'null')
            || ',"validUntil":null'
            || '}', 'UTF8'));
        update consent_event set chain_index = i, commitment = secret, prev_hash = previous, entry_hash = entry
         where tenant = e.tenant and position = e.position;
        insert into consent_salt (tenant, event_id, subject_id, salt, sealed_evidence)
        values (e.tenant, e.id, e.subject_id, salt, e.sealed_evidence);
        insert into consent_chain values (e.tenant, i, entry)
            on conflict (tenant) do update set chain_index = excluded.chain_index, entry_hash = excluded.entry_hash;
        previous := entry;
    end loop;
end
$$;
alter table consent_event force row level security;

alter table consent_event
    alter column chain_index set not null,
    alter column commitment set not null,
    alter column prev_hash set not null,
    alter column entry_hash set not null,
    drop column sealed_evidence;
create unique index consent_event_chain on consent_event (tenant, chain_index);

-- Tenants apart, and what may never change or go is not granted.
do $$
declare
    t text;
begin
    foreach t in array array['text_version', 'consent_terms', 'consent_salt', 'consent_chain', 'ledger_anchor'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert on %I to %I', t, '${app_role}');
    end loop;
    execute format('grant delete on consent_salt to %I', '${app_role}');
    execute format('grant update on consent_chain to %I', '${app_role}');
    execute format('revoke update, delete on consent_event from %I', '${app_role}');
end
$$;
