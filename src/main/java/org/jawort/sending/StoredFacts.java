package org.jawort.sending;

import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.message.Channel;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Read off what the hub itself sent and was told. Nobody can approve marketing yet, so it is not
 * approved.
 */
final class StoredFacts implements SendFacts {

    private final JdbcTemplate jdbc;

    StoredFacts(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Found about(About message) {
        return new Found(
                permitted(message), false, noticeDelivered(message), false, null, false, false);
    }

    /** The YES on this very channel is the person's permission to the platform too. */
    private static boolean permitted(About message) {
        return switch (message.channel()) {
            case SMS, MMS, RCS, WEB -> true;
            case WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, APPLE, VIBER, LINE -> {
                ConsentRecord record = message.record();
                yield record != null
                        && record.grantedAt() != null
                        && record.state() != ConsentState.WITHDRAWN
                        && record.state() != ConsentState.OBJECTED;
            }
        };
    }

    private boolean noticeDelivered(About message) {
        Channel channel = message.channel().consentChannel();
        return !jdbc.queryForList(
                        """
                        select 1 from outbound o
                          join message m on m.tenant = o.tenant and m.id = o.message_id
                          join message_status s on s.tenant = m.tenant and s.account = m.account
                                               and s.provider_message_key = m.provider_message_key
                         where o.tenant = ? and o.subject_id = ? and o.purpose = 'PRIVACY_NOTICE'
                           and case o.channel when 'mms' then 'sms' else o.channel end = ?
                           and s.status in ('delivered', 'read') limit 1""",
                        Integer.class,
                        message.tenant(),
                        message.subject(),
                        channel.wireName())
                .isEmpty();
    }
}
