-- What an erasure was going to do when it began, and the hash its evidence names (DSR-7, RET-12, RET-13).
alter table erasure_run add column plan jsonb, add column plan_hash bytea;
