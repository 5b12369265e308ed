package org.jawort.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.intake.SignatureFixture.AUTHENTIC;
import static org.jawort.intake.SignatureFixture.account;
import static org.jawort.intake.SignatureFixture.check;
import static org.jawort.intake.SignatureFixture.request;

import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jawort.tenant.Account;

/** Whatever a stranger sends, the answer is a value, and it is not {@code Authentic}. */
class HostileRequestTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_793_692_800);
    private static final String PATH = "https://hub.example.test/webhooks/p/t/a";
    private static final List<Account> ACCOUNTS =
            List.of(
                    account("twilio", null, Map.of("authToken", List.of("token", ""))),
                    account("messagebird", "classic", Map.of("signingKey", List.of("key", ""))),
                    account("messagebird", "channels", Map.of("signingKey", List.of("key", ""))),
                    account(
                            "messagebird",
                            "platform",
                            Map.of("signingKey", List.of("whsec_a2V5", ""))),
                    account("vonage", null, Map.of("signatureSecret", List.of("secret", ""))),
                    account(
                            "smooch",
                            null,
                            Map.of("secret", List.of("a secret nobody guesses", ""))));

    @Property(tries = 2_000)
    @Label("S3, S5, S16: random headers, queries, types and bodies")
    void neverThrowsAndNeverBelieves(
            @ForAll("accounts") Account account,
            @ForAll("methods") String method,
            @ForAll("queries") String query,
            @ForAll("types") String type,
            @ForAll("headerSets") Map<String, String> headers,
            @ForAll("bodies") byte[] body) {
        var request =
                request(method, query == null ? PATH : PATH + "?" + query, type, headers, body);

        SignatureCheck result = check(request, account, NOW);

        assertThat(result).isNotNull().isNotEqualTo(AUTHENTIC);
    }

    @Provide
    Arbitrary<Account> accounts() {
        return Arbitraries.of(ACCOUNTS);
    }

    @Provide
    Arbitrary<String> methods() {
        return Arbitraries.of("GET", "POST");
    }

    @Provide
    Arbitrary<String> types() {
        return Arbitraries.of(
                        "application/json",
                        "application/x-www-form-urlencoded",
                        "text/plain",
                        ";",
                        "a/b+json")
                .injectNull(0.1);
    }

    @Provide
    Arbitrary<String> queries() {
        return form().injectNull(0.3);
    }

    @Provide
    Arbitrary<byte[]> bodies() {
        return Arbitraries.oneOf(
                Arbitraries.bytes().array(byte[].class).ofMaxSize(200),
                Arbitraries.strings().ofMaxLength(100).map(SignatureFixture::utf8),
                form().map(SignatureFixture::utf8),
                json().map(SignatureFixture::utf8));
    }

    @Provide
    Arbitrary<Map<String, String>> headerSets() {
        return Arbitraries.maps(
                        Arbitraries.of(
                                "x-twilio-signature",
                                "messagebird-signature-jwt",
                                "messagebird-signature",
                                "messagebird-request-timestamp",
                                "webhook-id",
                                "webhook-timestamp",
                                "webhook-signature",
                                "authorization",
                                "x-api-key"),
                        headerValues())
                .ofMaxSize(9)
                .map(HashMap::new);
    }

    private static Arbitrary<String> headerValues() {
        Arbitrary<String> base64 =
                Arbitraries.bytes()
                        .array(byte[].class)
                        .ofMaxSize(64)
                        .map(bytes -> Base64.getEncoder().encodeToString(bytes));
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(200),
                base64,
                base64.map(code -> "v1," + code),
                Arbitraries.longs().between(1_793_692_700L, 1_793_692_900L).map(String::valueOf),
                tokens(),
                tokens().map(token -> "Bearer " + token));
    }

    private static Arbitrary<String> tokens() {
        Arbitrary<String> headers =
                Arbitraries.oneOf(
                        Arbitraries.of("HS256", "HS512", "none", "RS256", "")
                                .map(a -> "{\"alg\":\"" + a + "\"}"),
                        json(),
                        Arbitraries.strings().ofMaxLength(50));
        Arbitrary<String> keys = Arbitraries.strings().alpha().ofMinLength(8).ofMaxLength(20);
        return Combinators.combine(headers, json(), keys)
                .as((header, claims, key) -> Tokens.signed(header, claims, "HS256", key));
    }

    private static Arbitrary<String> form() {
        Arbitrary<String> pieces =
                Arbitraries.of(
                        "sig",
                        "=",
                        "&",
                        "%",
                        "%E4",
                        "%E4%",
                        "+",
                        "timestamp=1793692800",
                        "ä",
                        "bodySHA256=",
                        "a",
                        "\u0000");
        return pieces.list().ofMaxSize(20).map(all -> String.join("", all));
    }

    private static Arbitrary<String> json() {
        Arbitrary<String> pieces =
                Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ":",
                        ",",
                        "\"sig\":\"ab\"",
                        "\"timestamp\":\"1793692800\"",
                        "\"iss\":\"Vonage\"",
                        "\"iat\":1e999",
                        "\"exp\":-1",
                        "null",
                        "1",
                        "\"\\ud800\"",
                        "\u0000",
                        "\"a\"");
        return Arbitraries.oneOf(
                pieces.list().ofMaxSize(20).map(all -> String.join("", all)),
                pieces.list().ofMaxSize(8).map(all -> "{" + String.join(",", all) + "}"));
    }
}
