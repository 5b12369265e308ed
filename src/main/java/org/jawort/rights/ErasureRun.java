package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Erases a person everywhere (DSR-7): plan, shred, delete, restrict what a law keeps, and one task
 * per recipient.
 */
public interface ErasureRun {

    /**
     * What is not deleted yet, without content.
     *
     * @param count items of the data type
     * @param until when they are deleted by themselves; {@code null} while nobody can say, as under
     *     a legal hold, or as long as a refusal lasts
     * @param because the law or reason, in words
     * @param rule id and version, {@code null} if no rule keeps them
     */
    record Kept(String dataType, long count, Instant until, String because, String rule) {

        /** What serves the person's own wishes: that a refusal lasts, and what they asked for. */
        private static final Set<String> THEIRS =
                Set.of("suppression-stub", "address-hash", "request-file");

        /**
         * Whether it stays against the wish to be erased, because GDPR Art. 17(3) lets it: their
         * letters, and what proves that they consented or refused.
         */
        boolean isRefused() {
            return !THEIRS.contains(dataType);
        }
    }

    /**
     * @param recipient id of a destination or processor
     * @param status {@code DONE}, {@code NOT_SUPPORTED}, {@code EXPIRES_AT}, {@code RETRY} or
     *     {@code MANUAL} (RET-14)
     * @param until of {@code EXPIRES_AT}; else {@code null}
     */
    record Recipient(String recipient, String status, Instant until) {

        /** Whether nothing more has to happen there. */
        boolean isSettled() {
            return status.equals("DONE") || status.equals("EXPIRES_AT");
        }
    }

    /**
     * @param deleted whether the hub itself has nothing left but what {@code kept} names
     */
    record Progress(boolean deleted, List<Kept> kept, List<Recipient> recipients) {

        /** Whether nothing more has to happen anywhere. */
        boolean isSettled() {
            return deleted && recipients.stream().allMatch(Recipient::isSettled);
        }

        /** Whether some of it stays against the wish to be erased. */
        boolean isPartlyRefused() {
            return kept.stream().anyMatch(Kept::isRefused);
        }

        /** Whether something goes on by itself; what else is open needs somebody. */
        boolean goesOn() {
            return recipients.stream().anyMatch(one -> one.status().equals("RETRY"));
        }
    }

    /**
     * Begins the erasure, or goes on with it; in transactions of its own, outside any other. Done
     * twice it is done once. A recipient that fails keeps nothing from happening elsewhere.
     *
     * @throws RuntimeException if it could not go on now; calling again resumes it
     */
    void erase(String tenant, UUID subject, UUID request);

    /**
     * What an erasure would do now: counts, recipients, what is kept and why, rules, and a hash of
     * all that. No word of the person. Inside the caller's transaction.
     */
    JsonNode plan(String tenant, UUID subject);

    /** The plan of one that began; inside the caller's transaction. */
    Optional<JsonNode> planned(String tenant, UUID request);

    /** How far it is; inside the caller's transaction. */
    Progress progress(String tenant, UUID request);
}
