-- Messages that a destination has yet to take, by the event that holds them: what an archive has not acknowledged is not deleted here (RET-11).
-- A dead letter waits too, for a replay; what was withheld was decided about. The planner takes the view into the statement that asks, and
-- must not begin with the few deliveries that are open (docs/decisions/0013).
create view untaken_message with (security_invoker = true) as
select e.tenant, e.message_id, d.destination
  from event e join delivery d on d.tenant = e.tenant and d.event_id = e.id
 where e.type in ('jawort.message.received.v1', 'jawort.message.sent.v1')
   and case when d.state in ('pending', 'parked', 'dead') then true end;

do $$
begin
    execute format('grant select on untaken_message to %I', '${app_role}');
end
$$;
