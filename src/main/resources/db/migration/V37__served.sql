-- When a node last said that it can send over the account; null for what is no account (docs/decisions/0027).
alter table destination_state add column served_at timestamptz;
