-- What is left of a person's consent after an erasure (T15).

-- A refusal that outlives the person's data (SEC-4): tenant, channel, a keyed hash of the address, scope and date, nothing else. It becomes
-- a suppression again when somebody with that address comes.
create table suppression_stub (
    tenant   text        not null,
    channel  text        not null,
    stub_key bytea       not null,               -- keyed hash of the address's lookup, by a key of its own (SEC-2)
    scope    text        not null,               -- ALL | MARKETING
    since    timestamptz not null,
    primary key (tenant, channel, stub_key, scope)
);

-- Whose proof is kept for its period only, out of ordinary access (GDPR Art. 18, 17(3)(e)).
create table restricted_proof (
    tenant     text        not null,
    subject_id uuid        not null,
    since      timestamptz not null,
    primary key (tenant, subject_id)
);

do $$
declare
    t text;
begin
    foreach t in array array['suppression_stub', 'restricted_proof'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_apart on %I using (tenant = any ((select app_tenants())::text[]))'
                       || ' with check (tenant = any ((select app_tenants())::text[]))', t);
        execute format('grant select, insert, delete on %I to %I', t, '${app_role}');
    end loop;
end
$$;
