-- A notice that did not arrive twice is tried over another account or another channel of the person (INF-3): what carried it, null for the
-- channel itself as usual. Its row is the third attempt.
alter table notice_delivery
    add column via text;                         -- an account's id, or a channel
