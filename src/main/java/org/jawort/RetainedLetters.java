package org.jawort;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jawort.retention.RetainedMessages;
import org.jawort.retention.RetainedMessages.Summary;
import org.jawort.rights.ErasureRun.Kept;
import org.jawort.rights.KeptByLaw;

/** What law keeps of people who were erased, as retention has it. */
final class RetainedLetters implements KeptByLaw {

    private final RetainedMessages retained;

    RetainedLetters(RetainedMessages retained) {
        this.retained = retained;
    }

    @Override
    public List<UUID> people(String tenant, Collection<Known> addresses) {
        return retained.people(
                tenant,
                addresses.stream()
                        .map(one -> new RetainedMessages.Known(one.channel(), one.address()))
                        .toList());
    }

    @Override
    public List<Kept> kept(String tenant, Collection<UUID> people, Collection<String> channels) {
        return RequestedErasure.together(
                retained.of(tenant, people, channels).stream()
                        .map(
                                one ->
                                        RequestedErasure.kept(
                                                one.category(),
                                                one.keptUntil(),
                                                one.because(),
                                                one.rule())));
    }

    @Override
    public void letters(
            String tenant,
            Collection<UUID> people,
            Collection<String> channels,
            Consumer<ObjectNode> letters) {
        for (Summary one : retained.of(tenant, people, channels)) {
            retained.read(tenant, one.messageId())
                    .ifPresent(letter -> letters.accept(facts(one).setAll(letter)));
        }
    }

    @Override
    public boolean annotate(
            String tenant,
            Collection<UUID> people,
            Collection<String> channels,
            UUID message,
            String text) {
        return retained.annotate(tenant, people, channels, message, text);
    }

    private static ObjectNode facts(Summary one) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("messageId", one.messageId().toString())
                .put("channel", one.channel())
                .put("direction", one.direction())
                .put("category", one.category())
                .put("receivedAt", text(one.receivedAt()))
                .put("keptUntil", text(one.keptUntil()))
                .put("rule", one.rule())
                .put("because", one.because())
                .put("restrictedAt", text(one.restrictedAt()));
    }

    private static String text(Instant at) {
        return at == null ? null : at.toString();
    }
}
