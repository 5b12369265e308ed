package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jawort.tenant.Account;
import org.jawort.tenant.Account.Sending;
import org.jawort.tenant.Secret;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SendingAccountsTest {

    @ParameterizedTest
    @CsvSource({
        "twilio, , https://api.twilio.com, https://api.twilio.com",
        "vonage, , https://api-eu.nexmo.com, https://rest.nexmo.com",
        "messagebird, , https://conversations.messagebird.com, https://rest.messagebird.com",
        "messagebird, classic, https://conversations.messagebird.com, https://rest.messagebird.com",
        "messagebird, channels, https://api.bird.com, https://rest.messagebird.com",
        "messagebird, platform, https://eu1.platform.bird.com, https://rest.messagebird.com"
    })
    void sendsToTheDocumentedHost(String provider, String api, String url, String smsUrl) {
        assertThat(ApiUrls.of(account(provider, api, Map.of("accessKey", "bk_eu1_abc"), Map.of())))
                .isEqualTo(new ApiUrls(url, smsUrl));
    }

    @ParameterizedTest
    @CsvSource({
        "twilio, , https://api.dublin.ie1.twilio.com, https://conversations.twilio.com",
        "vonage, , https://api-us.nexmo.com, https://api.nexmo.com",
        "smooch, , https://muster.zendesk.com/sc, https://muster.zendesk.com/sc",
        "messagebird, , https://proxy.example, https://proxy.example",
        "messagebird, platform, '', https://eu1.platform.bird.com"
    })
    @DisplayName(
            "RET-14: a region of the API is no host of what erases, whose 404 would pass for done;"
                    + " eraseApiUrl is, and an empty one is none")
    void erasesAtTheDocumentedHostWhereTheApiIsElsewhere(
            String provider, String api, String apiUrl, String eraseUrl) {
        Map<String, String> credentials = Map.of("accessKey", "bk_eu1_abc");
        String own = "https://erase.example";

        assertThat(
                        ApiUrls.forErasing(
                                account(provider, api, credentials, Map.of("apiUrl", apiUrl))))
                .isEqualTo(eraseUrl);
        assertThat(
                        ApiUrls.forErasing(
                                account(
                                        provider,
                                        api,
                                        credentials,
                                        Map.of("apiUrl", apiUrl, "eraseApiUrl", ""))))
                .isEqualTo(eraseUrl);
        assertThat(
                        ApiUrls.forErasing(
                                account(
                                        provider,
                                        api,
                                        credentials,
                                        Map.of("apiUrl", apiUrl, "eraseApiUrl", own))))
                .isEqualTo(own);
    }

    @Test
    void asksForAHostWhereNoneIsCertain() {
        assertThatThrownBy(() -> ApiUrls.of(account("smooch", null, Map.of(), Map.of())))
                .hasMessageStartingWith(
                        "tenants/autohaus-muster.yaml: account main needs settings.apiUrl");
        assertThatThrownBy(
                        () ->
                                ApiUrls.of(
                                        account(
                                                "messagebird",
                                                "platform",
                                                Map.of("accessKey", "0123456789"),
                                                Map.of())))
                .hasMessageContaining("bk_eu1_…")
                .hasMessageNotContaining("0123456789");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://api.twilio.com",
                "ftp://api.twilio.com",
                "https://user:pass@api.twilio.com",
                "https://api.twilio.com?x=1",
                "https://api.twilio.com#x",
                "https:///path",
                "api.twilio.com",
                "https://api twilio.com"
            })
    void sendsCredentialsToNoUrlThatIsNotSafe(String url) {
        assertThatThrownBy(
                        () -> ApiUrls.of(account("twilio", null, Map.of(), Map.of("apiUrl", url))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:8083/twilio", "https://muster.zendesk.com/sc/"})
    void takesAUrlOfThisMachineAndOneWithAPath(String url) {
        assertThat(ApiUrls.of(account("smooch", null, Map.of(), Map.of("apiUrl", url))).api())
                .isEqualTo(url.replaceFirst("/$", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.twilio.com, true",
        "http://conversations.messagebird.com/v1, true",
        "https://eu1.platform.bird.com, true",
        "API-EU.NEXMO.COM, true",
        "https://muster.zendesk.com., true",
        "https://crm.example/hooks, false",
        "https://nottwilio.com, false",
        "https://twilio.com.example, false",
        "http://localhost:8081/crm, false"
    })
    @DisplayName("FLT-2: a provider's host is known whatever stands around it")
    void knowsAProviderByItsHost(String text, boolean provider) {
        assertThat(ApiUrls.nameAProvider(text)).isEqualTo(provider);
    }

    @Test
    void onlyReceivesWithoutCredentialsToSendWith() {
        for (Account account :
                List.of(
                        account("twilio", null, Map.of("accountSid", "AC1"), Map.of()),
                        account("messagebird", null, Map.of("signingKey", "k"), Map.of()),
                        account("vonage", null, Map.of("apiKey", "k"), Map.of()),
                        account("smooch", null, Map.of("secret", "s", "keyId", "k"), Map.of()))) {
            assertThat(Authentication.of(account)).as(account.provider()).isEmpty();
        }
    }

    @Test
    void saysWhichPrivateKeyCannotBeUsedAndNotWhatItIs() {
        Account account =
                account(
                        "vonage",
                        null,
                        Map.of("applicationId", "a", "privateKey", "bm8ga2V5"),
                        Map.of());

        assertThatThrownBy(() -> SendingAccounts.check(account))
                .hasMessage(
                        "tenants/autohaus-muster.yaml: account main privateKey: is no RSA key in PKCS #8 (BEGIN PRIVATE KEY)")
                .hasNoCause();
        assertThatCode(
                        () ->
                                SendingAccounts.check(
                                        account("vonage", null, Map.of("apiKey", "k"), Map.of())))
                .doesNotThrowAnyException();
    }

    @Test
    @DisplayName("LOG-2: a mapping gets ids and settings of an account, and no secret")
    void tellsMappingsNoSecret() {
        Map<String, String> credentials = new HashMap<>();
        for (String name :
                List.of(
                        "authToken",
                        "apiKeySecret",
                        "accessKey",
                        "apiSecret",
                        "privateKey",
                        "keySecret",
                        "secret",
                        "signingKey",
                        "signatureSecret",
                        "keyId")) {
            credentials.put(name, "hidden-" + name);
        }
        credentials.put("accountSid", "AC1");
        credentials.put("appId", "app1");
        credentials.put("workspaceId", "w1");

        Map<String, String> ids =
                SendingAccounts.ids(
                        account("twilio", null, credentials, Map.of("smsApi", "legacy")));

        assertThat(ids)
                .isEqualTo(
                        Map.of(
                                "accountSid", "AC1",
                                "appId", "app1",
                                "workspaceId", "w1",
                                "smsApi", "legacy"));
        assertThat(
                        Authentication.of(account("twilio", null, credentials, Map.of()))
                                .orElseThrow()
                                .toString())
                .isEqualTo("[redacted]");
    }

    @Test
    void usesTheFirstOfTwoValuesWhileRotating() {
        Account account =
                new Account(
                        "autohaus-muster",
                        "main",
                        "messagebird",
                        null,
                        null,
                        List.of(),
                        Map.of("accessKey", List.of(new Secret("now"), new Secret("next"))),
                        Map.of(),
                        new Sending(1, null, 1));

        assertThat(Authentication.of(account).orElseThrow().header(java.time.Instant.EPOCH))
                .isEqualTo("AccessKey now");
    }

    private static Account account(
            String provider,
            String api,
            Map<String, String> credentials,
            Map<String, String> settings) {
        Map<String, List<Secret>> secrets = new HashMap<>();
        credentials.forEach((name, value) -> secrets.put(name, List.of(new Secret(value))));
        return new Account(
                "autohaus-muster",
                "main",
                provider,
                "processor",
                api,
                List.of(),
                secrets,
                settings,
                new Sending(10, null, 100));
    }
}
