-- What an erasure leaves besides messages, as its answer lists it: data type, how many, until when, by which rule and why.
alter table erasure_run add column kept_besides jsonb not null default '[]';
