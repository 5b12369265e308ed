-- A second request of somebody who is being erased is answered by the run that is under way: its own row only says which.
alter table erasure_run add column follows uuid;

-- Given before: a replay begins a delivery anew, and who received something has it all the same.
alter table delivery add column given boolean not null default false;

-- What next_attempt_at is while a parked delivery is on its way: an erasure waits for that, and not for what waits for its time.
alter table delivery add column leased_until timestamptz;

-- Whether a destination may have what a delivery carries, whether it said so or not (GDPR Art. 19).
create function was_received(state text, attempts int, given boolean) returns boolean
    language sql immutable parallel safe
    return state = 'delivered' or attempts > 0 or given;

-- Whether what tells recipients to delete something is needed still: it is on its way, or a nightly run has yet to count what became of it.
create function awaits_recipient(of_tenant text, event uuid) returns boolean
    language sql stable parallel safe
    return exists (
        select 1 from delivery d
         where d.tenant = of_tenant and d.event_id = event
           and (d.state in ('pending', 'parked')
                or d.state in ('dead', 'withheld') and exists (
                       select 1 from retention_run r join deletion_task t on t.tenant = r.tenant and t.run = r.id
                        where r.tenant = of_tenant and r.status = 'RUNNING' and t.recipient = d.destination
                          and d.sequence between t.first_sequence and t.last_sequence)));
