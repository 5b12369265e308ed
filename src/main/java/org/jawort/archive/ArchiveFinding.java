package org.jawort.archive;

/**
 * Something about an archive that is not as it was written.
 *
 * @param place folder and file, from the folder that was asked about
 * @param message which message, with its entry or line, sequence and id as far as they are known;
 *     empty if it is the file
 */
public record ArchiveFinding(Kind kind, String place, String message, String what) {

    /** In what way. */
    public enum Kind {
        MISSING,
        ALTERED,
        DOUBLED,
        OUT_OF_ORDER,
        ADDED,
        UNREADABLE
    }

    @Override
    public String toString() {
        String word = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        return "%s: %s%s: %s".formatted(place, message.isEmpty() ? "" : message + ": ", word, what);
    }
}
