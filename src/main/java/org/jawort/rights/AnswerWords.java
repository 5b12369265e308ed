package org.jawort.rights;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.retention.Hold;

/**
 * What an answer says in one language (GDPR Art. 12(1)): a name for each field, and for the hub's
 * own codes, times, periods and reasons what they mean. What a person or the tenant wrote stays as
 * it is.
 */
final class AnswerWords {

    private static final Map<AnswerPage.Language, Properties> WORDS = load();

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]{1,60}");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
    private static final Pattern VERSION = Pattern.compile("[.]v\\d+$");
    private static final Pattern KEPT =
            Pattern.compile(
                    "(?:restricted, )?kept until (\\S+) because (.+), rule ([^;\\s]+)(?:; deferred: [^;]*)?(; unclassified)?");

    /** Fields in which somebody's own words stand, and never a code of the hub. */
    private static final Set<String> OWN_WORDS =
            Set.of(
                    "text",
                    "name",
                    "address",
                    "value",
                    "words",
                    "shown",
                    "title",
                    "description",
                    "headline",
                    "payload",
                    "parameters",
                    "contact",
                    "phones",
                    "emails",
                    "rawReply",
                    "party_name",
                    "party_address",
                    "party_contact");

    /** Fields that say what another one says. */
    private static final Map<String, String> SAME_WORDS =
            Map.of(
                    "recipient", "provider",
                    "coversChannel", "channel",
                    "service", "channel",
                    "entity_id", "actor");

    private final AnswerPage.Language language;
    private final Properties words;

    AnswerWords(AnswerPage.Language language) {
        this.language = language;
        words = WORDS.get(language);
    }

    String word(String key) {
        return words.getProperty(key, key);
    }

    /** What a field is called; as it is named where it has no name of ours, as labels have. */
    String label(String field) {
        return words.getProperty("field." + field, field);
    }

    /**
     * @param text of a field, as {@code data.json} has it
     */
    String value(String field, String text) {
        if (OWN_WORDS.contains(field)) {
            return text;
        }
        return named(field, text)
                .or(() -> time(text))
                .or(() -> field.equals("period") ? period(text) : Optional.empty())
                .or(() -> field.equals("because") ? because(text) : Optional.empty())
                .or(() -> code(text))
                .orElse(text);
    }

    private Optional<String> named(String field, String text) {
        String of = SAME_WORDS.getOrDefault(field, field);
        String bare = VERSION.matcher(text).replaceFirst("");
        return property("value." + of + "." + bare)
                .or(() -> property("value." + of + "." + slug(bare)));
    }

    private Optional<String> code(String text) {
        return CODE.matcher(text).matches() ? property("word." + text) : Optional.empty();
    }

    private Optional<String> time(String text) {
        try {
            if (TIME.matcher(text).matches()) {
                return Optional.of(
                        DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM)
                                .withLocale(language.locale())
                                .format(Instant.parse(text).atZone(BERLIN)));
            }
            if (DAY.matcher(text).matches()) {
                return Optional.of(day(LocalDate.parse(text), language.locale()));
            }
        } catch (DateTimeException asItIs) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private Optional<String> period(String text) {
        Period period;
        try {
            period = Period.parse(text);
        } catch (DateTimeException asItIs) {
            return Optional.empty();
        }
        if (period.isZero()) {
            return property("period.0");
        }
        int months = (int) period.toTotalMonths();
        StringBuilder said = new StringBuilder();
        append(said, "Y", months % 12 == 0 ? months / 12 : 0);
        append(said, "M", months % 12 == 0 ? 0 : months);
        append(said, "D", period.getDays());
        return Optional.of(said.toString());
    }

    private void append(StringBuilder said, String unit, int count) {
        if (count != 0) {
            said.append(said.isEmpty() ? "" : " ")
                    .append(
                            count == 1
                                    ? word("period.1" + unit)
                                    : MessageFormat.format(word("period." + unit), count));
        }
    }

    /** A reason as an explanation of retention gives it. */
    private Optional<String> because(String text) {
        Matcher kept = KEPT.matcher(text);
        if (kept.matches()) {
            String unclassified = kept.group(4) == null ? "" : word("kept.unclassified");
            return Optional.of(
                    MessageFormat.format(
                            word("kept.until") + unclassified,
                            words.getProperty("until." + kept.group(1), kept.group(1)),
                            value("basis", kept.group(2)),
                            kept.group(3)));
        }
        return text.startsWith("held by ") ? Optional.of(held(text)) : named("basis", text);
    }

    /** By each kind of hold once, however many of it there are. */
    private String held(String text) {
        return Stream.of(Hold.Type.values())
                .filter(type -> text.contains("(" + type + ","))
                .map(type -> word("kept.held." + type))
                .collect(Collectors.joining("; "));
    }

    private Optional<String> property(String key) {
        return Optional.ofNullable(words.getProperty(key));
    }

    private static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    static String day(LocalDate day, Locale locale) {
        return DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(locale).format(day);
    }

    private static Map<AnswerPage.Language, Properties> load() {
        Map<AnswerPage.Language, Properties> words = new EnumMap<>(AnswerPage.Language.class);
        for (AnswerPage.Language language : AnswerPage.Language.values()) {
            String file = "/rights/" + language.name().toLowerCase(Locale.ROOT) + ".properties";
            Properties properties = new Properties();
            try (InputStream in = AnswerWords.class.getResourceAsStream(file)) {
                properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
            words.put(language, properties);
        }
        return words;
    }
}
