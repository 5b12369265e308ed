-- The information duty (INF-1 to INF-5), categories of templates (FLT-6), and what the deadlines of consent (T7, T12) look for.

-- Which notice a person was sent over a channel, and what became of it (INF-3). The wording is the version in text_version whose
-- hash this is; a prompt that says what the notice says has its own wording here and counts as the notice in force.
create table notice_delivery (
    tenant         text        not null,
    id             uuid        not null,
    subject_id     uuid        not null,
    channel        text        not null,         -- the channel consent is kept for
    notice_version text        not null,         -- the notice it counts as: notice-v2
    attempt        smallint    not null,         -- 1, or 2 after the first did not arrive
    text_version   text        not null,         -- the words shown: notice-v2, or prompt-v3 if that embeds them
    language       text        not null,
    text_sha256    bytea       not null,
    message_id     uuid,                         -- of the hub; null if the message left by other means
    cause          text        not null,         -- first_contact | text_changed | required | prompt | retry
    template       text,                         -- the provider's template that carried it
    queued_at      timestamptz not null,
    sent_at        timestamptz,
    delivered_at   timestamptz,
    read_at        timestamptz,
    failed_at      timestamptz,
    primary key (tenant, id),
    unique (tenant, subject_id, channel, notice_version, attempt),
    foreign key (tenant, subject_id) references subject (tenant, id)
) with (fillfactor = 80);
create index notice_delivery_message on notice_delivery (tenant, message_id);

-- What a provider last said a template is (FLT-6). One the provider said nothing about has no row.
create table template_category (
    tenant   text        not null,
    account  text        not null,
    template text        not null,               -- name, or the provider's id
    language text        not null,               -- '' where the provider says it of all languages
    category text        not null,               -- UTILITY | MARKETING | AUTHENTICATION
    since    timestamptz not null,
    source   text        not null,               -- how it came: the provider's event
    primary key (tenant, account, template, language)
);

-- The next instant a record's own clock acts on it: a prompt unanswered, a due reconsent without prompt (T7), the end of a grant's
-- validity (T12). Written with the record, so that the sweep reads an index instead of every record.
alter table consent_record
    add column due_at     timestamptz,
    add column text_noted int;                   -- version of the prompt's text in force when last looked at (T11)
alter table consent_record no force row level security;
update consent_record set due_at = case state
           when 'PENDING' then (details -> 'prompt' ->> 'deadline')::timestamptz
           when 'RECONSENT_DUE' then (details ->> 'reconsentUntil')::timestamptz
           when 'GRANTED' then (details ->> 'validUntil')::timestamptz end;
alter table consent_record force row level security;
create index consent_record_due on consent_record (tenant, due_at) where due_at is not null;

-- A tap on an advertisement opens a longer window on some channels (table 2.3).
alter table conversation add column ad_click_at timestamptz, add column last_written_at timestamptz;

do $$
declare
    t text;
begin
    foreach t in array array['notice_delivery', 'template_category'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
