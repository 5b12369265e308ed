-- What a night deletes was often closed at the same moment, by the run that closes idle conversations: batches go by
-- time and id, and none looks again through what those before it have emptied.
create index conversation_closed_in_order on conversation (tenant, closed_at, id) where closed_at is not null;
drop index conversation_closed;
alter index conversation_closed_in_order rename to conversation_closed;
