package org.jawort;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
    public JsonNode plan(String tenant, UUID subject) {
        return erasure.plan(tenant, subject);
    }

    @Override
    public Optional<JsonNode> planned(String tenant, UUID request) {
        return views.ofRequest(tenant, request).map(Erased::plan);
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
                Stream.concat(kept(erased.kept()).stream(), besides(erased.keptBesides()).stream())
                        .toList(),
                erased.recipients().stream()
                        .map(one -> new Recipient(one.recipient(), one.status(), one.until()))
                        .toList());
    }

    private static List<Kept> kept(JsonNode messages) {
        return together(
                StreamSupport.stream(messages.spliterator(), false)
                        .map(
                                message ->
                                        kept(
                                                message.path("category").asText(),
                                                until(message),
                                                message.path("because").asText(),
                                                message.path("rule").asText(null))));
    }

    private static List<Kept> besides(JsonNode kinds) {
        return StreamSupport.stream(kinds.spliterator(), false)
                .map(
                        kind ->
                                new Kept(
                                        kind.path("dataType").asText(),
                                        kind.path("count").asLong(),
                                        until(kind),
                                        kind.path("because").asText(),
                                        kind.path("rule").asText(null)))
                .toList();
    }

    private static Instant until(JsonNode kept) {
        return kept.path("until").isTextual() ? Instant.parse(kept.get("until").asText()) : null;
    }

    /** One message, as a person is told of it. */
    static Kept kept(String category, Instant until, String because, String rule) {
        return new Kept(
                DATA_TYPES.getOrDefault(category, "conversation-text"), 1, until, because, rule);
    }

    /** One line for all messages that are kept for the same reason equally long. */
    static List<Kept> together(Stream<Kept> messages) {
        Map<String, Kept> kept = new LinkedHashMap<>();
        messages.forEach(
                one ->
                        kept.merge(
                                one.dataType() + " " + one.because(),
                                one,
                                (first, next) ->
                                        new Kept(
                                                first.dataType(),
                                                first.count() + 1,
                                                first.until(),
                                                first.because(),
                                                first.rule())));
        return List.copyOf(kept.values());
    }
}
