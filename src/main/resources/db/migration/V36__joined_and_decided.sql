-- What was nearly a STOP may have been said more than once before a human decides: the decision is about the newest of it. And it stays
-- known what was decided already (since is null then), for a person with two names is told by both.
alter table possible_withdrawal
    alter column since drop not null,
    add column last_at  timestamptz,
    add column heard_at timestamptz;
-- Up to which refusal two who are one person have been told by each other; of records it is in details.
alter table suppression add column heard_at timestamptz;

alter table possible_withdrawal no force row level security;
update possible_withdrawal set last_at = since;
alter table possible_withdrawal force row level security;
