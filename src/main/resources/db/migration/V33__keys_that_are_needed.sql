-- Refusals of erased people, and what law keeps of them, are found by a hash of a hash. Both are under the tenant's oldest key now, which is
-- never destroyed. Before, the inner one was under the key that wrote: of which nobody can tell, so all there are stay while there is any.
alter table tenant_key add column hashes boolean not null default false;

alter table tenant_key no force row level security;
alter table suppression_stub no force row level security;
alter table retained_party no force row level security;
update tenant_key k set hashes = true
 where exists (select 1 from suppression_stub s where s.tenant = k.tenant)
    or exists (select 1 from retained_party p where p.tenant = k.tenant);
alter table tenant_key force row level security;
alter table suppression_stub force row level security;
alter table retained_party force row level security;

-- When the last webhook of a day left the spool for Kafka, which keeps it from then on for the topic's retention.
alter table sealing_key add column drained_at timestamptz;
