package org.jawort.proof;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jawort.proof.ProofOutline.Outline;
import org.jawort.proof.ProofOutline.Row;
import org.jawort.proof.ProofOutline.Section;

/**
 * A proof as plain text to hand to the person, in German or English: the receipt of CON-22. It says
 * what the page and the JSON document say. Lines end with a line feed; what the person wrote cannot
 * begin a line of ours, because each of its lines stands behind a bar.
 */
public final class ProofText {

    private final StringBuilder text = new StringBuilder(4_096);

    private ProofText() {}

    /**
     * @param proof as {@link ConsentProofs} gives it
     * @return UTF-8
     */
    public static byte[] of(JsonNode proof, ProofPage.Language language) {
        return new ProofText()
                .write(ProofOutline.of(proof, language))
                .getBytes(StandardCharsets.UTF_8);
    }

    private String write(Outline outline) {
        title(outline.title(), '=');
        outline.head().forEach(this::row);
        sections(outline.declarationsTitle(), outline.declarations());
        if (!outline.texts().isEmpty()) {
            sections(outline.textsTitle(), outline.texts());
        }
        text.append('\n');
        line(outline.note());
        return text.toString();
    }

    private void sections(String title, List<Section> sections) {
        text.append('\n');
        title(title, '-');
        for (Section section : sections) {
            text.append('\n');
            line(section.heading());
            if (section.words() != null) {
                lines(section.words());
            }
            section.rows().forEach(this::row);
            if (section.warning() != null) {
                line("!! " + section.warning());
            }
        }
    }

    private void title(String title, char underline) {
        line(title);
        line(String.valueOf(underline).repeat(title.length()));
    }

    private void row(Row row) {
        switch (row.kind()) {
            case WORDS, HASH -> line(row.label() + ": " + row.value());
            case LINES -> {
                line(row.label() + ":");
                lines(row.value());
            }
        }
    }

    private void lines(String value) {
        value.lines().forEach(one -> line("  | " + one));
    }

    /** Control characters of a value, a terminal's among them, become visible. */
    private void line(String line) {
        line.codePoints()
                .map(c -> Character.isISOControl(c) ? '\ufffd' : c)
                .forEach(text::appendCodePoint);
        text.append('\n');
    }
}
