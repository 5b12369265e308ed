-- A delivery that is stored and on no topic yet, because its hub was killed in between, stands before the later ones of its lane.
create index delivery_pending on delivery (tenant, destination, lane, sequence) where state = 'pending';
