-- What was nearly a STOP may have been said more than once before a human decides: the decision is about the newest of it. And it stays
-- known what was decided already (since is null then), for a person with two names is told by both.
alter table possible_withdrawal
    alter column since drop not null,
    add column last_at  timestamptz,
    add column heard_at timestamptz;
-- Up to which refusal two who are one person have been told by each other; of records it is in details.
alter table suppression add column heard_at timestamptz;

-- Before, a version could be noted on every record of a person and purpose, whatever its text was. Where there are several texts each record
-- has its own version again, and the clock looks at it once more.
alter table possible_withdrawal no force row level security;
alter table consent_record no force row level security;
update possible_withdrawal set last_at = since;
update consent_record r set text_noted = coalesce(substring(details ->> 'textVersion' from '-v([0-9]{1,5})$')::int, 0)
 where exists (select 1 from consent_record o
                where o.tenant = r.tenant and o.subject_id = r.subject_id and o.purpose = r.purpose and o.text_id <> r.text_id);
alter table possible_withdrawal force row level security;
alter table consent_record force row level security;
