package org.jawort.media;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/** Names under which files may be saved, whatever their senders called them (S12, S13). */
final class SafeName {

    private static final int LONGEST = 80;

    /** Names that are devices on some systems, whatever their ending. */
    private static final Set<String> DEVICES =
            Set.of(
                    "con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5",
                    "com6", "com7", "com8", "com9", "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5",
                    "lpt6", "lpt7", "lpt8", "lpt9");

    private SafeName() {}

    /**
     * Letters, digits and a few marks of the sender's name, with the ending of what the file is.
     *
     * @param sent as the sender named it, {@code null} if they did not
     * @param contentType of the bytes
     */
    static String of(String sent, String contentType, UUID id) {
        String ending = FileType.ending(contentType);
        String name = sent == null ? "" : stem(sent);
        boolean isUsable =
                !name.isEmpty()
                        && !DEVICES.contains(name.toLowerCase(Locale.ROOT).split("\\.", 2)[0]);
        return (isUsable ? name : id.toString()) + "." + ending;
    }

    private static String stem(String sent) {
        String last = sent.substring(Math.max(sent.lastIndexOf('/'), sent.lastIndexOf('\\')) + 1);
        String name =
                Normalizer.normalize(last, Normalizer.Form.NFC)
                        .replaceAll("[^\\p{L}\\p{N}._ -]", "_")
                        .strip();
        int dot = name.lastIndexOf('.');
        if (dot > 0 && name.length() - dot <= 6) {
            name = name.substring(0, dot);
        }
        name = name.replaceAll("\\.{2,}", "_").replaceAll("^[. -]+|[. ]+$", "");
        return name.codePoints()
                .limit(LONGEST)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .strip();
    }
}
