package org.jawort.check;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code ./hub check [folder]}: checks the folder that holds {@code routes/}, {@code mappings/} and
 * {@code tenants/}; by default {@code JAWORT_HOME} or the current one. Ends with 1 and a line per
 * finding, or with 0 and one line that says what was checked; notes before it change neither.
 */
public final class Check {

    private Check() {}

    public static void main(String[] arguments) {
        String home = System.getenv().getOrDefault("JAWORT_HOME", ".");
        RepositoryCheck check =
                new RepositoryCheck(Path.of(arguments.length > 0 ? arguments[0] : home));
        List<Finding> findings = check.findings();
        check.notes().forEach(note -> System.out.println("note: " + note));
        findings.forEach(System.out::println);
        System.out.println(findings.isEmpty() ? check.summary() : findings.size() + " to mend");
        System.exit(findings.isEmpty() ? 0 : 1);
    }
}
