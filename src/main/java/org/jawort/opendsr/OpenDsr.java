package org.jawort.opendsr;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jawort.delivery.DestinationUnavailable;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.Undecipherable;

/**
 * What the route template {@code opendsr} does beside calling: makes of the event that tells of an
 * erasure the request a processor takes, and believes its answer only if it is signed. Registered
 * as {@code openDsr}.
 *
 * @see <a href="https://github.com/opengdpr/OpenDSR/blob/master/specification.md">OpenDSR</a>
 */
public final class OpenDsr {

    public static final String DOMAIN = "X-OpenDSR-Processor-Domain";
    public static final String SIGNATURE = "X-OpenDSR-Signature";

    /** Longer answers and callbacks are not looked at. */
    public static final int MAX_BYTES = 64 * 1024;

    /**
     * How a processor may know the person. Always in the clear, on the way to whom may have it: a
     * hash without salt hides nobody (SEC-1).
     *
     * @param type {@code phone}, {@code bsuid} or another scheme of addresses
     */
    public record Identity(String type, String value) {
        @Override
        public String toString() {
            return "Identity[" + type + "]";
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ASKED = "jawort.opendsr.request";
    private static final String FIELD = "processor_request.identities";

    private final Map<String, Processor> processors = new HashMap<>();
    private final ProcessorRequests requests;
    private final SubjectKeys keys;
    private final TenantScope scope;
    private final InstantSource clock;
    private final String publicUrl;

    /**
     * @throws IllegalArgumentException if a destination of the route cannot be used
     */
    OpenDsr(
            Tenants tenants,
            ProcessorRequests requests,
            SubjectKeys keys,
            TenantScope scope,
            InstantSource clock,
            String publicUrl) {
        this.requests = requests;
        this.keys = keys;
        this.scope = scope;
        this.clock = clock;
        this.publicUrl = publicUrl;
        tenants.all().stream()
                .flatMap(tenant -> tenant.destinations().values().stream())
                .filter(OpenDsr::isProcessor)
                .map(Processor::of)
                .forEach(one -> processors.put(one.tenant() + "/" + one.id(), one));
    }

    /** Whether a destination is a processor that is asked this way. */
    public static boolean isProcessor(Destination destination) {
        return destination.route().equals(Processor.ROUTE);
    }

    /**
     * Keeps what a processor must be told, under the run's key, while the person can still be read.
     * Inside the caller's transaction.
     *
     * @param run which erasure, by whose key it is sealed
     * @param event the delivery that will tell it
     * @param submitted when the person asked
     * @param known the person's addresses
     */
    public void queue(
            Destination destination,
            UUID run,
            UUID event,
            Instant submitted,
            List<Identity> known,
            SubjectKey runKey) {
        Processor processor = processor(destination.tenant(), destination.id());
        ArrayNode told = JSON.createArrayNode();
        known.stream()
                .filter(one -> processor.identities().contains(one.type()))
                .forEach(one -> identity(told, one));
        requests.insert(
                destination.tenant(),
                UUID.randomUUID(), // version 4, as the specification wants it
                run,
                destination.id(),
                event,
                submitted,
                runKey.seal(FIELD, told.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static void identity(ArrayNode list, Identity one) {
        list.addObject()
                .put("identity_type", one.type())
                .put("identity_value", one.value())
                .put("identity_format", "raw");
    }

    private Processor processor(String tenant, String destination) {
        return processors.get(tenant + "/" + destination);
    }

    /** Makes the body the request, as JSON. */
    public void request(Exchange exchange, String tenant, String destination) {
        JsonNode event = exchange.getMessage().getBody(JsonNode.class);
        UUID id = UUID.fromString(event.get("id").textValue());
        ProcessorRequests.Asked asked =
                scope.call(tenant, () -> requests.ofEvent(tenant, id, destination))
                        .orElseThrow(
                                () ->
                                        new org.jawort.delivery.DestinationRefused(
                                                "NO_OPENDSR_REQUEST", null));
        ObjectNode request = JSON.createObjectNode();
        request.put("regulation", "gdpr");
        request.put("subject_request_id", asked.id().toString());
        request.put("subject_request_type", "erasure");
        request.put("submitted_time", asked.submittedAt().toString());
        ArrayNode identities = request.putArray("subject_identities");
        identity(
                identities,
                new Identity("controller_customer_id", event.at("/data/subjectId").textValue()));
        identities.addAll(identities(tenant, asked));
        request.put("api_version", "2.0");
        request.putArray("status_callback_urls").add(callbackUrl(tenant, destination));
        byte[] body = request.toString().getBytes(StandardCharsets.UTF_8);
        Message message = exchange.getMessage();
        message.setBody(body);
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        message.setHeader(Exchange.HTTP_METHOD, "POST");
        String token = processor(tenant, destination).token();
        if (token != null) {
            message.setHeader("Authorization", "Bearer " + token);
        }
        exchange.setProperty(ASKED, body);
    }

    /** None once the run is over and its key destroyed: a dead letter that is replayed. */
    private ArrayNode identities(String tenant, ProcessorRequests.Asked asked) {
        if (asked.sealed() == null || asked.wrappedKey() == null) {
            return JSON.createArrayNode();
        }
        try {
            return (ArrayNode)
                    JSON.readTree(
                            keys.open(tenant, asked.run(), asked.wrappedKey())
                                    .open(FIELD, asked.sealed()));
        } catch (Undecipherable destroyed) {
            return JSON.createArrayNode();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private String callbackUrl(String tenant, String destination) {
        return publicUrl + "/opendsr/callbacks/" + tenant + "/" + destination;
    }

    /**
     * Takes the receipt: from now on the processor has until the time it promises.
     *
     * @throws DestinationUnavailable if it is not one: who says it got the request and does not
     *     sign it is asked again
     */
    public void receipt(Exchange exchange, String tenant, String destination) {
        Message answer = exchange.getMessage();
        byte[] body = bytes(answer);
        Processor processor = processor(tenant, destination);
        boolean isSigned =
                processor.domain().equalsIgnoreCase(answer.getHeader(DOMAIN, String.class))
                        && processor.signed(
                                body, answer.getHeader(SIGNATURE, String.class), clock.instant());
        JsonNode receipt = isSigned ? json(body) : null;
        byte[] request = exchange.getProperty(ASKED, byte[].class);
        Instant expected = receipt == null ? null : time(receipt, "expected_completion_time");
        if (expected == null
                || !Base64.getEncoder()
                        .encodeToString(request)
                        .equals(receipt.path("encoded_request").asText())) {
            throw new DestinationUnavailable(
                    "the receipt is not signed by " + processor.domain(), null, null);
        }
        UUID id = UUID.fromString(json(request).get("subject_request_id").textValue());
        if (!id.toString().equals(receipt.path("subject_request_id").asText())) {
            throw new DestinationUnavailable("the receipt is of another request", null, null);
        }
        scope.run(
                tenant,
                () -> requests.received(tenant, id, destination, body, expected, clock.instant()));
    }

    private static byte[] bytes(Message answer) {
        try (InputStream in = answer.getBody(InputStream.class)) {
            return in == null ? new byte[0] : in.readNBytes(MAX_BYTES);
        } catch (IOException brokenOff) {
            throw new DestinationUnavailable("the receipt broke off", null, null);
        }
    }

    /**
     * Takes what a processor tells of a request.
     *
     * @param body as it came; looked into only once the signature is right
     * @return false if it is not authentic, or about no request of this processor's
     */
    public boolean callback(
            String tenant, String destination, String domain, String signature, byte[] body) {
        Processor processor = processor(tenant, destination);
        if (processor == null
                || !processor.domain().equalsIgnoreCase(domain)
                || !processor.signed(body, signature, clock.instant())) {
            return false;
        }
        JsonNode told = json(body);
        if (told == null
                || !told.path("status_callback_url")
                        .asText()
                        .equals(callbackUrl(tenant, destination))) {
            return false;
        }
        try {
            UUID id = UUID.fromString(told.path("subject_request_id").asText());
            ProcessorRequests.Status status =
                    ProcessorRequests.Status.valueOf(
                            told.path("request_status")
                                    .asText()
                                    .toUpperCase(java.util.Locale.ROOT));
            Instant expected = time(told, "expected_completion_time");
            return scope.call(
                    tenant,
                    () ->
                            requests.told(
                                    tenant, id, destination, status, expected, clock.instant()));
        } catch (IllegalArgumentException neither) {
            return false;
        }
    }

    private static Instant time(JsonNode json, String field) {
        try {
            return OffsetDateTime.parse(json.path(field).asText()).toInstant();
        } catch (DateTimeException none) {
            return null;
        }
    }

    /** {@code null} if it is none. */
    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException broken) {
            return null;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
