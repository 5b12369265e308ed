package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.delivery.DeliveryPostponed;
import org.jawort.delivery.DeliveryWithheld;
import org.jawort.delivery.DestinationUnavailable;
import org.jawort.mapping.MappingFailed;
import org.jawort.mapping.Mappings;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The steps of the route template {@code erase-at-provider}: load a call of an erasure, make the
 * request of it, and write down what the provider answered. Its requests can erase and say nothing
 * to anybody: {@code erase-output-v1.json} has no room for words. Registered as {@code
 * providerErasures}.
 */
public final class ProviderErasures {

    private static final String CALL = "jawort.erase.call";
    static final String HOST = "jawort.erase.host";

    /** A provider that is not done by then is somebody's to ask. */
    private static final Duration PATIENCE = Duration.ofDays(7);

    /**
     * @param document what {@code erase.jslt} gets
     * @param attempts made before
     * @param notBefore when it could be asked for the first time
     */
    private record Loaded(
            String tenant,
            UUID id,
            String step,
            ObjectNode document,
            int attempts,
            Instant notBefore) {
        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    private record Row(
            UUID run,
            String status,
            String step,
            Instant notBefore,
            byte[] sealed,
            byte[] key,
            int attempts) {}

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;
    private final Mappings mappings;
    private final SendingAccounts accounts;
    private final ProviderAnswer answers;
    private final InstantSource clock;
    private final MeterRegistry meters;

    ProviderErasures(
            TenantScope scope,
            JdbcTemplate jdbc,
            SubjectKeys keys,
            Mappings mappings,
            SendingAccounts accounts,
            ProviderAnswer answers,
            InstantSource clock,
            MeterRegistry meters) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.keys = keys;
        this.mappings = mappings;
        this.accounts = accounts;
        this.answers = answers;
        this.clock = clock;
        this.meters = meters;
    }

    /** Whether the event in the body is a call of an erasure and no message. */
    public boolean isCall(Exchange exchange) {
        return event(exchange).path("type").asText().equals(ErasureCalls.EVENT);
    }

    /**
     * Puts the open call on the exchange that the event in the body names.
     *
     * @throws DeliveryWithheld if it was answered already
     * @throws DeliveryPostponed if the provider would refuse it yet
     */
    public void claim(Exchange exchange, String tenant, String account) {
        exchange.removeProperty(CALL);
        UUID id = UUID.fromString(event(exchange).path("id").asText());
        Optional<Row> found = scope.call(tenant, () -> find(tenant, id, account));
        if (found.isEmpty()
                || !found.get().status().equals("RETRY")
                || found.get().sealed() == null
                || found.get().key() == null) {
            throw new DeliveryWithheld("ANSWERED");
        }
        Row row = found.get();
        if (row.notBefore().isAfter(clock.instant())) {
            throw new DeliveryPostponed(row.notBefore(), "TOO_EARLY");
        }
        SubjectKey key = keys.open(tenant, row.run(), row.key());
        ObjectNode document = MessageBody.read(key.open(ErasureCalls.FIELD, row.sealed()));
        document.put("step", row.step());
        exchange.setProperty(
                CALL,
                new Loaded(tenant, id, row.step(), document, row.attempts(), row.notBefore()));
    }

    private Optional<Row> find(String tenant, UUID id, String account) {
        return Bulk.query(
                        jdbc,
                        """
                        select c.run, c.status, c.step, c.not_before, c.sealed, coalesce(r.wrapped_key, n.wrapped_key), d.attempts
                          from erasure_call c left join erasure_run r on r.tenant = c.tenant and r.id = c.run
                          left join retention_run n on n.tenant = c.tenant and n.id = c.run
                          join delivery d on d.tenant = c.tenant and d.event_id = c.event_id
                         where c.tenant = ? and c.id = ? and c.recipient = ?""",
                        row ->
                                new Row(
                                        row.getObject(1, UUID.class),
                                        row.getString(2),
                                        row.getString(3),
                                        Bulk.instant(row, "not_before"),
                                        row.getBytes(5),
                                        row.getBytes(6),
                                        row.getInt(7)),
                        Column.one(tenant),
                        Column.one(id),
                        Column.one(ErasureCalls.recipient(account)))
                .stream()
                .findFirst();
    }

    /** Makes headers and body of the exchange the request's; all other headers are gone (C3). */
    public void prepare(Exchange exchange, String tenant, String account) {
        Loaded call = exchange.getProperty(CALL, Loaded.class);
        Authentication authentication = accounts.authentication(tenant, account);
        JsonNode mapped =
                ErasureDocuments.request(
                        mappings.erase(call.document().path("provider").asText(), call.document()),
                        call.document());
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_METHOD, mapped.path("method").asText());
        message.setHeader(Exchange.HTTP_PATH, mapped.path("path").asText());
        message.setHeader("Accept", "application/json");
        message.setHeader(
                "Authorization",
                mapped.path("credentials").asText().equals("secret")
                        ? authentication
                                .secretHeader()
                                .orElseThrow(() -> new NotErased("NO_CREDENTIALS"))
                        : authentication.header(clock.instant()));
        JsonNode body = mapped.path("body");
        message.setBody(null);
        if (body.isObject()) {
            boolean form = mapped.path("contentType").asText().equals("form");
            message.setHeader(
                    Exchange.CONTENT_TYPE,
                    form ? "application/x-www-form-urlencoded" : "application/json");
            message.setBody(
                    (form ? String.join("=&", names(body)) + "=" : body.toString())
                            .getBytes(StandardCharsets.UTF_8));
        }
        exchange.setProperty(HOST, mapped.path("host").asText("api"));
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true);
    }

    /** Fields of a form; all of them are empty. */
    private static List<String> names(JsonNode body) {
        return body.properties().stream().map(field -> field.getKey()).toList();
    }

    /**
     * The provider answered.
     *
     * @throws DestinationUnavailable if it is to be asked again
     */
    public void read(Exchange exchange) {
        Loaded call = exchange.getProperty(CALL, Loaded.class);
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        String provider = call.document().path("provider").asText();
        answer.put("provider", provider);
        answer.set("api", call.document().path("api"));
        answer.put("request", call.document().path("userId").isTextual() ? "user" : "message");
        answer.put("step", call.step());
        answer.put("attempts", call.attempts());
        answer.put("status", status);
        answer.set("body", answers.body(message.getBody(InputStream.class)));
        answer.put(
                "retryAfter", answers.retryAfter(message.getHeader("Retry-After", String.class)));
        message.removeHeaders("*"); // the request's credentials among them
        message.setBody(null);
        settle(call, meaning(provider, answer), status);
    }

    private JsonNode meaning(String provider, ObjectNode answer) {
        try {
            return mappings.erased(provider, answer);
        } catch (MappingFailed unknownShape) {
            answer.putNull("body"); // the status alone says something too
            return mappings.erased(provider, answer);
        }
    }

    private void settle(Loaded call, JsonNode meaning, int httpStatus) {
        String reason = meaning.path("reason").asText(null);
        JsonNode days = meaning.path("expiresInDays");
        count(call, meaning.path("outcome").asText());
        switch (meaning.path("outcome").asText()) {
            case "done" -> {
                if (days.isNumber()) {
                    Instant until = clock.instant().plus(Duration.ofDays(days.asLong()));
                    answered(call, "EXPIRES_AT", until, "PROVIDER_PERIOD");
                } else {
                    answered(call, "DONE", null, reason);
                }
            }
            case "unsupported" -> answered(call, "NOT_SUPPORTED", null, reason);
            case "manual" -> answered(call, "MANUAL", null, reason);
            case "wait" -> {
                Instant now = clock.instant();
                if (now.isAfter(call.notBefore().plus(PATIENCE))) {
                    answered(call, "MANUAL", null, reason);
                } else {
                    again(call, call.step(), reason);
                    throw new DeliveryPostponed(
                            now.plusSeconds(meaning.path("retryAfterSeconds").asLong(60)), reason);
                }
            }
            default -> {
                boolean redact = meaning.path("outcome").asText().equals("redact");
                again(call, redact ? "redact" : call.step(), reason);
                JsonNode wait = meaning.path("retryAfterSeconds");
                throw new DestinationUnavailable(
                        reason == null ? "AGAIN" : reason,
                        httpStatus,
                        wait.isNumber() ? Duration.ofSeconds(wait.asLong()) : null);
            }
        }
    }

    /**
     * There was no request, or no answer. Erasing twice is erasing once, so it is simply tried
     * again.
     *
     * @throws DestinationUnavailable unless nobody can try
     */
    public void failed(Exchange exchange) {
        Loaded call = exchange.getProperty(CALL, Loaded.class);
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(null);
        switch (cause) {
            case DestinationUnavailable again -> throw again;
            case DeliveryPostponed later -> throw later;
            case NotErased never -> answered(call, "MANUAL", null, never.getMessage());
            case MappingFailed broken -> answered(call, "MANUAL", null, "MAPPING_FAILED");
            default -> throw new DestinationUnavailable("NO_ANSWER", null, null);
        }
    }

    private void answered(Loaded call, String status, Instant until, String reason) {
        scope.run(
                call.tenant(),
                () ->
                        jdbc.update(
                                "update erasure_call set status = ?, until = ?, reason = ?, sealed = null, updated_at = ?"
                                        + " where tenant = ? and id = ?",
                                status,
                                Bulk.timestamp(until),
                                reason,
                                Bulk.timestamp(clock.instant()),
                                call.tenant(),
                                call.id()));
    }

    private void again(Loaded call, String step, String reason) {
        scope.run(
                call.tenant(),
                () ->
                        jdbc.update(
                                "update erasure_call set step = ?, reason = ?, updated_at = ? where tenant = ? and id = ?",
                                step,
                                reason,
                                Bulk.timestamp(clock.instant()),
                                call.tenant(),
                                call.id()));
    }

    private void count(Loaded call, String outcome) {
        meters.counter(
                        "jawort.erasure.calls",
                        "tenant",
                        call.tenant(),
                        "provider",
                        call.document().path("provider").asText(),
                        "outcome",
                        outcome)
                .increment();
    }

    private static JsonNode event(Exchange exchange) {
        return MessageBody.read(exchange.getMessage().getBody(byte[].class));
    }

    /** Nobody can ask this provider with what the account has. */
    private static final class NotErased extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotErased(String reason) {
            super(reason, null, false, false);
        }
    }
}
