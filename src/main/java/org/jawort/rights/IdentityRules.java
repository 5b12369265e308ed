package org.jawort.rights;

import java.util.List;
import org.jawort.message.Channel;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How much must be shown for what (DSR-2): control of a channel's address for that channel's data,
 * a second proof for anything beyond it, such as what law keeps of whoever had the address before.
 */
final class IdentityRules {

    static final String CONTROL_OF_CHANNEL = "CONTROL_OF_CHANNEL";
    static final String SECOND_PROOF = "SECOND_PROOF";

    private final JdbcTemplate jdbc;

    IdentityRules(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Whether control of an address on this channel is enough for the request. */
    boolean isEnough(RightsRequest request, Channel channel) {
        return !request.type().isWhole()
                || List.of(channel.consentChannel().wireName()).containsAll(channels(request));
    }

    /** Channels the person is known on; a provider's own conversation id is none. */
    List<String> channels(RightsRequest request) {
        return jdbc.queryForList(
                "select distinct channel from address where tenant = ? and subject_id = ? and channel <> '*'",
                String.class,
                request.tenant(),
                request.subject());
    }
}
