-- What is pending for long is on no topic any more: the wake-up looks for it once a second.
create index delivery_pending_age on delivery (tenant, destination, created_at) where state = 'pending';
