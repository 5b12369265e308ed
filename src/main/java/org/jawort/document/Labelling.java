package org.jawort.document;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.delivery.Outbox;
import org.jawort.delivery.Outbox.NewEvent;
import org.jawort.label.Labels;
import org.jawort.label.Labels.Origin;
import org.jawort.label.Labels.Outcome;
import org.jawort.label.StoredLabels.Entry;
import org.jawort.label.StoredLabels.Place;
import org.jawort.message.Category;
import org.jawort.retention.Categories;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Files messages and conversations after they were stored, and tells whoever gets events of
 * messages: an archive has an annotation then, not a changed document. Works in the caller's
 * transaction.
 */
public final class Labelling {

    static final String EVENT = "jawort.message.labeled.v1";

    /**
     * What somebody wants something to be filed under.
     *
     * @param category {@code null}: as it is
     * @param source of the category, {@code agent} or {@code crm} (RET-7)
     * @param labels by name; empty takes the label away
     */
    public record Wish(Category category, String source, Map<String, Optional<String>> labels) {
        public static Wish labels(Map<String, Optional<String>> labels) {
            return new Wish(null, null, labels);
        }
    }

    private record Facts(String category, boolean consumed) {}

    private final JdbcTemplate jdbc;
    private final Labels labels;
    private final Categories categories;
    private final Outbox outbox;
    private final Tenants tenants;
    private final InstantSource clock;

    Labelling(
            JdbcTemplate jdbc,
            Labels labels,
            Categories categories,
            Outbox outbox,
            Tenants tenants,
            InstantSource clock) {
        this.jdbc = jdbc;
        this.labels = labels;
        this.categories = categories;
        this.outbox = outbox;
        this.tenants = tenants;
        this.clock = clock;
    }

    /** What something is and was filed under, or why that is not to be known. */
    public Outcome find(String tenant, Place place) {
        return labels.find(tenant, place);
    }

    public List<Entry> history(String tenant, Outcome.Done found) {
        return labels.stored().history(tenant, found.place(), found.key());
    }

    /** The caller undoes everything unless it is {@link Outcome.Done}. */
    public Outcome file(String tenant, Place place, Wish wish, Origin origin) {
        Instant now = clock.instant();
        Outcome outcome = labels.change(tenant, place, wish.labels(), origin, now);
        if (!(outcome instanceof Outcome.Done done)) {
            return outcome;
        }
        List<String> changed = new ArrayList<>(done.changed());
        Category category = wish.category();
        if (category != null && !isSo(tenant, done.place(), category)) {
            set(tenant, done.place(), category, wish.source(), origin.by(), now);
            changed.add("category");
        }
        if (!changed.isEmpty()) {
            tell(tenant, done, changed, origin, now);
        }
        return new Outcome.Done(done.subject(), done.place(), done.key(), changed);
    }

    /**
     * Says what a message is by commercial and tax law, or a conversation: then its messages that
     * nobody classified, and those to come that no rule knows (RET-7). Also of somebody whose data
     * is restricted, of which nobody is told: law goes on.
     *
     * @param source {@code agent} or {@code crm}
     * @return false if there is no such thing
     */
    public boolean classify(
            String tenant, Place place, Category category, String source, Origin origin) {
        if (facts(tenant, place).isEmpty()) {
            return false;
        }
        Instant now = clock.instant();
        boolean changes = !isSo(tenant, place, category);
        set(tenant, place, category, source, origin.by(), now);
        if (changes && labels.find(tenant, place) instanceof Outcome.Done done) {
            tell(tenant, done, List.of("category"), origin, now);
        }
        return true;
    }

    private boolean isSo(String tenant, Place place, Category category) {
        return facts(tenant, place)
                .filter(facts -> category.name().equals(facts.category()))
                .isPresent();
    }

    private void set(
            String tenant, Place place, Category category, String source, String by, Instant now) {
        if (place.message() != null) {
            categories.classify(tenant, place.message(), category, source, by);
            return;
        }
        Bulk.update(
                jdbc,
                "update conversation set category = ?, category_source = ?, category_by = ?, category_at = ? where tenant = ? and id = ?",
                Column.one(category.name()),
                Column.one(source),
                Column.one(by),
                Column.one(now),
                Column.one(tenant),
                Column.one(place.conversation()));
        jdbc.queryForList(
                        "select id from message where tenant = ? and conversation_id = ? and category = 'UNKNOWN' order by id",
                        UUID.class,
                        tenant,
                        place.conversation())
                .forEach(message -> categories.classify(tenant, message, category, source, by));
    }

    private void tell(
            String tenant, Outcome.Done done, List<String> changed, Origin origin, Instant now) {
        Facts facts = facts(tenant, done.place()).orElseThrow();
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        UUID message = done.place().message();
        data.put("messageId", message == null ? null : message.toString());
        changed.forEach(data.putArray("changed")::add);
        ObjectNode current = data.putObject("labels");
        history(tenant, done).stream()
                .filter(entry -> entry.removedAt() == null)
                .forEach(entry -> current.put(entry.name(), entry.value()));
        data.put("category", facts.category());
        data.put("source", origin.source());
        data.put("by", origin.by());
        data.put("at", now.toString());
        NewEvent event =
                new NewEvent(
                        tenant,
                        UuidCreator.getTimeOrderedEpoch(),
                        EVENT,
                        null,
                        done.subject(),
                        done.place().conversation(),
                        message,
                        facts.consumed(),
                        now,
                        null,
                        done.key()
                                .seal(
                                        "event.data",
                                        data.toString().getBytes(StandardCharsets.UTF_8)));
        outbox.addDue(List.of(event), this::receivers, now);
    }

    private List<Destination> receivers(NewEvent event) {
        return tenants.get(event.tenant()).destinations().values().stream()
                .filter(destination -> destination.receives(event.type(), event.consumed()))
                .toList();
    }

    private Optional<Facts> facts(String tenant, Place place) {
        return jdbc
                .query(
                        place.message() == null
                                ? "select category, false from conversation where tenant = ? and id = ?"
                                : "select category, decision = 'consume' from message where tenant = ? and id = ?",
                        (row, n) -> new Facts(row.getString(1), row.getBoolean(2)),
                        tenant,
                        place.message() == null ? place.conversation() : place.message())
                .stream()
                .findFirst();
    }
}
