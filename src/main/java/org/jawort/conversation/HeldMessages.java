package org.jawort.conversation;

import java.util.List;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;
import org.springframework.jdbc.core.JdbcTemplate;

/** What people wrote to a tenant in mode strict before they agreed. */
final class HeldMessages {

    record Released(UUID id, UUID conversation, String account) {}

    private final JdbcTemplate jdbc;

    HeldMessages(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Frees what is held of a person on a channel, oldest first.
     *
     * @param channel the one consent is kept for, which a YES by SMS gives for pictures too
     */
    List<Released> release(Person person, Channel channel) {
        return jdbc.query(
                """
                with freed as (
                  update message set held_until = null, decision = 'accept', reason = 'IN_OK', consent_state = 'GRANTED'
                   where tenant = ? and subject_id = ? and held_until is not null
                     and case channel when 'mms' then 'sms' else channel end = ?
                  returning id, conversation_id, account, received_at)
                select id, conversation_id, account from freed order by received_at, id""",
                (row, n) ->
                        new Released(
                                row.getObject(1, UUID.class),
                                row.getObject(2, UUID.class),
                                row.getString(3)),
                person.tenant(),
                person.subject(),
                channel.wireName());
    }
}
