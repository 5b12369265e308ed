package org.jawort.notice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;
import org.jawort.notice.AlternativeRoutes.Route;
import org.jawort.notice.NoticeLedger.Slot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("INF-3: by what other road a notice can reach a person")
class AlternativeRoutesIT {

    private static final String DEMO = "autohaus-muster";
    private static MigratedDatabase database;

    private static final Map<Channel, List<String>> ACCOUNTS =
            Map.of(
                    Channel.SMS, List.of("twilio", "vonage"),
                    Channel.RCS, List.of("twilio", "smooch", "vonage"),
                    Channel.TELEGRAM, List.of("smooch"),
                    Channel.MESSENGER, List.of("smooch"));

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    private static void insert(String sql, Object... values) {
        database.scope().run(DEMO, () -> database.jdbc().update(sql, values));
    }

    private static Person person(Channel... reachedOn) {
        UUID subject = UUID.randomUUID();
        insert("insert into subject (tenant, id, created_at) values (?, ?, now())", DEMO, subject);
        for (Channel channel : reachedOn) {
            insert(
                    """
                            insert into address (tenant, id, subject_id, channel, scheme, lookup, sealed_address, created_at)
                            values (?, ?, ?, ?, 'opaque', decode(?, 'hex'), '', clock_timestamp())""",
                    DEMO,
                    UUID.randomUUID(),
                    subject,
                    channel.wireName(),
                    UUID.randomUUID().toString().replace("-", ""));
        }
        return new Person(DEMO, subject);
    }

    private Optional<Route> after(Person person, Channel failed) {
        AlternativeRoutes routes =
                new AlternativeRoutes(
                        database.jdbc(),
                        (tenant, channel, now) -> ACCOUNTS.getOrDefault(channel, List.of()));
        return database.scope()
                .call(DEMO, () -> routes.after(new Slot(person, failed), Instant.now()));
    }

    @Test
    void anotherAccountReachesTheSameNumber() {
        Person person = person(Channel.SMS, Channel.WHATSAPP);

        assertThat(after(person, Channel.SMS)).contains(new Route(Channel.SMS, "twilio"));
        assertThat(after(person, Channel.SMS).orElseThrow().via()).isEqualTo("twilio");
    }

    @Test
    @DisplayName(
            "INF-3: an account that carried, or failed to carry, several notices of the person was"
                    + " tried, and the next is found; once all were, another channel")
    void theAccountThatWasNotTriedWithAnyNotice() {
        Person person = person(Channel.RCS, Channel.SMS, Channel.TELEGRAM);
        noticed(person, Channel.RCS, 1, "smooch", "twilio");
        noticed(person, Channel.RCS, 2, "twilio");

        Optional<Route> third = after(person, Channel.RCS);
        noticed(person, Channel.RCS, 3, "vonage");
        Optional<Route> last = after(person, Channel.RCS);

        assertThat(third).contains(new Route(Channel.RCS, "vonage"));
        assertThat(last).contains(new Route(Channel.TELEGRAM, null));
    }

    /** A notice that was put on its way to a person. */
    private static void noticed(
            Person person, Channel channel, int attempt, String account, String... tried) {
        UUID message = UUID.randomUUID();
        insert(
                """
                        insert into outbound (tenant, message_id, subject_id, conversation_id, address_id, channel, purpose, trigger_kind,
                                              trigger_key, state, account, fixed, tried, created_at, updated_at)
                        values (?, ?, ?, gen_random_uuid(), gen_random_uuid(), ?, 'PRIVACY_NOTICE', 'NOTICE', uuid_send(?), 'failed', ?,
                                false, string_to_array(?, ','), now(), now())""",
                DEMO,
                message,
                person.subject(),
                channel.wireName(),
                message,
                account,
                String.join(",", tried));
        insert(
                """
                        insert into notice_delivery (tenant, id, subject_id, channel, notice_version, attempt, text_version, language,
                                                     text_sha256, message_id, cause, queued_at)
                        values (?, gen_random_uuid(), ?, ?, 'notice-v1', ?, 'notice-v1', 'de', '', ?, 'first_contact', now())""",
                DEMO,
                person.subject(),
                channel.wireName(),
                attempt,
                message);
    }

    @Test
    void anotherChannelOnWhichThePersonHasAnAddress() {
        Person person = person(Channel.TELEGRAM, Channel.MESSENGER);

        assertThat(after(person, Channel.MESSENGER)).contains(new Route(Channel.TELEGRAM, null));
        assertThat(after(person, Channel.MESSENGER).orElseThrow().via()).isEqualTo("telegram");
    }

    @Test
    void noChannelThatThePersonRefused() {
        Person suppressed = person(Channel.TELEGRAM, Channel.MESSENGER);
        insert(
                """
                        insert into suppression (tenant, id, subject_id, channel, scope, source, since)
                        values (?, ?, ?, 'telegram', 'ALL', 'PROVIDER', now())""",
                DEMO,
                UUID.randomUUID(),
                suppressed.subject());
        Person declined = person(Channel.TELEGRAM, Channel.MESSENGER);
        insert(
                """
                        insert into consent_record (tenant, id, subject_id, channel, purpose, state, details, updated_at)
                        values (?, ?, ?, 'telegram', 'NOTIFICATION', 'DECLINED', '{}', now())""",
                DEMO,
                UUID.randomUUID(),
                declined.subject());

        assertThat(after(suppressed, Channel.MESSENGER)).isEmpty();
        assertThat(after(declined, Channel.MESSENGER)).isEmpty();
    }

    @Test
    void noChannelThatTheTenantOrThePersonHasNot() {
        assertThat(after(person(Channel.MESSENGER), Channel.MESSENGER)).isEmpty();
        assertThat(after(person(Channel.MESSENGER, Channel.LINE), Channel.MESSENGER)).isEmpty();
    }
}
