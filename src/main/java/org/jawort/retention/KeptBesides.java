package org.jawort.retention;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.consent.SuppressionStubs;
import org.jawort.retention.RetainedItems.Kept;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What an erasure leaves besides messages, as its answer lists it (DSR-7): what proves consents and
 * refusals, refusals that go on, by what the person finds again what is kept, and the file of the
 * request. Works inside the erasure's transaction, after what goes with the key is gone.
 */
final class KeptBesides {

    /**
     * @param dataType {@code consent-proof}, {@code suppression-stub} of a refusal, {@code
     *     tenant-block} of a block or suppression of the tenant's, {@code address-hash} or {@code
     *     request-file}
     * @param until {@code null} as long as a refusal or a hold lasts
     * @param rule id and version of what keeps it
     * @param because in words, for the answer to the person
     */
    record Besides(String dataType, long count, Instant until, String rule, String because) {}

    private record Proof(String channel, String purpose, Instant written, Instant ended) {}

    /** Why what finds a person again may stay as long as what it finds (DSR-4). */
    private static final String FOUND_AGAIN =
            "GDPR Art. 15, 17(3): whoever it is about can ask for what is kept";

    /** Longest last; what only a hold keeps has no end. */
    private static final Comparator<Besides> BY_END =
            Comparator.comparing(
                    Besides::until, Comparator.nullsLast(Comparator.<Instant>naturalOrder()));

    private final JdbcTemplate jdbc;
    private final RetentionRules rules;

    KeptBesides(JdbcTemplate jdbc, RetentionRules rules) {
        this.jdbc = jdbc;
        this.rules = rules;
    }

    /**
     * @param messages of the person that are kept
     * @param stubs refusals and blocks that go on
     */
    List<Besides> of(
            String tenant,
            UUID subject,
            List<Kept> messages,
            SuppressionStubs.Left stubs,
            Instant now) {
        List<Besides> kept = new ArrayList<>(proofs(tenant, subject, now));
        List<Besides> sealed = new ArrayList<>(kept);
        messages.forEach(
                one ->
                        sealed.add(
                                new Besides(
                                        one.category(),
                                        1,
                                        one.until(),
                                        one.rule(),
                                        one.because())));
        RetentionRule stub = rules.rule(tenant, "suppression-stub");
        if (stubs.refusals() > 0) {
            kept.add(
                    new Besides(
                            stub.dataType(),
                            stubs.refusals(),
                            null,
                            stub.label(),
                            "kept until revoked because " + Precedence.because(stub)));
        }
        if (stubs.tenants() > 0) {
            kept.add(
                    new Besides(
                            "tenant-block",
                            stubs.tenants(),
                            null,
                            stub.label(),
                            "kept until lifted because GDPR Art. 6(1)(f), rule " + stub.label()));
        }
        long parties = count("retained_party", tenant, subject);
        if (parties > 0) {
            sealed.stream().max(BY_END).map(last -> party(parties, last)).ifPresent(kept::add);
        }
        long requests = count("rights_request", tenant, subject);
        if (requests > 0) {
            RetentionRule rule = rules.rule(tenant, "request-file");
            kept.add(kept(rule, requests, rule.dueAt(now))); // answered as soon as this is over
        }
        return kept;
    }

    /** One line per rule; what the nightly run looks at counts here. */
    List<Besides> proofs(String tenant, UUID subject, Instant now) {
        Map<RetentionRule, Besides> kept = new LinkedHashMap<>();
        Bulk.query(
                        jdbc,
                        """
                        select e.channel, e.purpose, case when e.outcome <> 'removed' then e.received_time end as written,
                               coalesce(h.lived, h.moved, e.received_time) as ended
                          from consent_salt s join consent_event e on e.tenant = s.tenant and e.id = s.event_id
                         cross join lateral (
                           select max(l.received_time) filter (where l.previous_state in ('REQUESTED', 'PENDING', 'GRANTED', 'RECONSENT_DUE', 'LI_ACTIVE')) as lived,
                                  max(l.received_time) filter (where l.outcome = 'moved') as moved
                             from consent_event l where l.tenant = e.tenant and l.record_id = e.record_id) h
                         where s.tenant = ? and s.subject_id = ? order by e.position""",
                        row ->
                                new Proof(
                                        row.getString(1),
                                        row.getString(2),
                                        Bulk.instant(row, "written"),
                                        Bulk.instant(row, "ended")),
                        Column.one(tenant),
                        Column.one(subject))
                .forEach(
                        proof -> {
                            RetentionRule rule =
                                    rules.rule(tenant, "consent-proof", traits(proof), now);
                            kept.merge(
                                    rule,
                                    kept(rule, 1, due(rule, proof)),
                                    (one, other) -> together(rule, one, other));
                        });
        return List.copyOf(kept.values());
    }

    private static Map<String, String> traits(Proof proof) {
        Map<String, String> traits = new HashMap<>();
        traits.put("channel", proof.channel());
        traits.put("purpose", proof.purpose());
        traits.put("category", "NONE");
        return traits;
    }

    private static Instant due(RetentionRule rule, Proof proof) {
        Instant ended = rule.dueAt(proof.ended());
        Instant written = proof.written() == null ? ended : rule.dueAt(proof.written());
        return written.isAfter(ended) ? written : ended;
    }

    private static Besides together(RetentionRule rule, Besides one, Besides other) {
        Besides last = BY_END.compare(one, other) < 0 ? other : one;
        return kept(rule, one.count() + other.count(), last.until());
    }

    private static Besides kept(RetentionRule rule, long count, Instant until) {
        return new Besides(
                rule.dataType(), count, until, rule.label(), Precedence.keptUntil(until, rule));
    }

    private static Besides party(long count, Besides last) {
        String because =
                last.until() == null
                        ? last.because()
                        : "kept until %s because %s, rule %s"
                                .formatted(
                                        Precedence.day(last.until().minusNanos(1000)),
                                        FOUND_AGAIN,
                                        last.rule());
        return new Besides("address-hash", count, last.until(), last.rule(), because);
    }

    private long count(String table, String tenant, UUID subject) {
        return jdbc.queryForObject(
                "select count(*) from " + table + " where tenant = ? and subject_id = ?",
                Long.class,
                tenant,
                subject);
    }
}
