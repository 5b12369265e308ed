package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jawort.store.Bulk;
import org.jawort.vault.Undecipherable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Art. 16: a wrong name is put right wherever the hub works with it, and what must stay as it was
 * written, a commercial letter or any message whose words the person contests, gets an annotation
 * instead, also where only law still keeps it (DSR-9). Whoever received data is told what is right.
 */
final class Rectification implements Fulfilment {

    private static final int PAGE = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Kept as it was written. */
    private static final List<String> LETTERS = List.of("COMMERCIAL_LETTER", "VOUCHER");

    private record Row(UUID id, boolean isLetter, byte[] sealed) {}

    private final JdbcTemplate jdbc;
    private final RetainedData retained;
    private final RightsEvents events;

    Rectification(JdbcTemplate jdbc, RetainedData retained, RightsEvents events) {
        this.jdbc = jdbc;
        this.retained = retained;
        this.events = events;
    }

    @Override
    public ObjectNode fulfil(Task task) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        if (task.key() == null) {
            Fulfilment.refuse(facts, "RECTIFY", "NOTHING_STORED");
            return facts;
        }
        String name = task.asked().path("name").textValue();
        int corrected = 0;
        int annotated = 0;
        if (name != null) {
            int[] counts = rename(task, name);
            corrected = counts[0];
            annotated = counts[1] + retained.annotateNames(task.request(), task.key(), name);
        }
        for (JsonNode statement : inOrderOfMessages(task.asked().path("statements"))) {
            UUID message = message(statement);
            String text = statement.get("text").textValue();
            if (isTheirs(task.request(), message)) {
                annotate(task, message, text);
                annotated++;
            } else if (retained.annotate(task.request(), task.key(), message, text)) {
                annotated++;
            } else {
                Fulfilment.refuse(facts, "STATEMENT", "MESSAGE_NOT_STORED");
            }
        }
        facts.put("done", "RECTIFIED").put("corrected", corrected).put("annotated", annotated);
        ObjectNode told = JsonNodeFactory.instance.objectNode();
        told.put("name", name);
        told.set("statements", task.asked().path("statements").deepCopy());
        if (!told.get("statements").isArray()) {
            told.putArray("statements");
        }
        events.rectified(task.request(), told, task.key(), task.now()).into(facts);
        return facts;
    }

    /** As everybody else locks messages, whatever order the person named them in. */
    private static List<JsonNode> inOrderOfMessages(JsonNode statements) {
        return StreamSupport.stream(statements.spliterator(), false)
                .sorted(Comparator.comparing(statement -> message(statement).toString()))
                .toList();
    }

    private static UUID message(JsonNode statement) {
        return UUID.fromString(statement.get("messageId").textValue());
    }

    /** Messages put right, and those annotated. */
    private int[] rename(Task task, String name) {
        int[] counts = new int[2];
        UUID after = null;
        for (List<Row> page = page(task, after); !page.isEmpty(); page = page(task, after)) {
            for (Row row : page) {
                rename(task, name, row, counts);
            }
            after = page.getLast().id();
        }
        return counts;
    }

    private List<Row> page(Task task, UUID after) {
        return jdbc.query(
                """
                select id, category, sealed_body from message
                 where tenant = ? and subject_id = ? and direction = 'inbound' and (?::uuid is null or id > ?::uuid)
                 order by id limit ? for update""",
                (row, n) ->
                        new Row(
                                row.getObject("id", UUID.class),
                                LETTERS.contains(row.getString("category")),
                                row.getBytes("sealed_body")),
                task.request().tenant(),
                task.request().subject(),
                after == null ? null : after.toString(),
                after == null ? null : after.toString(),
                PAGE);
    }

    private void rename(Task task, String name, Row row, int[] counts) {
        ObjectNode body;
        try {
            body = (ObjectNode) JSON.readTree(task.key().open("message.body", row.sealed()));
        } catch (Undecipherable keptApart) {
            annotate(task, row.id(), name);
            counts[1]++;
            return;
        } catch (IOException notOurs) {
            throw new IllegalStateException(notOurs);
        }
        JsonNode from = body.path("from");
        if (!from.hasNonNull("name") || from.get("name").asText().equals(name)) {
            return;
        }
        if (row.isLetter()) {
            annotate(task, row.id(), name);
            counts[1]++;
            return;
        }
        ((ObjectNode) from).put("name", name);
        jdbc.update(
                "update message set sealed_body = ? where tenant = ? and id = ?",
                task.key().seal("message.body", bytes(body.toString())),
                task.request().tenant(),
                row.id());
        counts[0]++;
    }

    /** Locked until the transaction ends: a nightly run that is about to restrict it goes first. */
    private boolean isTheirs(RightsRequest request, UUID message) {
        return !jdbc.queryForList(
                        "select 1 from message where tenant = ? and id = ? and subject_id = ? for update",
                        Integer.class,
                        request.tenant(),
                        message,
                        request.subject())
                .isEmpty();
    }

    private void annotate(Task task, UUID message, String text) {
        jdbc.update(
                """
                insert into message_annotation (tenant, id, message_id, subject_id, request_id, sealed_text, created_at)
                values (?, ?, ?, ?, ?, ?, ?)""",
                task.request().tenant(),
                UuidCreator.getTimeOrderedEpoch(),
                message,
                task.request().subject(),
                task.request().id(),
                task.key().seal("message.annotation", bytes(text)),
                Bulk.timestamp(task.now()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
