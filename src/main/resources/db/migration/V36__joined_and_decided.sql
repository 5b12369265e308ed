-- What was nearly a STOP may have been said more than once before a human decides: the decision is about the newest of it.
alter table possible_withdrawal add column last_at timestamptz;

-- Subjects of one identity are names of one person; null for whoever has one name.
alter table subject add column identity uuid;
create index subject_identity on subject (tenant, identity) where identity is not null;

-- Before, a version could be noted on every record of a person and purpose, whatever its text was. Where there are several texts each record
-- has its own version again, and the clock looks at it once more.
alter table possible_withdrawal no force row level security;
alter table consent_record no force row level security;
update possible_withdrawal set last_at = since;
alter table possible_withdrawal alter column last_at set not null;
update consent_record r set text_noted = coalesce(substring(details ->> 'textVersion' from '-v([0-9]{1,5})$')::int, 0)
 where exists (select 1 from consent_record o
                where o.tenant = r.tenant and o.subject_id = r.subject_id and o.purpose = r.purpose and o.text_id <> r.text_id);
alter table possible_withdrawal force row level security;
alter table consent_record force row level security;
