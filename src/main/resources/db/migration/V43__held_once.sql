-- A record that is read again is held once: the hash of its sealed bytes, and of which entry it is about.
alter table quarantine add column origin bytea;          -- null: held before there was a name for it
create unique index quarantine_origin on quarantine (tenant, origin);
