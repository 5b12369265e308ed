-- A long text may go in parts, each under an id of the provider's own: what is told of the message is what all of them have reached.
alter table message_status add column part boolean not null default false;
create index message_status_message on message_status (tenant, message_id) where message_id is not null;
