package org.jawort.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NumericNode;
import java.io.IOException;
import org.jawort.mapping.WebhookUnreadable.Reason;

/**
 * JSON (RFC 8259) read strictly: UTF-8 only, one document, no name twice in an object, limited
 * depth, numbers that fit.
 */
final class JsonText {

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(WebhookDocument.MAX_DEPTH)
                                    .maxNumberLength(400)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private static final ObjectReader READER =
            new ObjectMapper(FACTORY)
                    .setNodeFactory(new FiniteNumbers())
                    .reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonText() {}

    static JsonNode parse(byte[] bytes) {
        String text = FormText.utf8(bytes);
        // RFC 8259, 8.1: a byte order mark is not JSON, but a reader may ignore it.
        int start = text.startsWith("\uFEFF") ? 1 : 0;
        try (JsonParser parser = FACTORY.createParser(text.substring(start))) {
            return read(parser);
        } catch (IOException broken) {
            throw new WebhookUnreadable(Reason.BAD_JSON);
        }
    }

    private static JsonNode read(JsonParser parser) throws IOException {
        try {
            JsonNode document = READER.readTree(parser);
            if (document == null || document.isMissingNode()) {
                throw new WebhookUnreadable(Reason.BAD_JSON);
            }
            return document;
        } catch (StreamConstraintsException beyond) {
            boolean deep = parser.getParsingContext().getNestingDepth() > WebhookDocument.MAX_DEPTH;
            throw new WebhookUnreadable(deep ? Reason.TOO_DEEP : Reason.BAD_NUMBER);
        }
    }

    /** Jackson reads 1e999 as infinity, which no JSON can hold afterwards. */
    private static final class FiniteNumbers extends JsonNodeFactory {

        private static final long serialVersionUID = 1L;

        @Override
        public NumericNode numberNode(double number) {
            if (!Double.isFinite(number)) {
                throw new WebhookUnreadable(Reason.BAD_NUMBER);
            }
            return super.numberNode(number);
        }
    }
}
