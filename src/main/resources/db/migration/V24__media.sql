-- The files of media: when they are fetched, where their bytes lie, and what opens them. A file goes with the row of media it belongs to, or
-- with the retained message that took it over; what lies in the object store goes once its file is gone, and its row stays to show it.
alter table media add constraint media_id unique (tenant, id);

create table media_file (
    tenant          text        not null,
    id              uuid        not null,        -- as in media
    media_id        uuid,                        -- null once the message is retained
    retained_id     uuid,                        -- the retained message it belongs to
    message_id      uuid        not null,
    subject_id      uuid        not null,
    account         text        not null,
    state           text        not null,        -- waiting | stored | given_up
    reason          text,                        -- why it is not there (yet)
    attempts        int         not null default 0,
    running         boolean     not null default false,
    next_attempt_at timestamptz,                 -- while waiting; of a fetch that runs, when it counts as lost
    object_id       uuid,                        -- once stored
    sealed_key      bytea,                       -- of this file alone, under the key of its person
    sealed_facts    bytea,                       -- what the bytes say: type, size, SHA-256
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    primary key (tenant, id),
    foreign key (tenant, media_id) references media (tenant, id) on delete cascade,
    foreign key (tenant, retained_id) references retained_message (tenant, id) on delete cascade
) with (fillfactor = 80);
create index media_file_media on media_file (tenant, media_id);
create index media_file_retained on media_file (tenant, retained_id) where retained_id is not null;
create index media_file_message on media_file (tenant, message_id);
create index media_file_due on media_file (tenant, account, next_attempt_at) where state = 'waiting';
create index media_file_given_up on media_file (tenant, id) where state = 'given_up';

-- What was ever put into the object store, under a random id. Without a file it is to be deleted there.
create table media_object (
    tenant     text        not null,
    id         uuid        not null,
    file_id    uuid,
    created_at timestamptz not null,
    attempts   int         not null default 0,   -- at deleting it
    retry_at   timestamptz,
    gone_at    timestamptz,                      -- the store was asked and has nothing of it any more
    primary key (tenant, id),
    foreign key (tenant, file_id) references media_file (tenant, id) on delete set null (file_id)
);
create index media_object_file on media_object (tenant, file_id) where file_id is not null;
create index media_object_loose on media_object (tenant, retry_at) where file_id is null and gone_at is null;

-- The object store of a hub that has no other: ciphertext in pieces.
create table media_piece (
    tenant    text  not null,
    object_id uuid  not null,
    position  int   not null,
    bytes     bytea not null,
    primary key (tenant, object_id, position)
);
alter table media_piece alter column bytes set storage external;       -- ciphertext does not get smaller

do $$
declare
    t text;
begin
    foreach t in array array['media_file', 'media_object', 'media_piece'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
