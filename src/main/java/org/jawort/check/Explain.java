package org.jawort.check;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jawort.document.ProcedureDocument;
import org.jawort.retention.RetentionRules;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantFileInvalid;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.Tenants;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** {@code ./hub explain archive}: how a tenant's archives are fed, for its auditors (RET-11). */
public final class Explain {

    static final String USAGE =
            """
            Usage: ./hub explain archive <tenant> [--html] [--without-history]

            Writes the section of the Verfahrensdokumentation that says what is archived, how, from when and by which version: from the
            files in tenants/, routes/ and mappings/, and the history of versions in the database. In German, as Markdown.

              --html             as one HTML page
              --without-history  from the files alone; the database is not asked

            Environment: JAWORT_DB_URL, JAWORT_DB_USER, JAWORT_DB_PASSWORD (the role the hub works with), JAWORT_HOME. Without
            JAWORT_DB_URL: through ./hub the database of ./hub run, else jdbc:postgresql://localhost:5432/jawort.

            Ends with 0, or with 2 if it could not look.
            """;

    private static final int CANNOT_LOOK = 2;

    private final UnaryOperator<String> environment;
    private final InstantSource clock;
    private final PrintStream out;
    private final PrintStream problems;

    Explain(
            UnaryOperator<String> environment,
            InstantSource clock,
            PrintStream out,
            PrintStream problems) {
        this.environment = environment;
        this.clock = clock;
        this.out = out;
        this.problems = problems;
    }

    public static void main(String[] arguments) {
        // rules are those in force when it was asked
        Instant asked = ProcessHandle.current().info().startInstant().orElseThrow();
        System.exit(
                new Explain(System::getenv, () -> asked, System.out, System.err)
                        .run(List.of(arguments)));
    }

    /**
     * @return the exit code
     */
    int run(List<String> arguments) {
        var rest = new ArrayDeque<>(arguments);
        boolean html = rest.remove("--html");
        boolean alone = rest.remove("--without-history");
        if (rest.contains("--help") || rest.contains("-h")) {
            out.print(USAGE);
            return 0;
        }
        if (rest.size() != 2 || !rest.getFirst().equals("archive")) {
            problems.print(USAGE);
            return CANNOT_LOOK;
        }
        try {
            ProcedureDocument document = document(rest.getLast(), alone);
            out.write(html ? document.html() : document.markdown());
            out.flush();
            return 0;
        } catch (TenantFileInvalid invalid) {
            problems.println("jawort: " + invalid.getMessage());
        } catch (SQLException | DataAccessException noDatabase) {
            problems.println(
                    "jawort: the database does not answer; --without-history does without it: "
                            + noDatabase.getMessage());
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            problems.println("jawort: cannot read " + unreadable.getMessage());
        }
        return CANNOT_LOOK;
    }

    private ProcedureDocument document(String id, boolean alone) throws SQLException {
        Path home = Path.of(or("JAWORT_HOME", "."));
        Set<String> required = TenantCheck.referencesWithoutDefault(home.resolve("tenants"));
        Tenants tenants =
                new TenantFiles(home.resolve("tenants"), name -> variable(name, required)).load();
        Tenant tenant =
                tenants.find(id)
                        .orElseThrow(
                                () ->
                                        new TenantFileInvalid(
                                                "tenants", 0, "there is no tenant " + id));
        RetentionRules rules = new RetentionRules(tenants, clock);
        if (alone) {
            return ProcedureDocument.of(home, tenant, rules, null);
        }
        try (Connection connection =
                DriverManager.getConnection(
                        or("JAWORT_DB_URL", "jdbc:postgresql://localhost:5432/jawort"),
                        or("JAWORT_DB_USER", "jawort_app"),
                        or("JAWORT_DB_PASSWORD", ""))) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            jdbc.queryForObject("select set_config('app.tenants', ?, true)", String.class, id);
            return ProcedureDocument.of(home, tenant, rules, jdbc);
        }
    }

    /** What is only known where the hub runs, such as a secret, is not needed here. */
    private String variable(String name, Set<String> required) {
        String value = environment.apply(name);
        return value == null && required.contains(name) ? TenantCheck.UNSET : value;
    }

    private String or(String name, String otherwise) {
        String value = environment.apply(name);
        return value == null || value.isBlank() ? otherwise : value;
    }
}
