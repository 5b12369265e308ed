-- The nightly run looks up entries of the ledger by the salts that are left of them.
create index consent_event_id on consent_event (tenant, id);

-- Decisions about sends go by age, a slice at a time.
create index send_decision_age on send_decision (tenant, decided_at);
