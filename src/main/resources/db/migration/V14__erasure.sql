-- What statute keeps is sealed anew in retained_message; a message is always under the ordinary key of its person (SEC-3).
alter table message drop column key_group;

-- What the keys of one person's webhooks are found by, and those that are too old, of one tenant: neither may cost more because others
-- have many.
drop index provider_event_age;
create index provider_event_age on provider_event (tenant, received_at);
