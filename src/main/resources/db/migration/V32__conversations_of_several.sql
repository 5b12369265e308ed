-- The id of a conversation at a provider in which several people have written: it stands for none of them who is named.
alter table address add column several boolean not null default false;
