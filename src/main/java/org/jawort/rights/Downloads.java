package org.jawort.rights;

import com.github.f4b6a3.uuid.UuidCreator;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.store.Bulk;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Links to answers (DSR-6). A link holds a random id and 256 random bits, nothing of the person;
 * the store has a hash of the bits. It gives all of the answer once, for fourteen days. Works
 * inside the caller's transaction.
 */
final class Downloads {

    static final Duration LIFE = Duration.ofDays(14);

    /** A link is a secret: whoever has it has the answer. */
    record Link(UUID download, String url, Instant expiresAt) {
        @Override
        public String toString() {
            return "Link[" + download + "]";
        }
    }

    record Row(
            String tenant,
            UUID id,
            UUID request,
            byte[] secretHash,
            Instant expiresAt,
            Instant usedAt) {

        boolean isAlive(Instant now) {
            return usedAt == null && now.isBefore(expiresAt);
        }
    }

    /** The two parts of what stands in a link. */
    private record Token(UUID id, byte[] secret) {}

    private static final int SECRET_BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final JdbcTemplate jdbc;
    private final PackageStore packages;
    private final URI publicUrl;

    Downloads(JdbcTemplate jdbc, PackageStore packages, URI publicUrl) {
        this.jdbc = jdbc;
        this.packages = packages;
        this.publicUrl = publicUrl;
    }

    /** A new link for a request's answer; an earlier one and its package are gone. */
    Link open(RightsRequest request, Instant now) {
        of(request).ifPresent(old -> remove(old));
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        UUID id = UuidCreator.getTimeOrderedEpoch();
        Instant expiresAt = now.plus(LIFE);
        jdbc.update(
                "insert into rights_download (tenant, id, request_id, secret_hash, created_at, expires_at) values (?, ?, ?, ?, ?, ?)",
                request.tenant(),
                id,
                request.id(),
                sha256(secret),
                Bulk.timestamp(now),
                Bulk.timestamp(expiresAt));
        byte[] token =
                ByteBuffer.allocate(16 + SECRET_BYTES)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .put(secret)
                        .array();
        String path =
                "/requests/download/"
                        + Base64.getUrlEncoder().withoutPadding().encodeToString(token);
        return new Link(id, publicUrl.toString().replaceAll("/$", "") + path, expiresAt);
    }

    private void remove(Row old) {
        packages.delete(old.tenant(), old.id());
        jdbc.update(
                "delete from rights_download where tenant = ? and id = ?", old.tenant(), old.id());
    }

    Optional<Row> of(RightsRequest request) {
        return rows("where tenant = ? and request_id = ?", request.tenant(), request.id()).stream()
                .findFirst();
    }

    /**
     * What a link opens, alive or not; empty for what is no link of the hub. The secret is compared
     * in constant time.
     */
    Optional<Row> find(String text) {
        Optional<Token> token = token(text);
        // also hashed where nothing is found, so that time tells nothing
        byte[] hash = sha256(token.map(Token::secret).orElse(new byte[SECRET_BYTES]));
        return token.flatMap(one -> rows("where id = ?", one.id()).stream().findFirst())
                .filter(row -> MessageDigest.isEqual(row.secretHash(), hash));
    }

    /**
     * @return whether this call was the first
     */
    boolean use(Row row, Instant now) {
        return jdbc.update(
                        "update rights_download set used_at = ? where tenant = ? and id = ? and used_at is null and expires_at > ?",
                        Bulk.timestamp(now),
                        row.tenant(),
                        row.id(),
                        Bulk.timestamp(now))
                == 1;
    }

    /** Whoever used it at that time did not get all of it, and may try again. */
    void giveBack(Row row, Instant usedAt) {
        jdbc.update(
                "update rights_download set used_at = null where tenant = ? and id = ? and used_at = ?",
                row.tenant(),
                row.id(),
                Bulk.timestamp(usedAt));
    }

    /**
     * Packages nobody can open any more go.
     *
     * @return whose they were
     */
    List<UUID> expire(String tenant, Instant now) {
        return jdbc.queryForList(
                """
                delete from rights_package p using rights_download d
                 where p.tenant = ? and d.tenant = p.tenant and d.id = p.download_id and (d.used_at < ? or d.expires_at <= ?)
                returning p.download_id""",
                UUID.class,
                tenant,
                Bulk.timestamp(now.minus(Duration.ofHours(1))),
                Bulk.timestamp(now));
    }

    private List<Row> rows(String where, Object... values) {
        return jdbc.query(
                "select * from rights_download " + where,
                (row, n) ->
                        new Row(
                                row.getString("tenant"),
                                row.getObject("id", UUID.class),
                                row.getObject("request_id", UUID.class),
                                row.getBytes("secret_hash"),
                                Bulk.instant(row, "expires_at"),
                                Bulk.instant(row, "used_at")),
                values);
    }

    private static Optional<Token> token(String text) {
        if (text.length() != 64 || text.endsWith("=")) { // padded, it would be shorter
            return Optional.empty();
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
            UUID id = new UUID(bytes.getLong(), bytes.getLong());
            byte[] secret = new byte[SECRET_BYTES];
            bytes.get(secret);
            return Optional.of(new Token(id, secret));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
