package org.jawort.custody;

import com.github.f4b6a3.uuid.UuidCreator;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Custodians;
import org.jawort.vault.TenantKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Changes to a tenant's key that people ask for: proposed by one, made by another, which is to say
 * by two API keys (SEC-6). Works in the caller's transaction.
 */
public final class KeyChanges {

    public enum Kind {
        /** A new version, under which all new things are written and the old ones brought. */
        REPLACE,
        /** The end of an older version that nothing lies under any more. */
        DESTROY
    }

    public enum State {
        PROPOSED,
        DONE,
        WITHDRAWN
    }

    /** No words of people's own: nothing personal can stand here. */
    public enum Reason {
        ROTATION,
        SUSPECTED_EXPOSURE,
        STAFF_CHANGE,
        NO_LONGER_NEEDED
    }

    /**
     * @param version to destroy; of a replacement the one that was made, {@code null} before
     * @param decidedBy who approved or withdrew
     */
    public record View(
            UUID id,
            Kind kind,
            Integer version,
            Reason reason,
            State state,
            Instant proposedAt,
            String proposedBy,
            Instant decidedAt,
            String decidedBy) {}

    /**
     * A version without the key itself.
     *
     * @param state {@code WRITES}, {@code ANNOUNCED} or {@code OLDER}
     * @param createdAt {@code null} if it is derived from the root key
     * @param rewrappedAt when all that lay under older versions was brought under this one
     */
    public record Version(
            int version,
            String custodian,
            String state,
            Instant createdAt,
            Instant writesFrom,
            Instant rewrappedAt) {}

    /** What became of a step. */
    public sealed interface Outcome {
        record Done(View change) implements Outcome {}

        record NotFound() implements Outcome {}

        /** The key that proposed; it needs another one. */
        record SamePerson() implements Outcome {}

        /** Decided already. */
        record WrongState() implements Outcome {}

        /** Written under, or needed to open or find something, or not there. */
        record InUse() implements Outcome {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(KeyChanges.class);

    /** What is encrypted under a tenant's key itself. */
    private static final List<String> SEALED =
            List.of(
                    "subject_key.wrapped",
                    "sealing_key.wrapped",
                    "erasure_run.wrapped_key",
                    "retention_run.wrapped_key",
                    "quarantine.sealed_webhook",
                    "idempotent_request.sealed_response",
                    "legal_hold.sealed_details");

    private static final String COLUMNS =
            "id, kind, version, reason, state, proposed_at, proposed_by, decided_at, decided_by";

    private final KeyReplacement replacement;
    private final TenantKeys keys;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    KeyChanges(
            KeyReplacement replacement, TenantKeys keys, JdbcTemplate jdbc, InstantSource clock) {
        this.replacement = replacement;
        this.keys = keys;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** The tenant's versions, oldest first. */
    public List<Version> versions(String tenant) {
        int writing = keys.version(tenant);
        List<Version> versions = new ArrayList<>();
        if (keys.oldest(tenant) == 0 && !isThere(tenant, 0)) { // derived, without a row
            versions.add(new Version(0, Custodians.ROOT, state(0, writing), null, null, null));
        }
        versions.addAll(
                Bulk.query(
                        jdbc,
                        """
                        select version, custodian, created_at, writes_from, rewrapped_at from tenant_key
                         where tenant = ? order by version""",
                        row ->
                                new Version(
                                        row.getInt("version"),
                                        row.getString("custodian"),
                                        state(row.getInt("version"), writing),
                                        Bulk.instant(row, "created_at"),
                                        Bulk.instant(row, "writes_from"),
                                        Bulk.instant(row, "rewrapped_at")),
                        Column.one(tenant)));
        return versions;
    }

    private static String state(int version, int writing) {
        return version == writing ? "WRITES" : version > writing ? "ANNOUNCED" : "OLDER";
    }

    /**
     * Without effect until somebody else approves.
     *
     * @param version {@code null} to replace
     * @param by the API key that proposes
     */
    public View propose(String tenant, Kind kind, Integer version, Reason reason, String by) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        jdbc.update(
                """
                insert into key_change (tenant, id, kind, version, reason, state, proposed_at, proposed_by)
                values (?, ?, ?, ?, ?, 'PROPOSED', ?, ?)""",
                tenant,
                id,
                kind.name(),
                version,
                reason.name(),
                Bulk.timestamp(clock.instant()),
                by);
        return find(tenant, id).orElseThrow();
    }

    /** Makes the change. */
    public Outcome approve(String tenant, UUID id, String by) {
        Optional<View> found = lock(tenant, id);
        if (found.isEmpty()) {
            return new Outcome.NotFound();
        }
        View change = found.get();
        if (change.state() != State.PROPOSED) {
            return new Outcome.WrongState();
        }
        if (change.proposedBy().equals(by)) {
            return new Outcome.SamePerson();
        }
        if (change.kind() == Kind.DESTROY && !isOver(tenant, change.version())) {
            return new Outcome.InUse();
        }
        return decided(tenant, change, State.DONE, make(tenant, change), by);
    }

    /** The version that was made or destroyed. */
    private int make(String tenant, View change) {
        return switch (change.kind()) {
            case REPLACE -> replacement.begin(tenant);
            case DESTROY -> {
                replacement.destroy(tenant, change.version());
                yield change.version();
            }
        };
    }

    /** Whoever proposed may do so as well. */
    public Outcome withdraw(String tenant, UUID id, String by) {
        Optional<View> found = lock(tenant, id);
        if (found.isEmpty()) {
            return new Outcome.NotFound();
        }
        return found.get().state() == State.PROPOSED
                ? decided(tenant, found.get(), State.WITHDRAWN, found.get().version(), by)
                : new Outcome.WrongState();
    }

    private Outcome decided(String tenant, View change, State state, Integer version, String by) {
        jdbc.update(
                "update key_change set state = ?, version = ?, decided_at = ?, decided_by = ? where tenant = ? and id = ?",
                state.name(),
                version,
                Bulk.timestamp(clock.instant()),
                by,
                tenant,
                change.id());
        LOG.info(
                "tenant.key.change tenant={} change={} kind={} state={} version={} proposedBy={} decidedBy={}",
                tenant,
                change.id(),
                change.kind(),
                state,
                version,
                change.proposedBy(),
                by);
        return new Outcome.Done(find(tenant, change.id()).orElseThrow());
    }

    /**
     * Whether nobody misses the version: a newer one has been written under for as long as it takes
     * that every node does so, the walk has brought keys and lookups under it, and nothing else is
     * left. The oldest is always needed, because hashes that nobody can make again are under it;
     * and so is one of which they may be.
     */
    private boolean isOver(String tenant, int version) {
        if (version <= keys.oldest(tenant) || !isThere(tenant, version)) {
            return false;
        }
        boolean isWalked =
                !jdbc.queryForList(
                                "select 1 from tenant_key where tenant = ? and version = ? and version > ? and rewrapped_at is not null",
                                Integer.class,
                                tenant,
                                keys.version(tenant),
                                version)
                        .isEmpty();
        return isWalked
                && !hashes(tenant, version)
                && SEALED.stream().noneMatch(place -> opens(tenant, version, place));
    }

    private boolean opens(String tenant, int version, String place) {
        String table = place.substring(0, place.indexOf('.'));
        return !jdbc.queryForList(
                        "select 1 from "
                                + table
                                + " where tenant = ? and substr("
                                + place
                                + ", 1, ?) = ? limit 1",
                        Integer.class,
                        tenant,
                        TenantKeys.head(version).length,
                        TenantKeys.head(version))
                .isEmpty();
    }

    /**
     * Whether some erased person's refusals, or what law keeps of them, may be found by it only.
     */
    private boolean hashes(String tenant, int version) {
        return !Bulk.query(
                        jdbc,
                        """
                        select 1 from tenant_key k where k.tenant = ? and k.version = ? and k.hashes
                           and (exists (select 1 from suppression_stub s where s.tenant = k.tenant)
                                or exists (select 1 from retained_party p where p.tenant = k.tenant))""",
                        row -> true,
                        Column.one(tenant),
                        Column.one(version))
                .isEmpty();
    }

    private boolean isThere(String tenant, int version) {
        return !jdbc.queryForList(
                        "select 1 from tenant_key where tenant = ? and version = ?",
                        Integer.class,
                        tenant,
                        version)
                .isEmpty();
    }

    public Optional<View> find(String tenant, UUID id) {
        return one(tenant, id, "");
    }

    private Optional<View> lock(String tenant, UUID id) {
        return one(tenant, id, " for update");
    }

    private Optional<View> one(String tenant, UUID id, String how) {
        return Bulk.query(
                        jdbc,
                        "select " + COLUMNS + " from key_change where tenant = ? and id = ?" + how,
                        KeyChanges::view,
                        Column.one(tenant),
                        Column.one(id))
                .stream()
                .findFirst();
    }

    /**
     * Newest first.
     *
     * @param before only those proposed before this one, {@code null} for the start
     */
    public List<View> page(String tenant, UUID before, int limit) {
        String id = before == null ? null : before.toString();
        return Bulk.query(
                jdbc,
                "select "
                        + COLUMNS
                        + " from key_change where tenant = ? and (?::uuid is null or id < ?::uuid) order by id desc limit ?",
                KeyChanges::view,
                Column.one(tenant),
                Column.one(id),
                Column.one(id),
                Column.one(limit));
    }

    private static View view(ResultSet row) throws SQLException {
        return new View(
                row.getObject("id", UUID.class),
                Kind.valueOf(row.getString("kind")),
                row.getObject("version", Integer.class),
                Reason.valueOf(row.getString("reason")),
                State.valueOf(row.getString("state")),
                Bulk.instant(row, "proposed_at"),
                row.getString("proposed_by"),
                Bulk.instant(row, "decided_at"),
                row.getString("decided_by"));
    }
}
