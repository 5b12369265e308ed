package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.jawort.conversation.People;

/** Requests as the API shows them. Works inside the caller's transaction. */
final class RequestViews {

    private final RequestStore store;
    private final Downloads downloads;
    private final People people;
    private final ErasureRun erasure;

    RequestViews(RequestStore store, Downloads downloads, People people, ErasureRun erasure) {
        this.store = store;
        this.downloads = downloads;
        this.people = people;
        this.erasure = erasure;
    }

    /**
     * @param whole with its steps and, of an erasure, its plan
     */
    RequestView of(RightsRequest one, boolean whole) {
        Optional<Downloads.Row> download = downloads.of(one);
        return new RequestView(
                one.id(),
                one.subject(),
                people.otherNames(one.tenant(), one.subject()),
                one.type().name(),
                one.state().name(),
                one.source().name(),
                one.channel() == null ? null : one.channel().wireName(),
                one.replyChannel() == null ? null : one.replyChannel().wireName(),
                one.language(),
                one.receivedAt(),
                one.dueOn(),
                one.extendedMonths(),
                one.identity().name(),
                one.identityMethod(),
                one.outcome(),
                one.replyMessage(),
                store.sent(one.tenant(), one.replyMessage()),
                download.map(Downloads.Row::expiresAt).orElse(null),
                download.map(Downloads.Row::usedAt).orElse(null),
                one.attempts(),
                one.lastError(),
                one.liftAt(),
                one.liftedAt(),
                one.answeredAt(),
                one.closedAt(),
                whole && one.type() == RequestType.ERASE ? plan(one) : null,
                whole
                        ? store.steps(one).stream()
                                .map(
                                        step ->
                                                new RequestView.Step(
                                                        step.state(),
                                                        step.at(),
                                                        step.actor(),
                                                        step.reason()))
                                .toList()
                        : List.of());
    }

    private JsonNode plan(RightsRequest one) {
        return erasure.planned(one.tenant(), one.id())
                .orElseGet(
                        () ->
                                one.state().isAnswered()
                                        ? null // and its evidence is over
                                        : erasure.plan(one.tenant(), one.subject()));
    }
}
