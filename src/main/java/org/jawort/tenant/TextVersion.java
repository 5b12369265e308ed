package org.jawort.tenant;

import java.time.LocalDate;
import java.util.Map;

/**
 * One immutable version of a text people are shown, in all its languages: {@code
 * tenants/texts/<id>-v<version>.yaml} (CON-23).
 *
 * @param purpose what a prompt asks consent for, by its name; {@code null} for other kinds
 * @param embedsNotice a prompt that says what the short notice says, so that no notice must go
 *     ahead of it (INF-1)
 * @param change since the version before
 * @param noticeUrl where the full notice stands
 * @param texts by language, with placeholders such as <code>{controller}</code>
 * @param place file and line, for whom something is wrong with it
 */
public record TextVersion(
        String id,
        int version,
        TextKind kind,
        String purpose,
        boolean embedsNotice,
        String author,
        String approvedBy,
        LocalDate validFrom,
        Change change,
        String noticeUrl,
        Map<String, String> texts,
        Place place) {

    /** A material change asks everybody again (T11). */
    public enum Change {
        EDITORIAL,
        MATERIAL
    }

    /** Where something stands: the file from the home folder on, and lines by JSON pointer. */
    public record Place(String file, Map<String, Integer> lines) {
        /** {@code file:line: problem} */
        public TenantFileInvalid invalid(String pointer, String problem) {
            return new TenantFileInvalid(file, lines.getOrDefault(pointer, 0), problem);
        }
    }

    /** How records and callers of the API name it: {@code prompt-v3}. */
    public String reference() {
        return id + "-v" + version;
    }
}
