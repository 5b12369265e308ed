-- What is kept by a rule of which another version is in force by now is looked for every night.
create index retained_message_rule on retained_message (tenant, rule, kept_until) where kept_until is not null;
