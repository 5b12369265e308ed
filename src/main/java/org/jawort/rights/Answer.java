package org.jawort.rights;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jawort.rights.PersonalData.Section;

/**
 * An answer as a ZIP: {@code data.json} for machines with its schema beside it, {@code index.html}
 * for people, and the files people sent.
 */
final class Answer {

    static final String SCHEMA = "/schema/rights-answer-v1.json";

    private final ObjectMapper json;
    private final ObjectNode head;
    private final List<Section> sections;
    private final CopiedFiles files;
    private final AnswerPage.Language language;

    /**
     * @param head request, controller, outcome and what Art. 15(1) wants told; names of sections
     *     are none of its fields
     * @param copied the person's data; empty where the answer is no copy
     */
    Answer(
            ObjectMapper json,
            ObjectNode head,
            PersonalData.Copied copied,
            AnswerPage.Language language) {
        this.json = json;
        this.head = head;
        this.sections = copied.sections();
        this.files = copied.files();
        this.language = language;
    }

    void write(OutputStream out, Instant now) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            entry(zip, "data.json", now);
            data(unclosed(zip));
            entry(zip, "rights-answer-v1.json", now);
            try (InputStream schema = Answer.class.getResourceAsStream(SCHEMA)) {
                schema.transferTo(zip);
            }
            entry(zip, "index.html", now);
            try (Writer page = new OutputStreamWriter(unclosed(zip), StandardCharsets.UTF_8)) {
                new AnswerPage(page, language).write(head, sections);
            }
            files.each(
                    (place, file) -> {
                        entry(zip, place, now);
                        try (InputStream content = file.content()) {
                            content.transferTo(zip);
                        }
                    });
        }
    }

    private static void entry(ZipOutputStream zip, String name, Instant now) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(now.toEpochMilli());
        zip.putNextEntry(entry);
    }

    private void data(OutputStream out) throws IOException {
        try (JsonGenerator generator = json.getFactory().createGenerator(out)) {
            generator.writeStartObject();
            for (var field : head.properties()) {
                generator.writeFieldName(field.getKey());
                generator.writeTree(field.getValue());
            }
            for (Section section : sections) {
                generator.writeArrayFieldStart(section.name());
                section.rows().accept(row -> row(generator, row));
                generator.writeEndArray();
            }
            generator.writeEndObject();
        }
    }

    private static void row(JsonGenerator generator, JsonNode row) {
        try {
            generator.writeTree(row);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static OutputStream unclosed(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }
}
