-- What a night deletes was often closed at the same moment, by the run that closes idle conversations: batches go by
-- time and id, and none looks again through what those before it have emptied.
drop index conversation_closed;
create index conversation_closed on conversation (tenant, closed_at, id) where closed_at is not null;
