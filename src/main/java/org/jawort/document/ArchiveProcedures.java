package org.jawort.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jawort.consent.CanonicalJson;
import org.jawort.retention.RetentionRules;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The versions of how a tenant's archives are fed (RET-11): each configuration that was ever in
 * force, since when, with the hash of its description. A version is written when the hub starts
 * with another configuration, and when keys change while it runs. Registered as {@code
 * archiveProcedures}.
 */
public final class ArchiveProcedures implements InitializingBean {

    private static final Logger LOG = LoggerFactory.getLogger(ArchiveProcedures.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param sha256 hex, of the description in the form of RFC 8785
     */
    public record Version(int number, String sha256, Instant since) {}

    /**
     * @param until {@code null} for the one in force
     */
    public record Procedure(Version version, Instant until, JsonNode description) {}

    private final Tenants tenants;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final Map<String, ObjectNode> atStart = new HashMap<>();
    private final Map<String, String> recorded = new ConcurrentHashMap<>();

    ArchiveProcedures(
            Path home,
            Tenants tenants,
            RetentionRules rules,
            TenantScope scope,
            JdbcTemplate jdbc,
            InstantSource clock) {
        this.tenants = tenants;
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
        for (Tenant tenant : tenants.all()) {
            atStart.put(tenant.id(), ArchiveDescription.of(home, tenant, rules.rules(tenant.id())));
        }
    }

    @Override
    public void afterPropertiesSet() {
        record();
    }

    /**
     * Writes down what changed since this node last did. Another node that runs an older
     * configuration for a while writes that down once, when it starts.
     */
    public void record() {
        for (Tenant tenant : tenants.all()) {
            ObjectNode description = ArchiveDescription.withKeys(atStart.get(tenant.id()), tenant);
            String sha256 = sha256(description);
            if (!sha256.equals(recorded.get(tenant.id()))) {
                scope.run(tenant.id(), () -> record(tenant.id(), sha256, description));
                recorded.put(tenant.id(), sha256);
            }
        }
    }

    private void record(String tenant, String sha256, ObjectNode description) {
        List<Version> versions = versions(tenant);
        Version newest = versions.isEmpty() ? null : versions.getFirst();
        if (newest != null && newest.sha256().equals(sha256)) {
            return;
        }
        int number = newest == null ? 1 : newest.number() + 1;
        int written =
                jdbc.update(
                        "insert into archive_procedure (tenant, version, sha256, description, since) values (?, ?, ?, ?, ?)"
                                + " on conflict do nothing", // another node starts with the same
                        tenant,
                        number,
                        sha256,
                        new String(CanonicalJson.bytes(description), StandardCharsets.UTF_8),
                        Bulk.timestamp(clock.instant()));
        if (written > 0) {
            LOG.info("archive.procedure tenant={} version={} sha256={}", tenant, number, sha256);
        }
    }

    static String sha256(JsonNode description) {
        return HexFormat.of().formatHex(CanonicalJson.sha256(description));
    }

    /** Newest first. In the caller's transaction. */
    public List<Version> versions(String tenant) {
        return versions(jdbc, tenant);
    }

    static List<Version> versions(JdbcTemplate jdbc, String tenant) {
        return Bulk.query(
                jdbc,
                "select version, sha256, since from archive_procedure where tenant = ? order by version desc",
                row -> new Version(row.getInt(1), row.getString(2), Bulk.instant(row, "since")),
                Column.one(tenant));
    }

    /**
     * In the caller's transaction.
     *
     * @param number {@code null} for the one in force
     */
    public Optional<Procedure> find(String tenant, Long number) {
        List<Version> versions = versions(tenant);
        Instant until = null;
        for (Version version : versions) {
            if (number == null || version.number() == number) {
                return Optional.of(
                        new Procedure(version, until, description(tenant, version.number())));
            }
            until = version.since();
        }
        return Optional.empty();
    }

    private JsonNode description(String tenant, int number) {
        try {
            return JSON.readTree(
                    jdbc.queryForObject(
                            "select description from archive_procedure where tenant = ? and version = ?",
                            String.class,
                            tenant,
                            number));
        } catch (JsonProcessingException notOurs) {
            throw new IllegalStateException("a description", notOurs);
        }
    }
}
