package org.jawort.vault;

import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/** The keys of people as they are stored. Works inside the caller's transaction. */
public final class StoredKeys {

    private static final String WRAPPED =
            "select wrapped from subject_key where tenant = ? and subject_id = ? and key_group = ?";

    private final JdbcTemplate jdbc;
    private final SubjectKeys keys;

    public StoredKeys(JdbcTemplate jdbc, SubjectKeys keys) {
        this.jdbc = jdbc;
        this.keys = keys;
    }

    /**
     * Empty if the key is destroyed, and with it all that it opened.
     *
     * @param group {@link SubjectKeys#ORDINARY} or {@link SubjectKeys#RETAINED}
     */
    public Optional<SubjectKey> find(String tenant, UUID subject, String group) {
        return opened(WRAPPED, tenant, subject, group);
    }

    /** The same, and it stays as it is until the transaction ends. */
    public Optional<SubjectKey> share(String tenant, UUID subject, String group) {
        return opened(WRAPPED + " for share", tenant, subject, group);
    }

    private Optional<SubjectKey> opened(String sql, String tenant, UUID subject, String group) {
        return jdbc
                .query(
                        sql,
                        (row, n) -> keys.open(tenant, subject, group, row.getBytes(1)),
                        tenant,
                        subject,
                        group)
                .stream()
                .findFirst();
    }
}
