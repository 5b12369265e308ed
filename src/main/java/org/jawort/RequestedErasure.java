package org.jawort;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.retention.Erasure;
import org.jawort.retention.ErasureViews;
import org.jawort.retention.ErasureViews.Erased;
import org.jawort.rights.ErasureRun;

/** The erasure a person asked for, as retention does it. */
final class RequestedErasure implements ErasureRun {

    /** Data types as a person is told of them. */
    private static final Map<String, String> DATA_TYPES =
            Map.of("COMMERCIAL_LETTER", "commercial-letter", "VOUCHER", "voucher");

    private final Erasure erasure;
    private final ErasureViews views;

    RequestedErasure(Erasure erasure, ErasureViews views) {
        this.erasure = erasure;
        this.views = views;
    }

    @Override
    public void erase(String tenant, UUID subject, UUID request) {
        erasure.erase(tenant, subject, request);
    }

    @Override
    public Progress progress(String tenant, UUID request) {
        return views.ofRequest(tenant, request)
                .map(RequestedErasure::progress)
                .orElseGet(() -> new Progress(false, List.of(), List.of()));
    }

    private static Progress progress(Erased erased) {
        return new Progress(
                erased.deletedAt() != null,
                kept(erased.kept()),
                erased.recipients().stream()
                        .map(one -> new Recipient(one.recipient(), one.status(), one.until()))
                        .toList());
    }

    /** One line for all messages that are kept for the same reason equally long. */
    private static List<Kept> kept(JsonNode messages) {
        Map<String, Kept> kept = new LinkedHashMap<>();
        for (JsonNode message : messages) {
            String because = message.path("because").asText();
            Kept one =
                    new Kept(
                            DATA_TYPES.getOrDefault(
                                    message.path("category").asText(), "conversation-text"),
                            1,
                            message.path("until").isTextual()
                                    ? Instant.parse(message.get("until").asText())
                                    : null,
                            because,
                            message.path("rule").asText(null));
            kept.merge(
                    one.dataType() + " " + because,
                    one,
                    (first, next) ->
                            new Kept(
                                    first.dataType(),
                                    first.count() + 1,
                                    first.until(),
                                    because,
                                    first.rule()));
        }
        return List.copyOf(kept.values());
    }
}
