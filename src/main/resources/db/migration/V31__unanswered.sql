-- Prompts and notices whose request nobody answered, and no status told of: looked for every quarter of an hour (docs/decisions/0027).
create index outbound_unanswered on outbound (tenant, updated_at)
    where state = 'unknown' and purpose in ('CONSENT_PROMPT', 'PRIVACY_NOTICE') and reason is distinct from 'given_up';
