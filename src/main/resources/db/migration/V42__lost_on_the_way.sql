-- What is pending for long is on no topic any more: the wake-up looks for it once a second. By another expression than the index by lane
-- has, or whoever looks for what is pending in a lane would be given this one, and read all that is pending of the destination.
create index delivery_pending_age on delivery (tenant, destination, created_at) where lower(state) = 'pending';
