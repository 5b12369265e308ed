package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jawort.media.MediaReader;
import org.jawort.message.Channel;
import org.jawort.proof.ConsentProofs;
import org.jawort.rights.KeptByLaw.Known;
import org.jawort.rights.PersonalData.Section;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.vault.SubjectKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What law keeps of an earlier erasure: closed to everybody at the tenant, but the person has a
 * right to a copy of it, and to say what is wrong in it (DSR-4, DSR-9, RET-8). Nothing but an
 * address joins who asks and who was erased, and numbers are given to others: so control of it is
 * not enough here, and without a second proof nothing of the kind is found (DSR-2). Inside the
 * caller's transaction.
 */
final class RetainedData {

    private static final Logger LOG = LoggerFactory.getLogger(RetainedData.class);

    private final KeptByLaw kept;
    private final ConsentProofs proofs;
    private final JdbcTemplate jdbc;

    private final MediaReader reader;

    RetainedData(KeptByLaw kept, ConsentProofs proofs, JdbcTemplate jdbc, MediaReader reader) {
        this.reader = reader;
        this.kept = kept;
        this.proofs = proofs;
        this.jdbc = jdbc;
    }

    /** What is kept of whoever had the addresses of who asks now, why and until when. */
    List<ErasureRun.Kept> kept(RightsRequest request, SubjectKey key) {
        return kept.kept(request.tenant(), people(request, key), channels(request));
    }

    /** Letters and declarations; of the letters not what is other people's. */
    List<Section> sections(
            RightsRequest request, SubjectKey key, ThirdParties others, CopiedFiles files) {
        return List.of(
                new Section("retained", sink -> letters(request, key, others, files, sink)),
                new Section("retainedProofs", sink -> proofs(request, key, sink)));
    }

    /**
     * Writes to a letter what its person says is right (DSR-9): of who asks, or of whom an earlier
     * erasure left it.
     *
     * @return false if nothing of the kind is kept
     */
    boolean annotate(RightsRequest request, SubjectKey key, UUID message, String text) {
        return annotate(request, senders(request, key), message, text);
    }

    private boolean annotate(
            RightsRequest request, Collection<UUID> senders, UUID message, String text) {
        boolean isKept = kept.annotate(request.tenant(), senders, channels(request), message, text);
        if (isKept) {
            LOG.info(
                    "rights.retained_annotated tenant={} request={} message={}",
                    request.tenant(),
                    request.id(),
                    message);
        }
        return isKept;
    }

    /**
     * Writes the right name to each letter that came under another.
     *
     * @return to how many
     */
    int annotateNames(RightsRequest request, SubjectKey key, String name) {
        int[] annotated = {0};
        Set<UUID> senders = senders(request, key);
        kept.letters(
                request.tenant(),
                senders,
                channels(request),
                letter -> {
                    JsonNode was = letter.at("/body/from/name");
                    UUID message = UUID.fromString(letter.get("messageId").textValue());
                    if (letter.get("direction").textValue().equals("inbound")
                            && was.isTextual()
                            && !was.textValue().equals(name)
                            && annotate(request, senders, message, name)) {
                        annotated[0]++;
                    }
                });
        return annotated[0];
    }

    private Set<UUID> senders(RightsRequest request, SubjectKey key) {
        Set<UUID> senders = new HashSet<>(people(request, key));
        senders.add(request.subject());
        return senders;
    }

    private void letters(
            RightsRequest request,
            SubjectKey key,
            ThirdParties others,
            CopiedFiles files,
            Consumer<ObjectNode> sink) {
        int[] copied = {0};
        kept.letters(
                request.tenant(),
                people(request, key),
                channels(request),
                letter -> {
                    JsonNode body = letter.remove("body");
                    letter.set("from", body.path("from"));
                    letter.set("to", body.path("to"));
                    letter.set("content", others.masked(body.path("content")));
                    if (letter.get("direction").textValue().equals("outbound")
                            && letter.get("from").has("name")) {
                        ((ObjectNode) letter.get("from")).put("name", ThirdParties.MASK);
                    }
                    letter.path("media")
                            .forEach(medium -> file(request, (ObjectNode) medium, files));
                    copied[0]++;
                    sink.accept(letter);
                });
        if (copied[0] > 0) {
            LOG.info(
                    "rights.retained_copied tenant={} request={} letters={}",
                    request.tenant(),
                    request.id(),
                    copied[0]);
        }
    }

    private void file(RightsRequest request, ObjectNode medium, CopiedFiles files) {
        UUID file = UUID.fromString(medium.get("id").textValue());
        reader.openRetained(request.tenant(), file)
                .ifPresent(
                        open ->
                                medium.put(
                                        "file",
                                        files.add(
                                                file,
                                                open.contentType(),
                                                () ->
                                                        reader.openRetained(
                                                                request.tenant(), file))));
    }

    private void proofs(RightsRequest request, SubjectKey key, Consumer<ObjectNode> sink) {
        Bulk.query(
                        jdbc,
                        """
                        select distinct record_id from consent_event
                         where tenant = ? and subject_id = any(?::uuid[]) and channel = any(?::text[]) and record_id is not null
                         order by record_id""",
                        row -> row.getObject(1, UUID.class),
                        Column.one(request.tenant()),
                        Column.of("uuid", people(request, key), person -> person),
                        Column.of("text", channels(request), channel -> channel))
                .forEach(record -> proofs.of(request.tenant(), record).ifPresent(sink));
    }

    /** Wire names of those the request covers. */
    private static List<String> channels(RightsRequest request) {
        return Arrays.stream(Channel.values())
                .filter(
                        channel ->
                                request.channel() == null
                                        || channel.consentChannel() == request.channel())
                .map(Channel::wireName)
                .toList();
    }

    private List<UUID> people(RightsRequest request, SubjectKey key) {
        if (!IdentityRules.SECOND_PROOF.equals(request.identityMethod())) {
            return List.of();
        }
        return kept.people(
                request.tenant(),
                Bulk.query(
                        jdbc,
                        """
                        select channel, sealed_address from address
                         where tenant = ? and subject_id = ? and channel = any(?::text[]) order by id""",
                        row ->
                                new Known(
                                        row.getString(1),
                                        new String(
                                                key.open("address", row.getBytes(2)),
                                                StandardCharsets.UTF_8)),
                        Column.one(request.tenant()),
                        Column.one(request.subject()),
                        Column.of("text", channels(request), channel -> channel)));
    }
}
