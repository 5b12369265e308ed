package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import java.net.ServerSocket;
import java.time.Duration;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeProvider;
import org.jawort.sending.SendResult.OptedOut;
import org.jawort.sending.SendResult.Refused;
import org.jawort.sending.SendResult.Retry;
import org.jawort.sending.SendResult.Unknown;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the real routes make of refusals, faults, half answers and none at all. */
@Execution(ExecutionMode.CONCURRENT)
class SendingOutcomeTest extends SendingToFakes {

    @ParameterizedTest
    @CsvSource({
        "twilio, 21610, recipient_opted_out, false",
        "twilio, 63014, recipient_blocked_sender, false",
        "vonage, 1240, recipient_opted_out, false",
        "messagebird, 103, recipient_opted_out, false",
        "messagebird, 131050, marketing_opted_out, true",
        "smooch, blocked, recipient_blocked_sender, false"
    })
    @DisplayName("T9: a provider's word that the person does not want it is an opt-out")
    void toldOfAnOptOut(String provider, String code, String word, boolean marketingOnly)
            throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(code));

        assertThat(send(provider))
                .isInstanceOfSatisfying(
                        OptedOut.class,
                        out -> {
                            assertThat(out.error().code()).isEqualTo(word);
                            assertThat(out.error().providerCode()).isEqualTo(code);
                            assertThat(out.marketingOnly()).isEqualTo(marketingOnly);
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, 63016, window_closed",
        "twilio, 63024, invalid_recipient",
        "twilio, 63027, template_rejected",
        "twilio, 30007, content_rejected",
        "vonage, 1340, window_closed",
        "vonage, 1170, invalid_recipient",
        "vonage, 1022, template_rejected",
        "vonage, 1050, recipient_blocked_sender",
        "vonage, 1420, configuration",
        "messagebird, 470, window_closed",
        "messagebird, 131026, invalid_recipient",
        "messagebird, 132001, template_rejected",
        "messagebird, 20, configuration",
        "smooch, bad_request, unknown"
    })
    void refusedForGood(String provider, String code, String word) throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(code));

        assertThat(send(provider))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.error().code()).isEqualTo(word);
                            assertThat(refused.error().providerCode()).isEqualTo(code);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    void waitsAsLongAsItIsTold(String provider) throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(429, 30));

        assertThat(send(provider))
                .isEqualTo(
                        new Retry(
                                new SendError("rate_limited", null, null), Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, 500",
        "twilio, 502",
        "messagebird, 500",
        "vonage, 503",
        "smooch, 503",
        "smooch, 408"
    })
    void triesAgainAfterAFaultOverThere(String provider, int status) throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(status, null));

        assertThat(send(provider))
                .isEqualTo(new Retry(new SendError("provider_fault", null, null), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"twilio", "messagebird", "vonage", "smooch"})
    @DisplayName("R25: a message the provider took without saying so is unknown, and sent once")
    void doesNotKnowWhatATimeoutMeans(String provider) throws Exception {
        routes = new SendingRoutes(environment, "classic", CLOCK, 300);
        fake.behave(FakeBehaviour.take("hang"));

        assertThat(send(provider)).isEqualTo(new Unknown("response_timeout"));
        // on a busy machine the fake reads what was sent after the hub has given up
        await().untilAsserted(() -> assertThat(fake.messages()).hasSize(1));
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, break, connection_broken",
        "vonage, break, connection_broken",
        "smooch, empty, accepted_without_id",
        "vonage, garbage, accepted_without_id",
        "messagebird, endless, accepted_without_id"
    })
    @DisplayName("R25: neither does it know after half an answer")
    void doesNotKnowWhatHalfAnAnswerMeans(String provider, String then, String reason)
            throws Exception {
        start();
        fake.behave(FakeBehaviour.take(then));

        assertThat(send(provider)).isEqualTo(new Unknown(reason));
        assertThat(fake.messages()).hasSize(1);
    }

    @Test
    void doesNotKnowWhatAGatewayThatGaveUpHasPassedOn() throws Exception {
        start();
        fake.behave(FakeBehaviour.refuse(504, null));

        assertThat(send("twilio")).isEqualTo(new Unknown("gateway_timeout"));
    }

    @Test
    void triesAgainWhereNobodyListens() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            environment.put("TWILIO_API_URL", "http://localhost:" + taken.getLocalPort());
        }
        start();

        assertThat(send("twilio"))
                .isEqualTo(new Retry(new SendError("provider_fault", null, "no connection"), null));
    }

    @Test
    void triesAgainWhereThereIsNoSuchHost() throws Exception {
        environment.put("VONAGE_API_URL", "https://api.vonage.invalid");
        start();

        assertThat(send("vonage"))
                .isEqualTo(new Retry(new SendError("provider_fault", null, "no connection"), null));
    }

    @Test
    void triesAgainWhereTlsFails() throws Exception {
        environment.put("SMOOCH_API_URL", fake.url("smooch").replace("http:", "https:"));
        start();

        assertThat(send("smooch"))
                .isEqualTo(new Retry(new SendError("provider_fault", null, "no connection"), null));
        assertThat(fake.messages()).isEmpty();
    }

    @Test
    @DisplayName("S11: credentials are not carried to another host")
    void followsNoRedirect() throws Exception {
        try (FakeProvider other = new FakeProvider(0, credentials, CLOCK).start()) {
            start();
            fake.behave(
                    new FakeBehaviour(
                            null, null, 307, null, null, other.url("twilio"), null, null));

            assertThat(send("twilio"))
                    .isEqualTo(new Refused(new SendError("configuration", null, null), true));
            assertThat(other.messages()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, TWILIO_TOKEN",
        "messagebird, MESSAGEBIRD_ACCESS_KEY",
        "vonage, VONAGE_API_SECRET",
        "smooch, SMOOCH_KEY_SECRET"
    })
    void triesAgainWhenTheCredentialsAreWrong(String provider, String variable) throws Exception {
        environment.put(variable, "an-old-one");
        start();

        assertThat(send(provider))
                .isInstanceOfSatisfying(
                        Retry.class,
                        retry ->
                                assertThat(retry.error().code())
                                        .isIn("authentication", "configuration"));
        assertThat(fake.messages()).allMatch(message -> message.taken() == null);
    }
}
