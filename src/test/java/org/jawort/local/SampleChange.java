package org.jawort.local;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes another webhook of a sample.
 *
 * @param freshIds a seed for new ids: the same seed gives the same ids; {@code null} keeps the
 *     sample's
 * @param text what the person writes instead; {@code null} keeps the sample's
 * @param from who writes instead, such as {@code +4915112345678}; {@code null} keeps the sample's
 * @param at when it happened instead; {@code null} keeps the sample's time
 */
record SampleChange(String freshIds, String text, String from, Instant at) {

    private static final Pattern RUN = Pattern.compile("[0-9a-f]{8,}|[0-9A-F]{8,}|[0-9]{4,}");
    private static final Pattern UUID_SHAPE =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

    SampleChange(String freshIds, String text, String from) {
        this(freshIds, text, from, null);
    }

    boolean changesNothing() {
        return freshIds == null && text == null && from == null && at == null;
    }

    /**
     * Changes the values in place.
     *
     * @throws LocalStartFailed if the sample has no such text or sender
     */
    void apply(SampleBody body, ProviderFields fields) {
        // Ids and addresses also stand inside other values (links, metadata): replaced wherever
        // they stand.
        var replacements = new LinkedHashMap<String, String>();
        if (freshIds != null) {
            for (var value : body.values()) {
                if (fields.ids().contains(value.path()) && !value.text().isEmpty()) {
                    replacements.put(value.text(), reshaped(value.text(), freshIds));
                }
            }
        }
        if (from != null) {
            replacements.putAll(otherPerson(body, fields));
        }
        for (var value : body.values()) {
            String changed = replaced(value.text(), replacements);
            if (!changed.equals(value.text())) {
                value.replace().accept(changed);
            }
        }
        if (text != null) {
            write(body, fields);
        }
        if (at != null) {
            for (var value : body.values()) {
                if (fields.times().contains(value.path())) {
                    value.replace().accept(written(value.text()));
                }
            }
        }
    }

    /** The time in the notation of its place. */
    private String written(String old) {
        if (old.matches("\\d{4}-\\d\\d-\\d\\dT.*")) {
            return at.truncatedTo(ChronoUnit.MILLIS).toString();
        }
        if (old.matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d")) {
            return at.toString().substring(0, 19).replace('T', ' ');
        }
        return old.matches("\\d{9,11}([.]\\d+)?|[1-9][.]\\d+E9") // seconds since 1970
                ? BigDecimal.valueOf(at.toEpochMilli(), 3).toPlainString()
                : old;
    }

    private Map<String, String> otherPerson(SampleBody body, ProviderFields fields) {
        var replacements = new LinkedHashMap<String, String>();
        for (var value : body.values()) {
            if (fields.notFromAPerson().contains(value.path())
                    || fields.notFromAPerson().contains(value.path() + "=" + value.text())) {
                throw new LocalStartFailed(
                        "--from: this sample reports on a message of the business, nobody wrote it");
            }
            if (fields.sender().contains(value.path()) && !value.text().isEmpty()) {
                String bare = bare(value.text());
                // A number keeps the notation of its place, with or without a plus; any other id is
                // taken as given.
                replacements.put(bare, bare.matches("\\d+") ? bare(from) : withoutScheme(from));
            }
        }
        if (replacements.isEmpty()) {
            throw new LocalStartFailed("--from: this sample has no sender");
        }
        for (var value : body.values()) {
            if (fields.person().contains(value.path()) && !value.text().isEmpty()) {
                replacements.putIfAbsent(value.text(), reshaped(value.text(), from));
            }
        }
        return replacements;
    }

    private void write(SampleBody body, ProviderFields fields) {
        boolean written = false;
        for (var value : body.values()) {
            if (fields.text().contains(value.path())) {
                value.replace().accept(text);
                written = true;
            } else if (fields.keyword().contains(value.path())) {
                value.replace().accept(text.strip().split("\\s+", 2)[0].toUpperCase(Locale.ROOT));
            }
        }
        if (!written) {
            throw new LocalStartFailed("--text: this sample has no text");
        }
    }

    /** All at once, longest first, so that no replacement is replaced again. */
    private static String replaced(String value, Map<String, String> replacements) {
        Set<String> originals = replacements.keySet();
        if (originals.stream().noneMatch(value::contains)) {
            return value;
        }
        String longestFirst =
                originals.stream()
                        .sorted((one, other) -> other.length() - one.length())
                        .map(Pattern::quote)
                        .reduce((one, other) -> one + "|" + other)
                        .orElseThrow();
        return Pattern.compile(longestFirst)
                .matcher(value)
                .replaceAll(found -> Matcher.quoteReplacement(replacements.get(found.group())));
    }

    /** An address without its scheme ({@code whatsapp:}) and plus. */
    private static String bare(String address) {
        String bare = withoutScheme(address);
        return bare.startsWith("+") ? bare.substring(1) : bare;
    }

    private static String withoutScheme(String address) {
        return address.replaceFirst("^[a-z]+:", "");
    }

    /**
     * Another id of the same length and kind: prefixes and punctuation stay, digits and hexadecimal
     * runs change.
     */
    private static String reshaped(String id, String seed) {
        byte[] noise = noise(seed + "\n" + id);
        if (UUID_SHAPE.matcher(id).matches()) {
            String uuid = UUID.nameUUIDFromBytes(noise).toString();
            return uuid.substring(0, 14) + "4" + uuid.substring(15); // they are all version 4
        }
        var next = new int[1];
        String changed =
                RUN.matcher(id)
                        .replaceAll(
                                run -> {
                                    boolean decimal = run.group().matches("\\d+");
                                    boolean upper = run.group().matches("[0-9A-F]+");
                                    var other = new StringBuilder();
                                    for (int i = 0; i < run.group().length(); i++) {
                                        int random = noise[next[0]++ % noise.length] & 0xff;
                                        other.append(
                                                decimal
                                                        ? Character.forDigit(random % 9 + 1, 10)
                                                        : Character.forDigit(random % 16, 16));
                                    }
                                    return upper
                                            ? other.toString().toUpperCase(Locale.ROOT)
                                            : other.toString();
                                });
        return changed.equals(id)
                ? id + "-" + java.util.HexFormat.of().formatHex(noise, 0, 6)
                : changed;
    }

    private static byte[] noise(String seed) {
        try {
            return MessageDigest.getInstance("SHA-512")
                    .digest(seed.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
