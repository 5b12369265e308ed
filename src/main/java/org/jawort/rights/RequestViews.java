package org.jawort.rights;

import java.util.List;
import java.util.Optional;
import org.jawort.conversation.People;

/** Requests as the API shows them. Works inside the caller's transaction. */
final class RequestViews {

    private final RequestStore store;
    private final Downloads downloads;
    private final People people;

    RequestViews(RequestStore store, Downloads downloads, People people) {
        this.store = store;
        this.downloads = downloads;
        this.people = people;
    }

    RequestView of(RightsRequest one, boolean withSteps) {
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
                withSteps
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
}
