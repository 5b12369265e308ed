package org.jawort.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.jawort.delivery.DestinationUnavailable;
import org.jawort.http.Credentials.ClientCredentials;
import org.jawort.tenant.Secret;

/**
 * Access tokens by client credentials, one per destination, in memory only: fetched when the first
 * request needs one, again before it expires, and again when the destination will not have it any
 * more. Registered as {@code accessTokens}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749 section 4.4</a>
 */
public final class AccessTokens {

    /**
     * @param base where requests go instead of the destination's URL, as Salesforce says it; {@code
     *     null} for most
     */
    record Token(Secret value, Instant until, String base) {}

    private static final class Slot {
        private final ReentrantLock fetching = new ReentrantLock();
        private volatile Token token;
    }

    /** Of a token that does not say; the destination may refuse it earlier, and then it goes. */
    private static final Duration UNSAID = Duration.ofMinutes(30);

    private static final Duration BEFORE_THE_END = Duration.ofSeconds(60);

    private final HttpDestinations destinations;
    private final InstantSource clock;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();

    public AccessTokens(HttpDestinations destinations, InstantSource clock) {
        this.destinations = destinations;
        this.clock = clock;
    }

    /**
     * One that is good for a while; whoever comes while it is fetched waits for it.
     *
     * @throws DestinationUnavailable if there is none to be had
     */
    Token current(CamelContext camel, HttpDestination destination) {
        Slot slot = slot(destination);
        Token token = slot.token;
        if (good(token)) {
            return token;
        }
        try {
            slot.fetching.lockInterruptibly();
        } catch (InterruptedException late) {
            Thread.currentThread().interrupt();
            throw unavailable("took too long", null);
        }
        try {
            if (!good(slot.token)) {
                slot.token = fetch(camel, destination);
            }
            return slot.token;
        } finally {
            slot.fetching.unlock();
        }
    }

    /** The destination said 401 to this one; another that was fetched meanwhile stays. */
    void reject(HttpDestination destination, Token refused) {
        Slot slot = slot(destination);
        slot.fetching.lock();
        try {
            if (slot.token == refused) {
                slot.token = null;
            }
        } finally {
            slot.fetching.unlock();
        }
    }

    private Slot slot(HttpDestination destination) {
        return slots.computeIfAbsent(
                destination.tenant() + "/" + destination.id(), key -> new Slot());
    }

    private boolean good(Token token) {
        return token != null && clock.instant().isBefore(token.until());
    }

    private static Token fetch(CamelContext camel, HttpDestination destination) {
        try (ProducerTemplate template = camel.createProducerTemplate()) {
            Exchange answered =
                    template.send(
                            "direct:http-token-" + destination.tenant() + "-" + destination.id(),
                            exchange -> {});
            if (answered.getException() instanceof DestinationUnavailable unavailable) {
                throw unavailable;
            }
            if (answered.getException() != null) {
                throw unavailable(answered.getException().getClass().getSimpleName(), null);
            }
            return answered.getMessage().getBody(Token.class);
        } catch (IOException unclosable) {
            throw unavailable(unclosable.getClass().getSimpleName(), null);
        }
    }

    /** For the route {@code http-token}: makes body and headers the request's. */
    public void request(Exchange exchange, String tenant, String destination) {
        ClientCredentials credentials =
                (ClientCredentials) destinations.get(tenant, destination).credentials();
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        if (!credentials.scope().isEmpty()) {
            form.put("scope", credentials.scope());
        }
        if (!credentials.audience().isEmpty()) {
            form.put("audience", credentials.audience());
        }
        Message message = exchange.getMessage();
        if (credentials.inForm()) {
            form.put("client_id", credentials.clientId());
            form.put("client_secret", credentials.clientSecret().value());
        } else {
            message.setHeader(
                    "Authorization",
                    Credentials.basic(
                                    encoded(credentials.clientId()),
                                    encoded(credentials.clientSecret().value()))
                            .value());
        }
        message.setHeader("Accept", "application/json");
        message.setHeader(Exchange.HTTP_METHOD, "POST");
        message.setHeader(Exchange.CONTENT_TYPE, "application/x-www-form-urlencoded");
        message.setBody(
                form.entrySet().stream()
                        .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                        .collect(Collectors.joining("&"))
                        .getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * For the route {@code http-token}: makes the body the {@link Token}.
     *
     * @throws DestinationUnavailable if the answer holds none, even one that says that it will
     *     never give one: that is about the hub's credentials, and no event is lost for them
     */
    public void keep(Exchange exchange, String tenant, String destination) {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        JsonNode answer = Answers.json(Answers.read(message));
        message.removeHeaders("*");
        String value = answer.path("access_token").asText("");
        if (status != 200 || value.isEmpty() || value.chars().anyMatch(Character::isISOControl)) {
            throw unavailable(
                    "HTTP " + status + " " + Answers.word(answer.path("error").asText("")), status);
        }
        String base = answer.path("instance_url").asText(null);
        if (base != null && !Credentials.safe(base)) {
            throw unavailable("names an instance that is not https", null);
        }
        Duration lifetime = lifetime(answer.path("expires_in"));
        Duration margin = lifetime.dividedBy(10);
        message.setBody(
                new Token(
                        new Secret("Bearer " + value),
                        clock.instant()
                                .plus(lifetime)
                                .minus(
                                        margin.compareTo(BEFORE_THE_END) < 0
                                                ? margin
                                                : BEFORE_THE_END),
                        base == null ? null : base.replaceFirst("/$", "")));
    }

    /** Seconds, by some as a text. */
    private static Duration lifetime(JsonNode seconds) {
        long said = seconds.asLong(0);
        return said > 0 ? Duration.ofSeconds(said) : UNSAID;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static DestinationUnavailable unavailable(String what, Integer status) {
        return new DestinationUnavailable("token endpoint: " + what.strip(), status, null);
    }
}
