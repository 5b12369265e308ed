-- Answers kept for repeated requests are looked for by age every quarter of an hour (RET-1).
create index idempotent_request_age on idempotent_request (tenant, created_at);
