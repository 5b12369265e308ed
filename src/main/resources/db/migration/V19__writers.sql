-- Who wrote a message the hub sends, and which message told the person so (FLT-7; EU AI Act Art. 50(1)). The words of a message that tells
-- are a version of the tenant's texts; which one stands with its content.
alter table outbound
    add column writer       text,               -- human | bot; null: written in advance, or nobody said
    add column discloses    text,               -- bot | human: this message tells who writes from here on
    add column disclosed_by uuid;               -- of what a bot wrote: the message that told; without it, it does not leave
create index outbound_discloses on outbound (tenant, conversation_id, message_id) where discloses is not null;
