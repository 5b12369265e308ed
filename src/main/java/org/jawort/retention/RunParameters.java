package org.jawort.retention;

import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import org.apache.camel.Message;
import org.jawort.sending.ErasureCalls;
import org.jawort.tenant.Tenant;

/**
 * What the SQL of the retention routes takes as parameters, as headers of the run: the tenant, the
 * time, and for each data type the cutoff by the rules in force.
 */
final class RunParameters {

    /**
     * A conversation nobody wrote in for this long closes itself: no start event must not mean for
     * ever (RET-4).
     */
    private static final Period IDLE = Period.ofDays(30);

    private final RetentionRules rules;
    private final ErasureCalls calls;

    RunParameters(RetentionRules rules, ErasureCalls calls) {
        this.rules = rules;
        this.calls = calls;
    }

    /** Sets all that any statement of a run takes. */
    void set(Message message, Tenant tenant, Instant now) {
        String id = tenant.id();
        setOfBuffers(message, tenant, now);
        message.setHeader(
                "idleBefore",
                now.atZone(rules.rule(id, "conversation-text").tz())
                        .minus(IDLE)
                        .toOffsetDateTime());
        message.setHeader("idleDays", IDLE.getDays());
        cutoffs(message, id, "text", "conversation-text", now);
        cutoffs(message, id, "media", "media", now);
        cutoff(message, id, "metadataBefore", "delivery-metadata", now);
        cutoff(message, id, "dedupBefore", "dedup-key", now);
        cutoff(message, id, "evidenceBefore", "deletion-evidence", now);
        cutoffs(message, id, "proof", "consent-proof", now);
        cutoff(message, id, "promptBefore", "unanswered-prompt", now);
        cutoff(message, id, "stubBefore", "suppression-stub", now);
        cutoff(message, id, "noticeBefore", "notice-evidence", now);
        cutoff(message, id, "relationshipBefore", "relationship", now);
        cutoff(message, id, "requestBefore", "request-file", now);
        cutoff(message, id, "holdBefore", "hold-file", now);
        message.setHeader(ArchiveWaits.HEADER, ArchiveWaits.archives(tenant));
        // a refusal is known as long as nobody may ask again (T5)
        message.setHeader(
                "coolingBefore",
                now.atOffset(ZoneOffset.UTC).minus(tenant.consentRules().declineCooling()));
    }

    /** Sets what the statements about buffers take. */
    void setOfBuffers(Message message, Tenant tenant, Instant now) {
        message.setHeader("tenant", tenant.id());
        message.setHeader("askable", askable(tenant));
        message.setHeader("now", now.atOffset(ZoneOffset.UTC));
        cutoff(message, tenant.id(), "bufferBefore", "transport-buffer", now);
    }

    /**
     * Accounts whose provider can be asked to delete: of no other the messages' bodies are read.
     */
    private String askable(Tenant tenant) {
        return tenant.accounts().keySet().stream()
                .filter(account -> calls.obstacle(tenant.id(), account).isEmpty())
                .sorted()
                .collect(Collectors.joining(",", "{", "}"));
    }

    private void cutoffs(
            Message message, String tenant, String name, String dataType, Instant now) {
        Cutoffs cutoffs = Cutoffs.of(rules, tenant, dataType, now);
        message.setHeader(name + "Before", cutoffs.latest().atOffset(ZoneOffset.UTC));
        message.setHeader(name + "Rules", cutoffs.exceptions());
    }

    private void cutoff(
            Message message, String tenant, String header, String dataType, Instant now) {
        message.setHeader(
                header, rules.rule(tenant, dataType).cutoff(now).atOffset(ZoneOffset.UTC));
    }
}
