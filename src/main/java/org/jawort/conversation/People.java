package org.jawort.conversation;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.consent.SuppressionScope;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.Scheme;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.StoredKeys;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.SubjectKeys;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * People by address or id, for those who hear of them by other ways than a message. Works inside
 * the caller's transaction.
 */
public final class People {

    private final JdbcTemplate jdbc;
    private final StoredKeys keys;
    private final Subjects subjects;

    public People(JdbcTemplate jdbc, Pseudonyms pseudonyms, SubjectKeys keys) {
        this.jdbc = jdbc;
        this.keys = new StoredKeys(jdbc, keys);
        this.subjects = new Subjects(jdbc, pseudonyms, keys);
    }

    /** The subject known under an address, empty if nobody is. */
    public Optional<UUID> find(String tenant, Channel channel, String address) {
        return known(tenant, channel, address).map(Subject::id);
    }

    Optional<Subject> known(String tenant, Channel channel, String address) {
        return Optional.ofNullable(subjects.find(tenant, channel, address));
    }

    /**
     * An address with what its provider calls whoever has it: a user or contact of theirs stands
     * for the number, and goes with it. A phone number and a business-scoped id are told apart.
     */
    Set<UUID> withAliases(String tenant, Channel channel, Subject subject) {
        return Set.copyOf(
                jdbc.queryForList(
                        "select id from address where tenant = ? and subject_id = ? and (id = ? or channel = ? and scheme = ?)",
                        UUID.class,
                        tenant,
                        subject.id(),
                        subject.address(),
                        channel.consentChannel().wireName(),
                        Scheme.OPAQUE.wireName()));
    }

    /**
     * The addresses are nobody's, nor are the person's conversations: whoever writes there next
     * says who they are, or is somebody new.
     */
    void forget(String tenant, UUID subject, Collection<UUID> addresses) {
        Bulk.update(
                jdbc,
                "delete from address where tenant = ? and (id = any(?::uuid[]) or subject_id = ? and channel = ?)",
                Column.one(tenant),
                Column.of("uuid", addresses, id -> id),
                Column.one(subject),
                Column.one(Addresses.ANY_CHANNEL));
    }

    /**
     * @throws Contended if it must be done again
     */
    Subject findOrMake(String tenant, Channel channel, Address address, Instant now) {
        return subjects.findOrMake(tenant, channel, address, now);
    }

    /**
     * What a tenant itself had blocked of whoever had an address and is gone.
     *
     * @param scope of its suppression, {@code null} for the block list
     * @return whether there was anything
     */
    boolean lift(String tenant, Channel channel, Address address, SuppressionScope scope) {
        return subjects.lift(tenant, channel, address, scope);
    }

    public boolean exists(String tenant, UUID subject) {
        return !jdbc.queryForList(
                        "select 1 from subject where tenant = ? and id = ?",
                        Integer.class,
                        tenant,
                        subject)
                .isEmpty();
    }

    /** As which other subjects the person is known; empty for most (decision 0007). */
    public List<UUID> otherNames(String tenant, UUID subject) {
        return jdbc.queryForList(
                "select o.id from subject s join subject o on o.tenant = s.tenant and o.identity = s.identity and o.id <> s.id"
                        + " where s.tenant = ? and s.id = ? order by o.id",
                UUID.class,
                tenant,
                subject);
    }

    /** Empty if the key is destroyed, and with it all that was said. */
    public Optional<SubjectKey> key(String tenant, UUID subject) {
        return keys.find(tenant, subject, SubjectKeys.ORDINARY);
    }

    /**
     * Where a person is reached on a channel.
     *
     * @param preferred id of the address to take if it is still there, {@code null} for the newest
     * @return {@code null} if none is known
     */
    Address address(String tenant, UUID subject, Channel channel, UUID preferred, SubjectKey key) {
        return Bulk.query(
                        jdbc,
                        """
                        select scheme, sealed_address from address
                         where tenant = ? and subject_id = ? and channel = ?
                         order by (id = ?::uuid) desc nulls last, id desc limit 1""",
                        row ->
                                new Address(
                                        new String(
                                                key.open("address", row.getBytes(2)),
                                                StandardCharsets.UTF_8),
                                        Scheme.of(row.getString(1)),
                                        null,
                                        List.of()),
                        Column.one(tenant),
                        Column.one(subject),
                        Column.one(channel.consentChannel().wireName()),
                        Column.one(preferred == null ? null : preferred.toString()))
                .stream()
                .findFirst()
                .orElse(null);
    }
}
