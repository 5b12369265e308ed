-- A file that came after its message is told to an archive by an event of its own: until that was taken, message and file stay as well (RET-11).
create or replace view untaken_message with (security_invoker = true) as
select e.tenant, e.message_id, d.destination
  from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
 where e.type in ('jawort.message.received.v1', 'jawort.message.sent.v1', 'jawort.media.stored.v1')
   and case when d.state in ('pending', 'parked', 'dead') then true end;
