package org.jawort.proof;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.StreamSupport;

/**
 * What a proof says, in the order and words of German or English, before it is set as page or text:
 * both give a person the same record (CON-22).
 */
final class ProofOutline {

    enum Kind {
        WORDS,
        HASH,
        /** Lines that keep their breaks. */
        LINES
    }

    record Row(String label, String value, Kind kind) {}

    /**
     * @param words shown as they are, {@code null} if none
     * @param warning {@code null} if all is well
     */
    record Section(String heading, String words, List<Row> rows, String warning) {}

    /**
     * @param head of the whole proof
     * @param texts empty if none was shown
     */
    record Outline(
            String language,
            String title,
            List<Row> head,
            String declarationsTitle,
            List<Section> declarations,
            String textsTitle,
            List<Section> texts,
            String note) {}

    private final Properties words = new Properties();
    private final String language;
    private List<Row> rows = new ArrayList<>();

    private ProofOutline(ProofPage.Language language) {
        this.language = language.name().toLowerCase(Locale.ROOT);
        try (Reader reader =
                new InputStreamReader(
                        ProofOutline.class.getResourceAsStream(
                                "/proof/" + this.language + ".properties"),
                        StandardCharsets.UTF_8)) {
            words.load(reader);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * @param proof as {@link ConsentProofs} gives it
     */
    static Outline of(JsonNode proof, ProofPage.Language language) {
        return new ProofOutline(language).outline(proof);
    }

    private Outline outline(JsonNode proof) {
        JsonNode controller = proof.at("/pii_controllers/0");
        row("controller", controller.get("party_name"));
        row("controllerAddress", controller.get("party_address"));
        row("contact", controller.get("party_contact"));
        row("record", proof.get("record_id"));
        row("person", proof.get("pii_principal_id"));
        row("channel", proof.get("service"));
        coded("purpose", proof.get("purpose"));
        coded("basis", proof.get("lawful_basis"));
        add("stateNow", code("state", proof.get("event_state")), Kind.WORDS);
        row("validUntil", proof.get("validity_duration"));
        row("notice", proof.get("privacy_notice"));
        list("data", proof.get("pii_information"));
        list("recipients", proof.get("recipient_third_parties"));
        list("storage", proof.get("storage_locations"));
        row("jurisdiction", proof.get("jurisdiction"));
        row("retention", proof.get("retention_period"));
        list("withdrawal", proof.get("withdrawal_method"));
        row("rights", proof.get("privacy_rights"));
        List<Row> head = taken();
        List<Section> declarations = new ArrayList<>();
        proof.get("events").forEach(event -> declarations.add(declaration(event)));
        List<Section> texts = new ArrayList<>();
        proof.get("texts").forEach(text -> texts.add(text(text)));
        return new Outline(
                language,
                word("title"),
                head,
                word("declarations"),
                declarations,
                word("texts"),
                texts,
                word("chainNote"));
    }

    private Section declaration(JsonNode event) {
        JsonNode more = event.get("extension");
        String heading =
                more.get("chainIndex").asText() + ". " + code("event", event.get("event_type"));
        coded("state", event.get("event_state"));
        coded("outcome", more.get("outcome"));
        row("reason", more.get("reason"));
        coded("actor", event.get("entity_id"));
        row("declaredAt", event.get("event_time"));
        row("receivedAt", event.get("received_time"));
        row("validUntil", event.get("validity_duration"));
        coded("matchedRule", more.get("matchedRule"));
        row("textVersion", more.get("textVersion"));
        row("language", event.get("language"));
        row("notice", event.get("privacy_notice"));
        row("message", more.get("messageId"));
        evidence(more);
        hash("addressHash", more.get("addressHash"));
        hash("textSha256", more.get("textSha256"));
        hash("commitment", more.get("commitment"));
        hash("prevHash", more.get("prevHash"));
        hash("entryHash", more.get("entryHash"));
        return new Section(
                heading, null, taken(), more.get("sound").booleanValue() ? null : word("unsound"));
    }

    private void evidence(JsonNode more) {
        JsonNode evidence = more.get("evidence");
        if (!evidence.isNull()) {
            add(
                    "evidence",
                    evidence.isObject() ? evidence.toPrettyString() : evidence.textValue(),
                    Kind.LINES);
        }
        coded("evidenceWithheld", more.get("evidenceWithheld"));
    }

    private Section text(JsonNode text) {
        String heading =
                text.get("textVersion").asText() + " (" + text.get("language").asText() + ")";
        row("validFrom", text.get("validFrom"));
        row("approvedBy", text.get("approvedBy"));
        hash("textSha256", text.get("sha256"));
        return new Section(
                heading,
                text.get(text.get("shown").isNull() ? "words" : "shown").asText(),
                taken(),
                null);
    }

    private List<Row> taken() {
        List<Row> taken = rows;
        rows = new ArrayList<>();
        return taken;
    }

    private void add(String label, String value, Kind kind) {
        rows.add(new Row(word(label), value, kind));
    }

    private void row(String label, JsonNode value) {
        if (value != null && !value.isNull() && !value.isMissingNode()) {
            add(label, value.asText(), Kind.WORDS);
        }
    }

    /** A value that has a word in the language. */
    private void coded(String label, JsonNode value) {
        if (value != null && !value.isNull()) {
            add(label, code(label, value), Kind.WORDS);
        }
    }

    private void hash(String label, JsonNode value) {
        if (value != null && !value.isNull()) {
            add(label, value.asText(), Kind.HASH);
        }
    }

    private void list(String label, JsonNode values) {
        List<String> each = new ArrayList<>();
        StreamSupport.stream(values.spliterator(), false)
                .map(value -> value.has("pii_type") ? value.get("pii_type") : value)
                .forEach(value -> each.add(code(label, value)));
        if (!each.isEmpty()) {
            add(label, String.join(", ", each), Kind.WORDS);
        }
    }

    private String code(String label, JsonNode value) {
        String known = words.getProperty(label + "." + value.asText());
        return known == null ? value.asText() : known + " (" + value.asText() + ")";
    }

    private String word(String key) {
        return java.util.Objects.requireNonNull(words.getProperty(key), key);
    }
}
