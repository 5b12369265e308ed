-- What is due is woken by destination, a share of each: the backlog of one that is down makes nobody else's deliveries wait.
create index delivery_due_by_destination on delivery (tenant, destination, next_attempt_at, sequence) where state = 'parked';
drop index delivery_due;
