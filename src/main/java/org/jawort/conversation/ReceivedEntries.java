package org.jawort.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.consent.AskedRights;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Cause;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.InboundContext;
import org.jawort.consent.InboundDecision;
import org.jawort.consent.InboundDecision.Decision;
import org.jawort.consent.InboundDecision.Flag;
import org.jawort.consent.InboundMessage;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.consent.InboundReason;
import org.jawort.consent.Overlays;
import org.jawort.consent.ProviderWords;
import org.jawort.message.ProviderEntry;

/** Messages people wrote: the inbound filter decides, and what it decided happens. */
final class ReceivedEntries {

    /** Held content of mode strict, as long as transport buffers live (RET-6). */
    private static final Duration HELD = Duration.ofHours(72);

    private final Map<String, TenantPolicy> policies;
    private final ConsentMoves consent;
    private final Events events;
    private final EntryCounts counts;

    ReceivedEntries(
            Map<String, TenantPolicy> policies,
            ConsentMoves consent,
            Events events,
            EntryCounts counts) {
        this.policies = policies;
        this.consent = consent;
        this.events = events;
        this.counts = counts;
    }

    /** STOP and the words of a request are heard of everybody, whatever else the entry says. */
    boolean isDropped(Incoming item, ProviderEntry.Received entry, ConsentBook book) {
        return book.isBlocked(item.person())
                && decide(item, entry, book, null).decision() == Decision.DROP;
    }

    void take(Incoming item, ProviderEntry.Received entry, Batch batch) {
        if (item.dropped) {
            counts.count(item, "message", InboundReason.IN_DROP_BLOCKED.name());
            return;
        }
        InboundDecision decision = decide(item, entry, batch.book, AskedSince.of(item, batch));
        counts.count(item, "message", decision.reason().name());
        if (decision.decision() == Decision.DROP || decision.decision() == Decision.REJECT) {
            return;
        }
        moveConsent(item, entry, decision, batch);
        batch.messages.add(decided(item, entry, decision, batch));
        batch.contacts.add(
                new Duties.Contact(
                        item.person(),
                        entry.channel(),
                        item.subject.address(),
                        item.account.id(),
                        item.conversation.id(),
                        item.id,
                        decision.flags()));
        if (decision.flags().contains(Flag.DATA_REQUEST)) {
            batch.requests.add(
                    new DataRequests.Asked(
                            item.person(),
                            entry.channel(),
                            item.id,
                            asked(entry),
                            !decision.flags().contains(Flag.HUMAN_NEEDED),
                            item.receivedAt));
        }
        if (decision.decision() != Decision.HOLD && decision.decision() != Decision.STORE_ONLY) {
            boolean consumed = decision.decision() == Decision.CONSUME;
            batch.events.add(events.received(item, consumed, batch.now));
        }
    }

    /**
     * @param asked when the person was written last, {@code null} if they were not
     */
    private InboundDecision decide(
            Incoming item, ProviderEntry.Received entry, ConsentBook book, Instant asked) {
        TenantPolicy policy = policies.get(item.tenant());
        Overlays overlays = book.overlays(item.person(), entry.channel());
        return policy.filter()
                .decide(
                        message(item, entry),
                        new InboundContext(
                                book.records(item.person(), entry.channel(), policy.purposes()),
                                refusable(item, entry, book),
                                overlays,
                                policy.strict(),
                                asked));
    }

    private void moveConsent(
            Incoming item, ProviderEntry.Received entry, InboundDecision decision, Batch batch) {
        Cause cause =
                new Cause("person", item.id, evidence(item, entry, decision))
                        .from(item.subject.address());
        for (InboundDecision.Step step : decision.steps()) {
            ConsentRecord record = record(step.record(), item, entry, batch);
            consent.apply(item, record, step.event(), cause, batch);
        }
        String payload = buttonPayload(entry);
        if (payload != null) {
            consent.declineElsewhere(item, payload, batch);
        }
        if (decision.flags().contains(Flag.HOLD_PROACTIVE)) {
            batch.book.holdForPossibleWithdrawal(item.person(), entry.channel(), item.receivedAt);
        }
    }

    /** With the state the decision led to. */
    private Messages.Decided decided(
            Incoming item, ProviderEntry.Received entry, InboundDecision decision, Batch batch) {
        ConsentRecord record =
                decision.record() == null ? null : record(decision.record(), item, entry, batch);
        boolean onRecord = record != null && record.state() != ConsentState.NONE;
        return new Messages.Decided(
                item,
                "inbound",
                decision.decision().name().toLowerCase(Locale.ROOT),
                decision.reason().name(),
                decision.purpose().name(),
                record == null ? ConsentState.NONE.name() : record.state().name(),
                onRecord ? record.id() : null,
                decision.flags().stream().map(Enum::name).collect(Collectors.toSet()),
                decision.decision() == Decision.HOLD ? item.receivedAt.plus(HELD) : null);
    }

    private List<ConsentRecord> refusable(
            Incoming item, ProviderEntry.Received entry, ConsentBook book) {
        return book.refusable(
                item.person(), entry.channel(), policies.get(item.tenant()).purposes());
    }

    /** As it stands now: an earlier step may have moved it. */
    private ConsentRecord record(
            UUID id, Incoming item, ProviderEntry.Received entry, Batch batch) {
        return refusable(item, entry, batch.book).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static InboundMessage message(Incoming item, ProviderEntry.Received entry) {
        JsonNode json = entry.json();
        String type = json.path("content").path("type").asText();
        // A piece of a longer text is not a whole message, so no word of it is a keyword.
        boolean isText = type.equals("text") && !json.has("part");
        boolean isForwarded = json.path("forwarded").asBoolean(false);
        List<String> words = words(json.path("content"));
        return new InboundMessage(
                InboundMessage.Trust.AUTHENTIC,
                item.subject.address(),
                entry.channel(),
                item.time(),
                type.equals("button") || type.equals("list")
                        ? InboundMessage.Kind.BUTTON
                        : isText ? InboundMessage.Kind.TEXT : InboundMessage.Kind.OTHER,
                words,
                buttonPayload(entry),
                isForwarded,
                false,
                !item.inGroup,
                preference(item, entry, isText && !isForwarded && !item.inGroup, words));
    }

    /** As the webhook says it, else as the provider is known to act on a whole message. */
    private static ProviderPreference preference(
            Incoming item, ProviderEntry.Received entry, boolean isWhole, List<String> words) {
        JsonNode told = entry.json().path("readAs");
        if (told.isTextual()) {
            return ProviderPreference.valueOf(told.textValue().toUpperCase(Locale.ROOT));
        }
        return isWhole && !words.isEmpty()
                ? ProviderWords.read(item.account.provider(), entry.channel(), words.getFirst())
                : null;
    }

    /**
     * Of a button or a row its label and what the provider tells as the text; what stands below the
     * title of a row only together with it.
     */
    private static List<String> words(JsonNode content) {
        List<String> words =
                Stream.of("/button/text", "/list/title", "/text")
                        .map(content::at)
                        .filter(JsonNode::isTextual)
                        .map(JsonNode::textValue)
                        .distinct()
                        .collect(Collectors.toCollection(ArrayList::new));
        JsonNode below = content.at("/list/description");
        if (below.isTextual()) {
            words.add(content.at("/list/title").asText("") + " " + below.textValue());
        }
        return words;
    }

    /** What a button or an entry of a list carries; {@code null} of anything else. */
    private static String buttonPayload(ProviderEntry.Received entry) {
        JsonNode content = entry.json().path("content");
        return switch (content.path("type").asText()) {
            case "button" -> content.path("button").path("payload").asText(null);
            case "list" -> content.path("list").path("id").asText(null);
            default -> null;
        };
    }

    /** What asks for a right, or is said first, or is what a button carries. */
    private static String asked(ProviderEntry.Received entry) {
        List<String> words = words(entry.json().path("content"));
        return words.stream()
                .filter(one -> !AskedRights.of(one).rights().isEmpty())
                .findFirst()
                .or(() -> words.stream().findFirst())
                .or(() -> Optional.ofNullable(buttonPayload(entry)))
                .orElse("");
    }

    /** The declaration itself, kept as proof where it moved consent. */
    private static byte[] evidence(
            Incoming item, ProviderEntry.Received entry, InboundDecision decision) {
        boolean declares =
                decision.steps().stream()
                        .anyMatch(step -> !(step.event() instanceof ConsentEvent.OtherText));
        if (!declares) {
            return null;
        }
        byte[] content = entry.json().path("content").toString().getBytes(StandardCharsets.UTF_8);
        return item.subject.key().seal("consent.evidence", content);
    }
}
