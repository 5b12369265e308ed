package org.jawort.label;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.label.StoredLabels.Place;
import org.jawort.tenant.CategoryRules.Classified;
import org.jawort.tenant.MessageTraits;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;

/** What rules of a tenant's file make of a message while it is stored, received or to be sent. */
public final class Filing {

    /**
     * A message about to be stored, or just stored.
     *
     * @param category what somebody said its conversation is, {@code null} if nobody did
     * @param held nobody may read it before its person agrees, so it tells nothing of the
     *     conversation either
     */
    public record Filed(
            String tenant,
            UUID subject,
            SubjectKey key,
            UUID conversation,
            String category,
            UUID message,
            MessageTraits traits,
            boolean held,
            Instant at) {}

    private final Tenants tenants;
    private final Labels labels;

    public Filing(Tenants tenants, Labels labels) {
        this.tenants = tenants;
        this.labels = labels;
    }

    /** What a message is by commercial and tax law (RET-7). */
    public Classified category(Filed message) {
        return tenants.get(message.tenant())
                .retention()
                .categories()
                .classify(message.traits(), message.category());
    }

    /** Stores the labels of messages that are stored in the same transaction. */
    public void file(List<Filed> messages) {
        labels.add(messages.stream().flatMap(this::labels).toList());
    }

    private Stream<Labels.New> labels(Filed message) {
        return tenants.get(message.tenant()).labels().labels(message.traits()).stream()
                .filter(found -> !message.held() || !found.ofConversation())
                .map(
                        found ->
                                new Labels.New(
                                        message.tenant(),
                                        message.subject(),
                                        message.key(),
                                        new Place(
                                                message.conversation(),
                                                found.ofConversation() ? null : message.message()),
                                        found.label(),
                                        found.rule(),
                                        message.at()));
    }
}
