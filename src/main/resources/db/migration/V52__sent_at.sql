-- When a message left at last: the period of a letter begins with that, not with the request, which may be months older (HGB §257(5)).
alter table message add column sent_at timestamptz;
alter table retained_message add column sent_at timestamptz;

alter table message no force row level security;
alter table send_decision no force row level security;
update message m set sent_at = d.sent_at
  from (select tenant, message_id, max(decided_at) as sent_at from send_decision where stage = 'send' and reason = 'OUT_OK'
         group by tenant, message_id) d
 where d.tenant = m.tenant and d.message_id = m.id and d.sent_at > m.received_at + interval '1 minute';
alter table message force row level security;
alter table send_decision force row level security;
