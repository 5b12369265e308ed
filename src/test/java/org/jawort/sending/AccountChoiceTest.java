package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.tenant.Account;
import org.jawort.tenant.Account.AccountChannel;
import org.jawort.tenant.Account.Sending;
import org.jawort.tenant.Secret;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.Writer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AccountChoiceTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final String NUMBER = "+4930000000";

    private final AccountHealth health = new AccountHealth();
    private final Account second = account("second", "vonage-eu", Channel.WHATSAPP, NUMBER, 2);
    private final Account first = account("first", "twilio-us", Channel.WHATSAPP, NUMBER, 1);
    private final Account other = account("other", "bird-nl", Channel.WHATSAPP, "+4930999", 3);
    private final Account text = account("text", "bird-nl", Channel.SMS, NUMBER, 1);

    private static Account account(
            String id, String processor, Channel channel, String number, int order) {
        return new Account(
                "muster",
                id,
                "vonage",
                processor,
                null,
                List.of(new AccountChannel(channel, number, null)),
                Map.of(
                        "apiKey", List.of(new Secret("key")),
                        "apiSecret", List.of(new Secret("secret"))),
                Map.of(),
                new Sending(10, null, order));
    }

    private Tenant tenant(String residency, Account... accounts) {
        TenantInTest tenant =
                TenantInTest.of("muster")
                        .residency(residency)
                        .region("bird-nl", "NL")
                        .region("twilio-us", "US");
        for (Account account : accounts) {
            tenant.account(account);
        }
        return tenant.build();
    }

    private AccountChoice choice(Tenant tenant) {
        return new AccountChoice(
                new SendingAccounts(new Tenants(Map.of("muster", tenant))), health);
    }

    private List<String> candidates(Tenant tenant, Channel channel, String own) {
        return choice(tenant).candidates(tenant, channel, own, NOW).stream()
                .map(Account::id)
                .toList();
    }

    private void isFailing(Account account) {
        for (int i = 0; i < AccountHealth.IN_A_ROW; i++) {
            health.failed("muster", account.id(), NOW);
        }
    }

    private static Outbound row(String template, boolean fixed) {
        return new Outbound(
                "muster",
                UUID.randomUUID(),
                UUID.randomUUID(),
                UUID.randomUUID(),
                UUID.randomUUID(),
                Channel.WHATSAPP,
                Purpose.NOTIFICATION,
                template,
                Trigger.Kind.API,
                new byte[0],
                Outbound.State.QUEUED,
                "first",
                fixed,
                List.of(),
                List.of(),
                0,
                null,
                null,
                null,
                NOW,
                Writer.SYSTEM,
                null);
    }

    private List<String> next(Outbound row) {
        Tenant tenant = tenant("NOT_LIMITED", first, second, other);
        return choice(tenant).next(tenant, row, Set.of("first", "second"), NUMBER, NOW).stream()
                .map(Account::id)
                .toList();
    }

    @Test
    void prefersTheLowestOrderAmongThoseThatCarryTheChannel() {
        assertThat(candidates(tenant("NOT_LIMITED", second, first, text), Channel.WHATSAPP, null))
                .containsExactly("first", "second");
    }

    @Test
    void staysWithTheAccountTheConversationIsHeldOver() {
        assertThat(candidates(tenant("NOT_LIMITED", first, second), Channel.WHATSAPP, "second"))
                .containsExactly("second", "first");
    }

    @Test
    void putsAFailingAccountLast() {
        isFailing(first);

        assertThat(candidates(tenant("NOT_LIMITED", first, second), Channel.WHATSAPP, "first"))
                .containsExactly("second", "first");
    }

    @Test
    void answersFromTheNumberThatWasWrittenToAlsoWhileItsAccountIsFailing() {
        isFailing(first);

        assertThat(answering(first, other)).containsExactly("first", "other");
        assertThat(answering(first, second, other)).containsExactly("second", "first", "other");
    }

    private List<String> answering(Account... accounts) {
        Tenant tenant = tenant("NOT_LIMITED", accounts);
        return choice(tenant)
                .candidates(
                        tenant,
                        Channel.WHATSAPP,
                        "first",
                        one -> one.channels().getFirst().address().equals(NUMBER),
                        NOW)
                .stream()
                .map(Account::id)
                .toList();
    }

    @Test
    @DisplayName("RES-4: EU_ONLY leaves text messages over a processor in the EEA, and no WhatsApp")
    void keepsToTheResidencyOfTheTenant() {
        Account american = account("american", "twilio-us", Channel.SMS, NUMBER, 0);
        Tenant tenant = tenant("EU_ONLY", first, text, american);

        assertThat(candidates(tenant, Channel.WHATSAPP, null)).isEmpty();
        assertThat(candidates(tenant, Channel.SMS, null)).containsExactly("text");
    }

    @Test
    @DisplayName("RES-4: EU_AT_REST leaves WhatsApp only where it is told to store in the EEA")
    void keepsWhatsAppWhereItIsStoredAtHome() {
        Account stored =
                new Account(
                        "muster",
                        "stored",
                        other.provider(),
                        other.processor(),
                        null,
                        other.channels(),
                        other.credentials(),
                        Map.of("whatsappStorage", "EEA"),
                        new Sending(10, null, 4));
        Account messenger = account("page", "bird-nl", Channel.MESSENGER, "104455", 1);
        Tenant tenant = tenant("EU_AT_REST", other, stored, text, messenger);

        assertThat(candidates(tenant, Channel.WHATSAPP, null)).containsExactly("stored");
        assertThat(candidates(tenant, Channel.SMS, null)).containsExactly("text");
        assertThat(candidates(tenant, Channel.MESSENGER, null)).isEmpty();
    }

    @Test
    @DisplayName("RES-4: what a processor is called says nothing of where it is")
    void asksWhereAProcessorIsAndNotWhatItIsCalled() {
        Account named = account("named", "twilio-eu", Channel.SMS, NUMBER, 0);
        Account far = account("far", "elsewhere-de", Channel.SMS, NUMBER, 0);
        Tenant tenant =
                TenantInTest.of("muster")
                        .residency("EU_ONLY")
                        .region("elsewhere-de", "US")
                        .account(named)
                        .account(far)
                        .build();

        assertThat(candidates(tenant, Channel.SMS, null)).isEmpty();
    }

    @Test
    void handsAReplyOnToTheSameNumberOnly() {
        assertThat(next(row(null, false))).isEmpty();
        assertThat(next(row("appointment-reminder", false))).containsExactly("other");
    }

    @Test
    void handsNothingOnThatWasAskedForOverOneAccount() {
        assertThat(next(row("appointment-reminder", true))).isEmpty();
        assertThat(instead(row("appointment-reminder", true))).isEmpty();
    }

    @Test
    void doesNotGiveUpWhileTheAccountThatIsLeftIsFailing() {
        isFailing(second);
        isFailing(other);

        assertThat(instead(row(null, false))).containsExactly("second");
    }

    /** The first one is gone. */
    private List<String> instead(Outbound row) {
        Tenant tenant = tenant("NOT_LIMITED", second, other);
        return choice(tenant).instead(tenant, row, NUMBER, NOW).stream().map(Account::id).toList();
    }
}
