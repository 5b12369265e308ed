package org.jawort.delivery;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.TextBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;

/** What a mail says, as Apache James reads it. */
record ReadEml(Message message) {

    static ReadEml of(byte[] eml) {
        try {
            return new ReadEml(
                    new DefaultMessageBuilder().parseMessage(new ByteArrayInputStream(eml)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    String field(String name) {
        return message.getHeader().getField(name).getBody();
    }

    String text() {
        Multipart parts = (Multipart) message.getBody();
        try (var reader = ((TextBody) parts.getBodyParts().getFirst().getBody()).getReader()) {
            StringBuilder text = new StringBuilder();
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                text.append((char) c);
            }
            return text.toString().strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
