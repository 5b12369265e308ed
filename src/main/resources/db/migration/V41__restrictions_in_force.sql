-- What people asked to have kept and not used (GDPR Art. 18), until it is lifted or they are erased.
create index rights_request_restriction on rights_request (tenant, subject_id) where type = 'RESTRICT' and lifted_at is null;
create view restriction_in_force with (security_invoker = true) as
select r.tenant, r.subject_id, r.id as request_id, coalesce(r.answered_at, r.received_at) as since
  from rights_request r join subject_key k on k.tenant = r.tenant and k.subject_id = r.subject_id and k.key_group = 'ordinary'
 where r.type = 'RESTRICT' and r.lifted_at is null and r.outcome ->> 'done' = 'RESTRICTED';

do $$
begin
    execute format('grant select on restriction_in_force to %I', '${app_role}');
end
$$;
