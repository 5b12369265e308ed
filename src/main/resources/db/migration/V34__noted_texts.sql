-- Of every record which text it rests on, and up to which version of that text somebody looked at it: its own from the start, so that the
-- hub's clock finds who agreed to an earlier one by an index and reads no other.
alter table consent_record
    add column text_id text generated always as (substring(details ->> 'textVersion' from '^(.+)-v[0-9]{1,5}$')) stored;
alter table consent_record no force row level security;
update consent_record set text_noted = greatest(text_noted, substring(details ->> 'textVersion' from '-v([0-9]{1,5})$')::int, 0);
alter table consent_record force row level security;
alter table consent_record alter column text_noted set default 0, alter column text_noted set not null;
create index consent_record_text on consent_record (tenant, purpose, text_id, text_noted, subject_id) where state = 'GRANTED';
