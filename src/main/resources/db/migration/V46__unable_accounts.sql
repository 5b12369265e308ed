-- Accounts that cannot carry a message, whenever they are asked: of those it was handed on from, all others may later.
alter table outbound add column unable text[] not null default '{}';
