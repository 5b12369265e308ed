package org.jawort.document;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Properties;

/** German words for auditors, of {@code document/de.properties}. */
final class Words {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd.MM.yyyy HH:mm:ss 'Uhr'")
                    .withZone(ZoneId.of("Europe/Berlin"));

    private static final Properties WORDS = words();

    private Words() {}

    static String word(String key) {
        return word(key, key);
    }

    /**
     * @param otherwise key of the word where the first has none, or that word itself
     */
    static String word(String key, String otherwise) {
        String word = WORDS.getProperty(key);
        return word != null ? word : WORDS.getProperty(otherwise, otherwise);
    }

    static String time(Instant time) {
        return TIME.format(time);
    }

    private static Properties words() {
        try (InputStream in = Words.class.getResourceAsStream("/document/de.properties")) {
            Properties words = new Properties();
            words.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            return words;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
