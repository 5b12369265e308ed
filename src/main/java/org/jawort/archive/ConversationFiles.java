package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Synchronization;
import org.apache.camel.support.SynchronizationAdapter;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.DestinationUnavailable;

/**
 * An event as two files of a document management system: {@code
 * <conversation>/<sequence>-<event>.eml} and, once that is there, {@code ….json} with all that is
 * known of it but its words. Names are made of ids alone (S13). Registered as {@code
 * conversationFiles}.
 */
public final class ConversationFiles {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "jawort.document.name";
    private static final String EVENT = "jawort.document.event";
    private static final String BYTES = "jawort.document.bytes";

    private final HubAttachments attachments;

    public ConversationFiles(Attachments attachments) {
        this.attachments = new HubAttachments(attachments);
    }

    /**
     * Makes the body the message as an EML, and its name the header that Camel's file components
     * write under.
     *
     * @throws DestinationRefused if the mapping left nothing to make a message of
     * @throws DestinationUnavailable if an attachment cannot be read now
     */
    public void document(Exchange exchange, String tenant) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        EventIds ids = EventIds.of(body);
        if (!ids.complete()) {
            throw new DestinationRefused("document: the mapping gives no id and sequence", null);
        }
        try {
            JsonNode event = JSON.readTree(body);
            List<Eml.Attached> attached = attachments.of(tenant, event);
            EmlStream bytes = EmlStream.of(Eml.of(tenant, event, attached), !attached.isEmpty());
            exchange.getExchangeExtension().addOnCompletion(closing(bytes));
            String name = "%s/%012d-%s".formatted(conversation(event), ids.sequence(), ids.id());
            exchange.setProperty(NAME, name);
            exchange.setProperty(EVENT, event);
            exchange.setProperty(BYTES, bytes);
            exchange.getMessage().setHeader(Exchange.FILE_NAME, name + ".eml");
            exchange.getMessage().setBody(bytes);
        } catch (IOException unreadable) {
            throw new DestinationUnavailable(
                    "document: " + unreadable.getClass().getSimpleName(), null, null);
        }
    }

    /** Nobody else does if the server could not be reached, or went away. */
    private static Synchronization closing(EmlStream bytes) {
        return new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange over) {
                try {
                    bytes.close();
                } catch (IOException closed) {
                    // nothing is read of it any more
                }
            }
        };
    }

    /**
     * Makes the body what is known of the message that was written: who finds it finds the whole.
     */
    public void sidecar(Exchange exchange) {
        String name = exchange.getProperty(NAME, String.class);
        EmlStream bytes = exchange.getProperty(BYTES, EmlStream.class);
        ObjectNode event = exchange.getProperty(EVENT, ObjectNode.class).deepCopy();
        if (event.at("/data/content") instanceof ObjectNode content) {
            content.remove("text");
        }
        ObjectNode sidecar = JsonNodeFactory.instance.objectNode();
        sidecar.put("format", "jawort-document/1");
        sidecar.put("file", name.substring(name.indexOf('/') + 1) + ".eml");
        sidecar.put("size", bytes.size());
        sidecar.put("sha256", Sha256.hex(bytes.sha256()));
        sidecar.set("event", event);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.FILE_NAME, name + ".json");
        exchange.getMessage().setBody(sidecar.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }

    private static String conversation(JsonNode event) {
        try {
            return UUID.fromString(event.at("/data/conversationId").asText()).toString();
        } catch (IllegalArgumentException none) {
            return "no-conversation";
        }
    }
}
