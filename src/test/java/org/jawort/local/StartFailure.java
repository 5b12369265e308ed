package org.jawort.local;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Why something did not start, in one line for a person. */
final class StartFailure {

    private static final Pattern NAMES_A_FILE =
            Pattern.compile("\\S+\\.(ya?ml|jslt|json|sql)\\b.*", Pattern.DOTALL);

    private StartFailure() {}

    /**
     * The message of the first error on the way down that is the launcher's own or begins with the
     * name of a file the reader can mend, else of the root cause; on one line.
     */
    static String line(Throwable failure) {
        Set<Throwable> seen = new HashSet<>();
        Throwable deepest = failure;
        for (Throwable each = failure; each != null && seen.add(each); each = each.getCause()) {
            String message = each.getMessage();
            if (message != null
                    && (each instanceof LocalStartFailed
                            || NAMES_A_FILE.matcher(message).matches())) {
                return oneLine(message);
            }
            deepest = each;
        }
        String message = deepest.getMessage();
        return message == null || message.isBlank()
                ? deepest.getClass().getSimpleName()
                : oneLine(message);
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
