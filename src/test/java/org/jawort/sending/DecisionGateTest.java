package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jawort.sending.SendForbidden.Reason;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("FLT-2: no message passes to a provider without a fresh decision about it")
class DecisionGateTest {

    private static final Instant DECIDED = Instant.parse("2026-11-23T10:00:00Z");
    private static final String DOCUMENT =
            """
            { "tenant": "autohaus-muster", "account": "wa", "provider": "twilio", "channel": "whatsapp",
              "messageId": "019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10", "to": { "address": "+4915112345678", "scheme": "phone" },
              "content": { "type": "text", "text": "Ihr Wagen ist fertig." } }
            """;

    private Instant now = DECIDED.plusSeconds(5);
    private final DecisionGate gate = new DecisionGate(() -> now);
    private final ObjectNode document = document();
    private final SendRequest request = new SendRequest("autohaus-muster", "wa", document);

    @Test
    void letsPassWhatWasDecidedAMomentAgo() {
        DecisionToken token = gate.mint(request, DECIDED);

        assertThatCode(() -> check(request, token)).doesNotThrowAnyException();
    }

    @Test
    void doesNotMindTheOrderOfFields() {
        DecisionToken token = gate.mint(request, DECIDED);
        ObjectNode reordered = document();
        reordered.set("tenant", reordered.remove("tenant"));

        assertThatCode(() -> check(new SendRequest("autohaus-muster", "wa", reordered), token))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesWhatCarriesNoTokenOrNoRequest() {
        refuses(Reason.MISSING, request, null);
        refuses(Reason.MISSING, null, gate.mint(request, DECIDED));
    }

    @Test
    void refusesADecisionOlderThanAMinute() {
        DecisionToken token = gate.mint(request, DECIDED);
        now = DECIDED.plusSeconds(60);
        assertThatCode(() -> check(request, token)).doesNotThrowAnyException();
        now = now.plusMillis(1);

        refuses(Reason.EXPIRED, request, token);
    }

    @Test
    void refusesATokenWhoseEndWasMoved() {
        DecisionToken token = gate.mint(request, DECIDED);
        now = DECIDED.plusSeconds(90);

        refuses(
                Reason.FORGED,
                request,
                new DecisionToken(
                        token.messageHash(),
                        token.recipient(),
                        token.expiresAt().plusSeconds(60),
                        token.mac()));
    }

    @Test
    void refusesATokenOfAnotherProcess() {
        refuses(Reason.FORGED, request, new DecisionGate(() -> now).mint(request, DECIDED));
    }

    @Test
    void refusesAnotherTextThanWasDecidedAbout() {
        DecisionToken token = gate.mint(request, DECIDED);
        ((ObjectNode) document.get("content")).put("text", "20 % Rabatt!");

        refuses(Reason.OTHER_MESSAGE, request, token);
    }

    @Test
    void refusesAnotherRecipientThanWasDecidedAbout() {
        DecisionToken token = gate.mint(request, DECIDED);
        ((ObjectNode) document.get("to")).put("address", "+4915112345679");

        refuses(Reason.OTHER_RECIPIENT, request, token);
    }

    @Test
    void refusesAnotherConversationThanWasDecidedAbout() {
        DecisionToken token = gate.mint(request, DECIDED);
        document.put("providerConversationId", "6a1b2c3d4e5f60718293a4b5");

        refuses(Reason.OTHER_RECIPIENT, request, token);
    }

    @Test
    void refusesARequestOnTheRouteOfAnotherAccount() {
        DecisionToken token = gate.mint(request, DECIDED);

        assertThatThrownBy(() -> gate.check(exchange(request, token), "autohaus-muster", "sms"))
                .isInstanceOfSatisfying(
                        SendForbidden.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.OTHER_ACCOUNT));
    }

    @Test
    @DisplayName("LOG-1: neither request nor token nor refusal prints an address, a word or a hash")
    void printsNothingOfThePerson() {
        DecisionToken token = gate.mint(request, DECIDED);

        assertThat(request + " " + token)
                .doesNotContain("4915112345678", "fertig", token.mac(), token.messageHash());
    }

    private void refuses(Reason reason, SendRequest request, DecisionToken token) {
        assertThatThrownBy(() -> check(request, token))
                .isInstanceOfSatisfying(
                        SendForbidden.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason))
                .hasMessage(reason.name());
    }

    private void check(SendRequest request, DecisionToken token) {
        gate.check(exchange(request, token), "autohaus-muster", "wa");
    }

    private static Exchange exchange(SendRequest request, DecisionToken token) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(SendRequest.PROPERTY, request);
        exchange.setProperty(DecisionToken.PROPERTY, token);
        return exchange;
    }

    private static ObjectNode document() {
        try {
            return (ObjectNode) new ObjectMapper().readTree(DOCUMENT);
        } catch (java.io.IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
    }
}
