package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.conversation.Contended;
import org.jawort.store.Bulk;
import org.jawort.store.TenantScope;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantKeys.Use;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Lets a POST happen once per caller and Idempotency-Key: effect and answer are stored in one
 * transaction, and the same key with the same bytes gets the stored answer. An {@link ApiProblem}
 * undoes the effect and is not stored, so that the request can be mended and sent again under its
 * key.
 */
final class Posts {

    /**
     * @param body of a problem if the status is an error
     * @param about the person whose data it holds, {@code null} if there is none or their id stands
     *     in it anyway
     */
    record Answer(int status, Object body, UUID about) {

        Answer(int status, Object body) {
            this(status, body, null);
        }

        static Answer of(Problem problem) {
            return new Answer(problem.status(), problem);
        }
    }

    private record Stored(byte[] requestHash, int status, byte[] sealed) {}

    private static final int TRIES = 5;
    private static final Pattern ID =
            Pattern.compile(
                    "\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b", Pattern.CASE_INSENSITIVE);

    private final Contract contract;
    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final TenantKeys keys;
    private final Answers answers;
    private final InstantSource clock;

    Posts(
            Contract contract,
            TenantScope scope,
            JdbcTemplate jdbc,
            TenantKeys keys,
            Answers answers,
            InstantSource clock) {
        this.contract = contract;
        this.scope = scope;
        this.jdbc = jdbc;
        this.keys = keys;
        this.answers = answers;
        this.clock = clock;
    }

    /**
     * The same for what a path names by its id.
     *
     * @throws ApiProblem 404 if that is no id
     */
    ResponseEntity<byte[]> about(
            ApiCall call, String id, String schema, BiFunction<UUID, JsonNode, Answer> effect) {
        call.query().only();
        UUID item = Query.id(id);
        return once(call, schema, body -> effect.apply(item, body));
    }

    /**
     * @param schema of the body, name under {@code components/schemas}
     * @param effect runs inside the tenant's transaction, again from the start if another
     *     transaction was first
     */
    ResponseEntity<byte[]> once(ApiCall call, String schema, Function<JsonNode, Answer> effect) {
        // An answer is for who may have it: nobody else's key gets it, nor the same with less
        // rights.
        byte[] key =
                keys.mac(
                        call.tenant(),
                        Use.API,
                        "idempotency",
                        call.keyId(),
                        String.valueOf(call.restricted()),
                        call.path(),
                        idempotencyKey(call));
        byte[] hash =
                keys.mac(call.tenant(), Use.API, "request", HexFormat.of().formatHex(call.body()));
        JsonNode body = contract.read(schema, call.body());
        return tried(call, () -> attempt(call, key, hash, body, effect));
    }

    /**
     * For what only reads, or whose answer is a secret: nothing of the answer is stored, and a
     * repetition is done, judged and logged as the first was.
     *
     * @param schema of the body, name under {@code components/schemas}
     */
    ResponseEntity<byte[]> anew(ApiCall call, String schema, Function<JsonNode, Answer> effect) {
        idempotencyKey(call);
        JsonNode body = contract.read(schema, call.body());
        return tried(
                call,
                () -> {
                    Answer answer = effect.apply(body);
                    return answers.of(answer.status(), answers.bytes(answer.body()));
                });
    }

    private ResponseEntity<byte[]> tried(ApiCall call, Supplier<ResponseEntity<byte[]>> work) {
        for (int tried = 1; ; tried++) {
            try {
                return scope.call(call.tenant(), work);
            } catch (Contended again) {
                if (tried == TRIES) {
                    throw new ApiProblem(Problem.UNAVAILABLE);
                }
            }
        }
    }

    private static String idempotencyKey(ApiCall call) {
        List<String> sent = call.idempotencyKeys();
        if (sent.isEmpty()) {
            throw new ApiProblem(Problem.KEY_MISSING);
        }
        if (sent.size() > 1 || !sent.getFirst().matches("[\\x21-\\x7e]{1,255}")) {
            throw new ApiProblem(Problem.KEY_INVALID);
        }
        return sent.getFirst();
    }

    private ResponseEntity<byte[]> attempt(
            ApiCall call,
            byte[] key,
            byte[] hash,
            JsonNode body,
            Function<JsonNode, Answer> effect) {
        String tenant = call.tenant();
        // Held until this transaction ends, so a second request learns at once that the first
        // still runs instead of waiting for it.
        Boolean isFirst =
                jdbc.queryForObject(
                        "select pg_try_advisory_xact_lock(?)",
                        Boolean.class,
                        ByteBuffer.wrap(key).getLong());
        if (!Boolean.TRUE.equals(isFirst)) {
            throw new ApiProblem(Problem.KEY_IN_FLIGHT);
        }
        List<Stored> stored =
                jdbc.query(
                        "select request_hash, status, sealed_response from idempotent_request"
                                + " where tenant = ? and key = ?",
                        (row, n) -> new Stored(row.getBytes(1), row.getInt(2), row.getBytes(3)),
                        tenant,
                        key);
        if (!stored.isEmpty()) {
            return repeated(tenant, key, hash, stored.getFirst());
        }
        Answer answer = effect.apply(body);
        byte[] bytes = answers.bytes(answer.body());
        jdbc.update(
                "insert into idempotent_request (tenant, key, request_hash, status, sealed_response, created_at, about)"
                        + " values (?, ?, ?, ?, ?, ?, ?::uuid[])",
                tenant,
                key,
                hash,
                answer.status(),
                seal(tenant, key, bytes),
                Bulk.timestamp(clock.instant()),
                ids(call, answer, bytes));
        return answers.of(answer.status(), bytes);
    }

    /**
     * Every id that was asked with or answered, as PostgreSQL writes an array: by them an answer
     * goes when a person goes. Labels name nobody, so the path has to.
     */
    private static String ids(ApiCall call, Answer answer, byte[] bytes) {
        return Stream.of(
                        call.path(),
                        new String(call.body(), StandardCharsets.UTF_8),
                        String.valueOf(answer.about()),
                        new String(bytes, StandardCharsets.UTF_8))
                .flatMap(text -> ID.matcher(text).results())
                .map(MatchResult::group)
                .distinct()
                .collect(Collectors.joining(",", "{", "}"));
    }

    private ResponseEntity<byte[]> repeated(String tenant, byte[] key, byte[] hash, Stored stored) {
        if (!MessageDigest.isEqual(hash, stored.requestHash())) {
            throw new ApiProblem(Problem.KEY_REUSED);
        }
        return answers.of(stored.status(), open(tenant, key, stored.sealed()));
    }

    private byte[] seal(String tenant, byte[] key, byte[] plain) {
        try {
            return keys.aead(tenant, Use.API).encrypt(plain, associatedData(tenant, key));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private byte[] open(String tenant, byte[] key, byte[] sealed) {
        try {
            return keys.aead(tenant, Use.API).decrypt(sealed, associatedData(tenant, key));
        } catch (GeneralSecurityException notOurs) {
            throw new IllegalStateException("a stored answer does not open", notOurs);
        }
    }

    private static byte[] associatedData(String tenant, byte[] key) {
        return ("answer|" + tenant + "|" + HexFormat.of().formatHex(key))
                .getBytes(StandardCharsets.UTF_8);
    }
}
