-- What the hub knows of a destination on every node: whether anybody stopped it, whether its breaker is open, since when it fails. A
-- destination without a row is active and well. Nothing here is about a person.
create table destination_state (
    tenant          text        not null,
    destination     text        not null,
    state           text        not null default 'active',   -- active | paused | disabled
    since           timestamptz,                             -- of the state; null: from the start
    reason          text,                                    -- REQUESTED | GONE | FAILED_TOO_LONG
    changed_by      text,                                    -- id of the API key; null: the hub
    failing_since   timestamptz,                             -- first failure after the last success
    warned          int         not null default 0,          -- per cent of the time to disabling that were told of
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_status     int,
    last_error      text,
    open_since      timestamptz,                             -- breaker
    probe_at        timestamptz,                             -- when one delivery may try; null: the breaker is closed
    failed_probes   int         not null default 0,
    slow            boolean     not null default false,      -- takes longer for a batch than there is time
    primary key (tenant, destination)
) with (fillfactor = 50);

create table destination_change (
    tenant      text        not null,
    id          uuid        not null,
    destination text        not null,
    at          timestamptz not null,
    change      text        not null,                        -- paused | resumed | disabled | failing
    reason      text,                                        -- as in destination_state; of failing: per cent
    changed_by  text,
    primary key (tenant, id)
);
create index destination_change_of on destination_change (tenant, destination, at desc);

do $$
declare
    t text;
begin
    foreach t in array array['destination_state', 'destination_change'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, update, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
