-- Under which addresses somebody was known of whom law keeps something after an erasure: so that who comes back gets a copy of that too
-- (GDPR Art. 15), and nobody else is found by it. Gone with the last thing that is kept.
create table retained_party (
    tenant     text  not null,
    subject_id uuid  not null,
    channel    text  not null,
    party_key  bytea not null,                  -- keyed hash of the address's lookup, not the lookup itself (SEC-1, SEC-2)
    primary key (tenant, party_key, subject_id),
    foreign key (tenant, subject_id) references subject (tenant, id) on delete cascade
);
create index retained_party_subject on retained_party (tenant, subject_id);

-- A change to a tenant's key, asked for by one API key and made by another (SEC-6).
create table key_change (
    tenant      text        not null,
    id          uuid        not null,
    kind        text        not null,           -- REPLACE | DESTROY
    version     int,                            -- to destroy; of a replacement the one that was made
    reason      text        not null,
    state       text        not null,           -- PROPOSED | DONE | WITHDRAWN
    proposed_at timestamptz not null,
    proposed_by text        not null,           -- id of an API key
    decided_at  timestamptz,
    decided_by  text,
    primary key (tenant, id)
);

-- What a processor was asked to erase in the shape of OpenDSR (DSR-10), and how far it is.
create table processor_request (
    tenant            text        not null,
    id                uuid        not null,     -- random, as the processor knows the request
    run               uuid        not null,     -- of the erasure
    recipient         text        not null,     -- id of the destination
    event_id          uuid        not null,     -- its delivery
    submitted_at      timestamptz not null,     -- by the person
    sealed_identities bytea,                    -- how the processor knows the person, under the run's key; null once received
    status            text        not null,     -- QUEUED | PENDING | IN_PROGRESS | COMPLETED | CANCELLED
    received_at       timestamptz,
    expected_at       timestamptz,              -- by when the processor promises to be done
    receipt_sha256    bytea,                    -- of the receipt it signed
    told_at           timestamptz,              -- last callback
    primary key (tenant, id)
);
create index processor_request_event on processor_request (tenant, event_id);

do $$
declare
    t text;
begin
    foreach t in array array['retained_party', 'key_change', 'processor_request'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
    end loop;
    execute format('grant select, insert, delete on retained_party to %I', '${app_role}');
    execute format('grant select, insert, update, delete on key_change, processor_request to %I', '${app_role}');
end
$$;
