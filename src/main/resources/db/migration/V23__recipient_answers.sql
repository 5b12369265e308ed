-- What a recipient that keeps things by its own rules answered to the event that tells it to delete: null is as good as DONE (RET-14).
alter table delivery
    add column answer        text,               -- EXPIRES_AT | NOT_SUPPORTED | MANUAL
    add column answer_until  timestamptz,        -- with EXPIRES_AT: by then it is gone
    add column answer_reason text;               -- a fixed word
create index delivery_answered on delivery (tenant, destination, sequence) where answer is not null;

-- Destinations are told which messages a hold covers, and which no longer (RET-10).
alter table held_message
    add column placed_told_at   timestamptz,
    add column released_told_at timestamptz;     -- also of a hold nobody was told of before it was gone
create index held_message_untold on held_message (tenant)
    where placed_told_at is null or released_at is not null and released_told_at is null;
