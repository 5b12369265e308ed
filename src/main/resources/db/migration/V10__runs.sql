-- Erasures, what statute keeps of them, plans of deletion, their evidence, and the clustered schedule.

-- One answered wish of a person to be forgotten (GDPR Art. 17). Goes on where it stopped: phase says how far it is here, status how far
-- it is everywhere.
create table erasure_run (
    tenant          text        not null,
    id              uuid        not null,
    request         uuid        not null,
    subject_id      uuid        not null,
    phase           text        not null,        -- BEGUN | SHREDDED | DELETED
    status          text        not null,        -- RUNNING | PROPAGATING | COMPLETED | COMPLETED_WITH_EXCEPTIONS
    propagates      boolean     not null,        -- false: done again after a restore, everybody was told long ago
    kept            jsonb       not null,        -- what statute keeps: message, category, until, rule, because
    counts          jsonb       not null,        -- rows deleted by table
    wrapped_key     bytea,                       -- of what is needed to reach the providers; destroyed when all have answered
    started_at      timestamptz not null,
    shredded_at     timestamptz,
    deleted_at      timestamptz,
    finished_at     timestamptz,
    primary key (tenant, id),
    unique (tenant, request)
);
create index erasure_run_open on erasure_run (tenant, status) where status in ('RUNNING', 'PROPAGATING');
create index erasure_run_subject on erasure_run (tenant, subject_id);

-- What each recipient answered (RET-14).
create table erasure_task (
    tenant     text        not null,
    run        uuid        not null,
    request    uuid        not null,
    recipient  text        not null,             -- a destination, or provider:<account>
    status     text        not null,             -- DONE | NOT_SUPPORTED | EXPIRES_AT | RETRY | MANUAL
    until      timestamptz,                      -- with EXPIRES_AT: when the recipient's own period ends
    reason     text,                             -- a fixed word
    event_id   uuid,                             -- the event that tells a destination; null for a provider, which has calls
    updated_at timestamptz not null,
    primary key (tenant, run, recipient)
);

create index erasure_task_manual on erasure_task (tenant) where status = 'MANUAL' and event_id is not null;

-- One call to a provider's API.
create table erasure_call (
    tenant     text        not null,
    id         uuid        not null,
    run        uuid        not null,
    recipient  text        not null,
    event_id   uuid        not null,             -- its delivery
    step       text        not null,             -- delete | redact
    status     text        not null,             -- as of a task
    until      timestamptz,
    reason     text,
    not_before timestamptz not null,
    sealed     bytea,                            -- what is to be erased, under the run's key; null once answered
    updated_at timestamptz not null,
    primary key (tenant, id)
);
create index erasure_call_run on erasure_call (tenant, run, recipient);

-- Messages that law keeps although the person is forgotten (RET-8): sealed under the person's retained key, read by nobody but the
-- restricted role, deleted when their period ends.
create table retained_message (
    tenant          text        not null,
    id              uuid        not null,
    subject_id      uuid        not null,
    conversation_id uuid        not null,
    run             uuid        not null,
    account         text        not null,
    provider        text        not null,
    channel         text        not null,
    direction       text        not null,
    content_type    text        not null,
    category        text        not null,
    received_at     timestamptz not null,
    kept_until      timestamptz,                 -- null: as long as a hold lasts
    rule            text        not null,        -- id and version
    because         text        not null,
    sealed_body     bytea       not null,
    sealed_original bytea,
    sealed_media    bytea[]     not null default '{}',
    restricted_at   timestamptz not null,
    primary key (tenant, id)
);
create index retained_message_due on retained_message (tenant, kept_until);
create index retained_message_subject on retained_message (tenant, subject_id);

-- What a person declared, sealed anew for the period of its proof: the key it was first sealed under is gone (T15).
create table retained_evidence (
    tenant     text not null,
    event_id   uuid not null,
    subject_id uuid not null,
    sealed     bytea not null,
    primary key (tenant, event_id)
);
create index retained_evidence_subject on retained_evidence (tenant, subject_id);

-- Who ever received something about a person, after the deliveries themselves are gone (GDPR Art. 19).
create table disclosure (
    tenant     text        not null,
    subject_id uuid        not null,
    recipient  text        not null,
    last_at    timestamptz not null,
    primary key (tenant, subject_id, recipient)
);

-- A deduplication key that no longer leads to anything: it only keeps a repeated webhook from bringing an erased person back, and goes
-- once no copy can come any more.
alter table provider_event add column unlinked_at timestamptz;
create index provider_event_unlinked on provider_event (tenant, unlinked_at) where unlinked_at is not null;

-- Whom a kept answer is about: every id in it.
alter table idempotent_request add column about uuid[] not null default '{}';
create index idempotent_request_about on idempotent_request using gin (about);

-- What it costs to erase somebody must not grow with what is stored of others.
create index outbound_subject on outbound (tenant, subject_id);
create index send_decision_subject on send_decision (tenant, subject_id);

-- What a run would delete, under a hash that names it (RET-12).
create table retention_plan (
    tenant     text        not null,
    id         uuid        not null,
    hash       bytea       not null,
    rules      text        not null,
    counts     jsonb       not null,
    made_at    timestamptz not null,
    run        uuid,                             -- that executed it
    primary key (tenant, id)
);
create index retention_plan_hash on retention_plan (tenant, hash);

-- Evidence of deletion without what was deleted (RET-13): a hash chain per tenant.
create table deletion_journal (
    tenant      text        not null,
    position    bigint      not null,
    run         uuid        not null,
    kind        text        not null,            -- RETENTION | ERASURE | RESTORE
    event       text        not null,            -- SHREDDED | DELETED | RESTRICTED
    rule        text        not null,            -- id and version, or the article
    store       text        not null,
    items       bigint      not null,
    merkle_root bytea       not null,            -- over the random ids of the items, sorted
    plan_hash   bytea,
    actor       text        not null,
    from_time   timestamptz not null,
    to_time     timestamptz not null,
    prev_hash   bytea       not null,
    entry_hash  bytea       not null,
    primary key (tenant, position)
);
create table deletion_anchor (
    tenant     text   not null,
    day        date   not null,
    position   bigint not null,
    entry_hash bytea  not null,
    signature  bytea  not null,
    primary key (tenant, day)
);

do $$
declare
    t text;
begin
    foreach t in array array['erasure_run', 'erasure_task', 'erasure_call', 'retained_message', 'retained_evidence', 'disclosure',
                             'retention_plan', 'deletion_journal', 'deletion_anchor'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
    execute format('revoke delete on deletion_journal, deletion_anchor from %I', '${app_role}');
    execute format('revoke update on deletion_journal, deletion_anchor, retained_evidence from %I', '${app_role}');
end
$$;

-- The clustered schedule, as Quartz 2.5 has it (tables_postgres.sql): no data of a tenant.
create table qrtz_job_details
(
  sched_name        varchar(120) not null,
  job_name          varchar(200) not null,
  job_group         varchar(200) not null,
  description       varchar(250) null,
  job_class_name    varchar(250) not null,
  is_durable        bool         not null,
  is_nonconcurrent  bool         not null,
  is_update_data    bool         not null,
  requests_recovery bool         not null,
  job_data          bytea        null,
  primary key (sched_name, job_name, job_group)
);

create table qrtz_triggers
(
  sched_name     varchar(120) not null,
  trigger_name   varchar(200) not null,
  trigger_group  varchar(200) not null,
  job_name       varchar(200) not null,
  job_group      varchar(200) not null,
  description    varchar(250) null,
  next_fire_time bigint       null,
  prev_fire_time bigint       null,
  priority       integer      null,
  trigger_state  varchar(16)  not null,
  trigger_type   varchar(8)   not null,
  start_time     bigint       not null,
  end_time       bigint       null,
  calendar_name  varchar(200) null,
  misfire_instr  smallint     null,
  job_data       bytea        null,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, job_name, job_group)
  references qrtz_job_details (sched_name, job_name, job_group)
);

create table qrtz_simple_triggers
(
  sched_name      varchar(120) not null,
  trigger_name    varchar(200) not null,
  trigger_group   varchar(200) not null,
  repeat_count    bigint       not null,
  repeat_interval bigint       not null,
  times_triggered bigint       not null,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group)
  references qrtz_triggers (sched_name, trigger_name, trigger_group)
);

create table qrtz_cron_triggers
(
  sched_name      varchar(120) not null,
  trigger_name    varchar(200) not null,
  trigger_group   varchar(200) not null,
  cron_expression varchar(120) not null,
  time_zone_id    varchar(80),
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group)
  references qrtz_triggers (sched_name, trigger_name, trigger_group)
);

create table qrtz_simprop_triggers
(
  sched_name    varchar(120)   not null,
  trigger_name  varchar(200)   not null,
  trigger_group varchar(200)   not null,
  str_prop_1    varchar(512)   null,
  str_prop_2    varchar(512)   null,
  str_prop_3    varchar(512)   null,
  int_prop_1    int            null,
  int_prop_2    int            null,
  long_prop_1   bigint         null,
  long_prop_2   bigint         null,
  dec_prop_1    numeric(13, 4) null,
  dec_prop_2    numeric(13, 4) null,
  bool_prop_1   bool           null,
  bool_prop_2   bool           null,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group)
  references qrtz_triggers (sched_name, trigger_name, trigger_group)
);

create table qrtz_blob_triggers
(
  sched_name    varchar(120) not null,
  trigger_name  varchar(200) not null,
  trigger_group varchar(200) not null,
  blob_data     bytea        null,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group)
  references qrtz_triggers (sched_name, trigger_name, trigger_group)
);

create table qrtz_calendars
(
  sched_name    varchar(120) not null,
  calendar_name varchar(200) not null,
  calendar      bytea        not null,
  primary key (sched_name, calendar_name)
);

create table qrtz_paused_trigger_grps
(
  sched_name    varchar(120) not null,
  trigger_group varchar(200) not null,
  primary key (sched_name, trigger_group)
);

create table qrtz_fired_triggers
(
  sched_name        varchar(120) not null,
  entry_id          varchar(95)  not null,
  trigger_name      varchar(200) not null,
  trigger_group     varchar(200) not null,
  instance_name     varchar(200) not null,
  fired_time        bigint       not null,
  sched_time        bigint       not null,
  priority          integer      not null,
  state             varchar(16)  not null,
  job_name          varchar(200) null,
  job_group         varchar(200) null,
  is_nonconcurrent  bool         null,
  requests_recovery bool         null,
  primary key (sched_name, entry_id)
);

create table qrtz_scheduler_state
(
  sched_name        varchar(120) not null,
  instance_name     varchar(200) not null,
  last_checkin_time bigint       not null,
  checkin_interval  bigint       not null,
  primary key (sched_name, instance_name)
);

create table qrtz_locks
(
  sched_name varchar(120) not null,
  lock_name  varchar(40)  not null,
  primary key (sched_name, lock_name)
);

create index idx_qrtz_j_req_recovery
  on qrtz_job_details (sched_name, requests_recovery);
create index idx_qrtz_j_grp
  on qrtz_job_details (sched_name, job_group);

create index idx_qrtz_t_j
  on qrtz_triggers (sched_name, job_name, job_group);
create index idx_qrtz_t_jg
  on qrtz_triggers (sched_name, job_group);
create index idx_qrtz_t_c
  on qrtz_triggers (sched_name, calendar_name);
create index idx_qrtz_t_g
  on qrtz_triggers (sched_name, trigger_group);
create index idx_qrtz_t_state
  on qrtz_triggers (sched_name, trigger_state);
create index idx_qrtz_t_n_state
  on qrtz_triggers (sched_name, trigger_name, trigger_group, trigger_state);
create index idx_qrtz_t_n_g_state
  on qrtz_triggers (sched_name, trigger_group, trigger_state);
create index idx_qrtz_t_next_fire_time
  on qrtz_triggers (sched_name, next_fire_time);
create index idx_qrtz_t_nft_st
  on qrtz_triggers (sched_name, trigger_state, next_fire_time);
create index idx_qrtz_t_nft_misfire
  on qrtz_triggers (sched_name, misfire_instr, next_fire_time);
create index idx_qrtz_t_nft_st_misfire
  on qrtz_triggers (sched_name, misfire_instr, next_fire_time, trigger_state);
create index idx_qrtz_t_nft_st_misfire_grp
  on qrtz_triggers (sched_name, misfire_instr, next_fire_time, trigger_group, trigger_state);

create index idx_qrtz_ft_trig_inst_name
  on qrtz_fired_triggers (sched_name, instance_name);
create index idx_qrtz_ft_inst_job_req_rcvry
  on qrtz_fired_triggers (sched_name, instance_name, requests_recovery);
create index idx_qrtz_ft_j_g
  on qrtz_fired_triggers (sched_name, job_name, job_group);
create index idx_qrtz_ft_jg
  on qrtz_fired_triggers (sched_name, job_group);
create index idx_qrtz_ft_t_g
  on qrtz_fired_triggers (sched_name, trigger_name, trigger_group);
create index idx_qrtz_ft_tg
  on qrtz_fired_triggers (sched_name, trigger_group);

do $$
declare
    t text;
begin
    foreach t in array array['qrtz_job_details', 'qrtz_triggers', 'qrtz_simple_triggers', 'qrtz_cron_triggers', 'qrtz_simprop_triggers', 'qrtz_blob_triggers', 'qrtz_calendars', 'qrtz_paused_trigger_grps', 'qrtz_fired_triggers', 'qrtz_scheduler_state', 'qrtz_locks'] loop
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
