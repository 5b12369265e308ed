-- What messages and conversations are filed under beside their category, and what describes how archives are fed (RET-11).

-- One label of a message or, without a message, of its conversation. A change ends one row and adds another, so that who filed what under
-- which word can be told for as long as the message is there. A value may name a person: sealed, and found again by a keyed hash.
create table label (
    tenant          text        not null,
    id              uuid        not null,
    subject_id      uuid        not null,
    conversation_id uuid        not null,
    message_id      uuid,
    name            text        not null,        -- case | vehicle | appointment | a word of the tenant's own
    value_key       bytea       not null,
    sealed_value    bytea       not null,
    source          text        not null,        -- rule | api | destination
    set_by          text        not null,        -- id of the rule, of the API key, of the destination
    set_at          timestamptz not null,
    removed_by      text,
    removed_at      timestamptz,
    primary key (tenant, id),
    foreign key (tenant, conversation_id) references conversation (tenant, id) on delete cascade
);
create unique index label_current on label (tenant, conversation_id, message_id, name) nulls not distinct where removed_at is null;
create index label_value on label (tenant, value_key) where removed_at is null;
create index label_message on label (tenant, message_id);
create index label_subject on label (tenant, subject_id);

-- What a conversation is by commercial and tax law, for its messages to come that no rule classifies (RET-7).
alter table conversation
    add column category        text,             -- COMMERCIAL_LETTER | VOUCHER | NONE
    add column category_source text,             -- agent | crm
    add column category_by     text,             -- id of the API key or of the destination
    add column category_at     timestamptz;

-- A restricted letter keeps its labels, under the retained key; their keyed hashes cannot be joined with those of other labels.
alter table retained_message
    add column sealed_labels bytea,
    add column label_keys    bytea[] not null default '{}';

-- The date among the four fields a document is searched by (RET-11); brin costs the pipeline next to nothing.
create index message_received on message using brin (received_at);
create index retained_message_received on retained_message (tenant, received_at);

-- How a tenant's archives are fed, as configured: a version for each configuration that was ever in force.
create table archive_procedure (
    tenant      text        not null,
    version     int         not null,
    sha256      text        not null,            -- hex, of description
    description text        not null,            -- RFC 8785
    since       timestamptz not null,
    primary key (tenant, version)
);

do $$
declare
    t text;
begin
    foreach t in array array['label', 'archive_procedure'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
    execute format('revoke update, delete on archive_procedure from %I', '${app_role}');
end
$$;
