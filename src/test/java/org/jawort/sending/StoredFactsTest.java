package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.tenant.SendingPolicy;
import org.jawort.tenant.SendingPolicy.Approval;
import org.jawort.tenant.SendingPolicy.Waiver;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StoredFactsTest {

    private static final Informing INFORMING =
            new Informing() {
                @Override
                public boolean isInformed(String tenant, UUID subject, Channel channel) {
                    return true;
                }

                @Override
                public boolean embedsNotice(String tenant, String textVersion, String language) {
                    return false;
                }

                @Override
                public void inform(String tenant, UUID subject, Channel channel, Instant now) {}
            };

    private static SendFacts.Found about(
            SendingPolicy policy, Trigger.Kind trigger, ObjectNode content) {
        Tenants tenants = TenantInTest.of("muster").sending(policy).alone();
        return new StoredFacts(tenants, INFORMING)
                .about(
                        new SendFacts.About(
                                "muster",
                                UUID.randomUUID(),
                                UUID.randomUUID(),
                                Channel.SMS,
                                Purpose.SUPPORT_REPLY,
                                null,
                                trigger,
                                Written.of(content),
                                null));
    }

    private static ObjectNode text(String text) {
        return JsonNodeFactory.instance.objectNode().put("type", "text").put("text", text);
    }

    @Test
    @DisplayName("FLT-8: on by default; off where the tenant recorded who decided that, and why")
    void guardsUnlessTheTenantDecidedOtherwise() {
        ObjectNode card = text("4111 1111 1111 1111");
        var off =
                new SendingPolicy(
                        Set.of("Karte"),
                        new Waiver("Erika Muster", "own guard before"),
                        null,
                        null);

        assertThat(about(SendingPolicy.DEFAULT, Trigger.Kind.API, card).contentSensitive())
                .isTrue();
        assertThat(about(SendingPolicy.DEFAULT, Trigger.Kind.DSR, card).contentSensitive())
                .isTrue();
        assertThat(about(off, Trigger.Kind.API, card).contentSensitive()).isFalse();
        assertThat(off.toString()).doesNotContain("Erika", "Karte");
    }

    @Test
    @DisplayName("FLT-8: whatever the person reads, and nothing else")
    void looksAtAllThatIsRead() {
        ObjectNode named = text("Anbei");
        named.putArray("media").addObject().put("name", "DE89370400440532013000.pdf");
        ObjectNode linked = text("Anbei");
        linked.putArray("media").addObject().put("url", "https://x.example/4111111111111111");
        ObjectNode referred = text("Anbei");
        referred.put("reference", "4111111111111111").put("replyTo", "5500000000000004");
        ObjectNode place = JsonNodeFactory.instance.objectNode();
        place.putObject("location").put("name", "Konto DE89 3704 0044 0532 0130 00");

        assertThat(about(SendingPolicy.DEFAULT, Trigger.Kind.API, named).contentSensitive())
                .isTrue();
        assertThat(about(SendingPolicy.DEFAULT, Trigger.Kind.API, place).contentSensitive())
                .isTrue();
        assertThat(about(SendingPolicy.DEFAULT, Trigger.Kind.API, linked).contentSensitive())
                .isFalse();
        assertThat(about(SendingPolicy.DEFAULT, Trigger.Kind.API, referred).contentSensitive())
                .as("the caller's own id of the message")
                .isFalse();
    }

    @Test
    @DisplayName("FLT-8: the hub's own approved texts may name what its messages must not")
    void letsTheNoticeNameWhatItInformsAbout() {
        var clinic = new SendingPolicy(Set.of("Gesundheit*"), null, null, null);

        assertThat(
                        about(clinic, Trigger.Kind.NOTICE, text("Wir verarbeiten Gesundheitsdaten"))
                                .contentSensitive())
                .isFalse();
        assertThat(
                        about(clinic, Trigger.Kind.API, text("Ihre Gesundheitsdaten"))
                                .contentSensitive())
                .isTrue();
    }

    @Test
    @DisplayName("CON-24: approved by the one the tenant names, and by nobody else")
    void takesTheApprovalOfAdvertisingFromTheTenant() {
        var approved =
                new SendingPolicy(
                        Set.of(),
                        null,
                        null,
                        new Approval("Erika Muster", LocalDate.of(2026, 11, 1)));

        assertThat(about(approved, Trigger.Kind.API, text("a")).marketingApproved()).isTrue();
        assertThat(about(SendingPolicy.DEFAULT, Trigger.Kind.API, text("a")).marketingApproved())
                .isFalse();
    }

    @Test
    void saysNoWordOfAMessageInItsOwnWords() {
        Written written = Written.of(text("4111 1111 1111 1111"), text("x"));

        assertThat(written.toString()).doesNotContain("4111");
    }
}
