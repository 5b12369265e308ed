package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;

/** Reads {@code channel-rules.yaml} and holds it against its schema. */
final class ChannelRulesFile {

    private static final String FILE = "/channel-rules.yaml";
    private static final String SCHEMA = "/schema/channel-rules-v1.json";

    private ChannelRulesFile() {}

    /** The rules the hub ships with. */
    static List<ChannelRule> load() {
        try (InputStream file = ChannelRulesFile.class.getResourceAsStream(FILE)) {
            return parse(new YAMLMapper().readTree(file));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * @throws IllegalArgumentException in one line, for rules that break the schema or contradict
     *     each other
     */
    static List<ChannelRule> parse(JsonNode json) {
        check(json);
        List<ChannelRule> rules = new ArrayList<>();
        json.get("rules").forEach(rule -> rules.add(rule(rule)));
        for (ChannelRule one : rules) {
            for (ChannelRule other : rules) {
                if (one != other && one.id().equals(other.id()) && overlap(one, other)) {
                    throw new IllegalArgumentException(
                            "channel-rules.yaml: two versions of "
                                    + one.id()
                                    + " hold at the same time");
                }
            }
        }
        return List.copyOf(rules);
    }

    private static boolean overlap(ChannelRule one, ChannelRule other) {
        return one.holdsAt(other.validFrom()) || other.holdsAt(one.validFrom());
    }

    private static void check(JsonNode json) {
        try (InputStream schema = ChannelRulesFile.class.getResourceAsStream(SCHEMA)) {
            List<Error> errors =
                    SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(new ObjectMapper().readTree(schema))
                            .validate(json);
            if (!errors.isEmpty()) {
                Error first = errors.getFirst();
                throw new IllegalArgumentException(
                        "channel-rules.yaml: "
                                + first.getInstanceLocation()
                                + " "
                                + first.getMessage());
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static ChannelRule rule(JsonNode json) {
        Set<Purpose> purposes = EnumSet.noneOf(Purpose.class);
        json.path("purposes").forEach(name -> purposes.add(Purpose.valueOf(name.asText())));
        String period = json.path("period").asText(null);
        return new ChannelRule(
                json.get("id").asText(),
                Channel.of(json.get("channel").asText()),
                ChannelRule.Kind.valueOf(json.get("kind").asText().toUpperCase(Locale.ROOT)),
                midnight(json.get("validFrom").asText()),
                json.has("validUntil") ? midnight(json.get("validUntil").asText()) : null,
                period == null ? null : Duration.parse(period),
                json.has("entryPoint"),
                Set.copyOf(purposes),
                json.path("tag").asText(null),
                json.has("writtenBy"),
                json.has("carriedBy") ? words(json.get("carriedBy")) : null,
                json.has("from") ? LocalTime.parse(json.get("from").asText()) : null,
                json.has("until") ? LocalTime.parse(json.get("until").asText()) : null,
                json.has("zone") ? ZoneId.of(json.get("zone").asText()) : null,
                json.has("denies") ? OutboundReason.valueOf(json.get("denies").asText()) : null);
    }

    private static Set<String> words(JsonNode list) {
        Set<String> words = new HashSet<>();
        list.forEach(word -> words.add(word.asText()));
        return Set.copyOf(words);
    }

    private static Instant midnight(String day) {
        return LocalDate.parse(day).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
