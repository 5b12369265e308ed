package org.jawort.message;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a message or a conversation is filed under beside its category: {@code case}, {@code
 * vehicle}, {@code appointment} or a name of the tenant's own. The value may be about a person: a
 * licence plate, the name of a case.
 */
public record Label(String name, String value) {

    /** Names are words of the tenant, never of a person: they stand in the clear. */
    public static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");

    public static final int LONGEST_VALUE = 200;

    /** How many one message or one conversation may have at a time. */
    public static final int MOST = 50;

    private static final Pattern NOT_READ = Pattern.compile("[\\s\\p{Z}\\p{Pd}]+");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

    /**
     * @throws IllegalArgumentException naming neither name nor value
     */
    public Label {
        if (!NAME.matcher(name).matches() || name.equals("category")) {
            throw new IllegalArgumentException("no name of a label");
        }
        if (value.isBlank() || value.length() > LONGEST_VALUE || CONTROL.matcher(value).find()) {
            throw new IllegalArgumentException("no value of a label");
        }
    }

    /** How a value is looked up: without case, spaces and dashes, as people write plates. */
    public static String folded(String value) {
        String wide = Normalizer.normalize(value, Normalizer.Form.NFKC);
        String folded = NOT_READ.matcher(wide).replaceAll("").toUpperCase(Locale.ROOT);
        return folded.isEmpty() ? wide : folded;
    }

    /** Not its value (LOG-1). */
    @Override
    public String toString() {
        return "Label[" + name + "]";
    }
}
