package org.jawort.check;

import java.util.Comparator;

/**
 * Something to mend in a file.
 *
 * @param file below the checked folder, with slashes
 * @param line from 1
 */
public record Finding(String file, int line, String problem, String fix)
        implements Comparable<Finding> {

    private static final Comparator<Finding> BY_PLACE =
            Comparator.comparing(Finding::file)
                    .thenComparingInt(Finding::line)
                    .thenComparing(Finding::problem);

    @Override
    public int compareTo(Finding other) {
        return BY_PLACE.compare(this, other);
    }

    /** {@code file:line: problem, fix} */
    @Override
    public String toString() {
        return file + ":" + line + ": " + problem + (fix.isEmpty() ? "" : ", " + fix);
    }
}
