package org.jawort.check;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jawort.archive.ArchiveVerifier;
import org.jawort.proof.Anchor;
import org.jawort.proof.AnchorFolder;
import org.jawort.proof.LedgerTable;
import org.jawort.proof.LedgerVerdict;
import org.jawort.proof.LedgerVerifier;
import org.jawort.retention.JournalExport;
import org.jawort.retention.JournalVerifier;
import org.jawort.vault.Custodians;
import org.jawort.vault.RootKey;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantSigner;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** {@code ./hub verify ledger|deletions|archive}; see {@link VerifyCommand#USAGE}. */
public final class Verify {

    private static final int SOUND = 0;
    private static final int BROKEN = 1;
    private static final int CANNOT_LOOK = 2;
    private static final String NOTED =
            "; the hub wrote this line, and where a dead letter was replayed it stands rightly there";

    private final UnaryOperator<String> environment;
    private final PrintStream out;
    private final PrintStream progress;

    /**
     * @param out what was found, a line per tenant
     * @param progress how far it is, and what is wrong with the call
     */
    Verify(UnaryOperator<String> environment, PrintStream out, PrintStream progress) {
        this.environment = environment;
        this.out = out;
        this.progress = progress;
    }

    public static void main(String[] arguments) {
        System.exit(new Verify(System::getenv, System.out, System.err).run(List.of(arguments)));
    }

    /**
     * @return the exit code
     */
    int run(List<String> arguments) {
        try {
            VerifyCommand command = VerifyCommand.parse(arguments);
            if (command.help()) {
                out.print(VerifyCommand.USAGE);
                return SOUND;
            }
            if (command.what() == VerifyCommand.What.ARCHIVE) {
                return archive(command);
            }
            return command.journal() == null ? verify(command) : journal(command);
        } catch (VerifyCommand.NotUnderstood wrong) {
            progress.println("jawort: " + wrong.getMessage());
            progress.print(VerifyCommand.USAGE);
        } catch (IOException unreadable) {
            progress.println("jawort: cannot read " + unreadable.getMessage());
        } catch (SQLException | DataAccessException noDatabase) {
            progress.println("jawort: the database does not answer: " + noDatabase.getMessage());
        }
        return CANNOT_LOOK;
    }

    private int archive(VerifyCommand command) throws IOException {
        if (!Files.isDirectory(command.folder())) {
            throw new VerifyCommand.NotUnderstood("there is no folder " + command.folder());
        }
        ArchiveVerifier.Report report =
                new ArchiveVerifier(
                                command.folder(),
                                command.from(),
                                done -> progress.println(done + " messages read"))
                        .verify();
        if (report.sums().isEmpty()) {
            throw new VerifyCommand.NotUnderstood(
                    "there is no file of an archive in " + command.folder());
        }
        report.findings().forEach(out::println);
        report.notes().forEach(note -> out.println("note: " + note + NOTED));
        report.sums().forEach(out::println);
        return report.findings().isEmpty() ? SOUND : BROKEN;
    }

    private int verify(VerifyCommand command) throws IOException, SQLException {
        List<String> tenants = command.tenant() == null ? tenants() : List.of(command.tenant());
        if (tenants.isEmpty()) {
            throw new VerifyCommand.NotUnderstood(
                    "there is no tenant file; name one with --tenant");
        }
        int code = SOUND;
        try (Connection connection =
                DriverManager.getConnection(
                        or("JAWORT_DB_URL", "jdbc:postgresql://localhost:5432/jawort"),
                        or("JAWORT_DB_USER", "jawort_app"),
                        or("JAWORT_DB_PASSWORD", ""))) {
            // one view of the ledger, however much is appended meanwhile
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            if (command.export() != null) {
                return export(command.export(), tenants, jdbc, connection);
            }
            for (String tenant : tenants) {
                byte[] key = publicKey(command, tenant, jdbc);
                connection.rollback(); // the view is taken after the anchors are read
                code =
                        Math.max(
                                code,
                                switch (command.what()) {
                                    case LEDGER -> ledger(command, tenant, key, jdbc);
                                    case DELETIONS -> deletions(command, tenant, key, jdbc);
                                    case ARCHIVE ->
                                            throw new IllegalArgumentException("no database");
                                });
                connection.rollback();
            }
        }
        return code;
    }

    private int export(Path file, List<String> tenants, JdbcTemplate jdbc, Connection connection)
            throws IOException, SQLException {
        try (var writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW)) {
            for (String tenant : tenants) {
                enter(tenant, jdbc);
                long entries = JournalExport.write(writer, tenant, jdbc);
                connection.rollback();
                out.println("%s: %d entries written to %s".formatted(tenant, entries, file));
            }
        }
        return SOUND;
    }

    /** Without a database: what signs an anchor is given, derived, or its own. */
    private int journal(VerifyCommand command) throws IOException {
        String tenant = command.tenant();
        byte[] key = command.publicKey();
        return tell(
                tenant,
                anchors(Anchor.Chain.DELETIONS, command, tenant, key),
                JournalVerifier.of(command.journal(), tenant));
    }

    /** The one given, or the one that the root key gives; {@code null} if neither is at hand. */
    private byte[] publicKey(VerifyCommand command, String tenant, JdbcTemplate jdbc) {
        if (command.publicKey() != null || command.anchors() == null) {
            return command.publicKey();
        }
        enter(tenant, jdbc);
        return signsUnderRoot(jdbc, tenant) ? derived(tenant) : null;
    }

    private int ledger(VerifyCommand command, String tenant, byte[] key, JdbcTemplate jdbc)
            throws IOException {
        // read before the ledger's state is taken, or a new anchor would look like a cut end
        AnchorFolder.Found anchors = anchors(Anchor.Chain.LEDGER, command, tenant, key);
        enter(tenant, jdbc);
        return verify(tenant, anchors, new LedgerTable(jdbc));
    }

    private int deletions(VerifyCommand command, String tenant, byte[] key, JdbcTemplate jdbc)
            throws IOException {
        AnchorFolder.Found anchors = anchors(Anchor.Chain.DELETIONS, command, tenant, key);
        enter(tenant, jdbc);
        return tell(tenant, anchors, new JournalVerifier(jdbc));
    }

    private int tell(String tenant, AnchorFolder.Found anchors, JournalVerifier journal) {
        return switch (journal.verify(tenant, anchors.signed())) {
            case JournalVerifier.Verdict.Sound sound -> {
                out.println(
                        "%s: %d entries about %d items, each as it was written; %d anchors%s"
                                .formatted(
                                        tenant,
                                        sound.entries(),
                                        sound.items(),
                                        sound.anchors(),
                                        gone(sound)));
                yield anchors.forged().isEmpty() ? SOUND : BROKEN;
            }
            case JournalVerifier.Verdict.Broken broken -> {
                out.println("%s: entry %d: %s".formatted(tenant, broken.position(), broken.what()));
                yield BROKEN;
            }
        };
    }

    private static String gone(JournalVerifier.Verdict.Sound sound) {
        if (sound.since() == null) {
            return "";
        }
        JournalVerifier.Cut cut = sound.cut();
        return "; what was before the anchor of %s is gone, its period being over%s"
                .formatted(
                        sound.since(),
                        cut == null
                                ? ""
                                : " by rule %s: entry %d, which %s, says that all before %s went on %s"
                                        .formatted(
                                                cut.rule(),
                                                cut.position(),
                                                cut.signed()
                                                        ? "an anchor covers"
                                                        : "no anchor covers yet",
                                                cut.before(),
                                                cut.at()));
    }

    private static void enter(String tenant, JdbcTemplate jdbc) {
        jdbc.queryForObject("select set_config('app.tenants', ?, true)", String.class, tenant);
    }

    /** Whether the root key gives the key pair: a tenant's oldest version signs. */
    private static boolean signsUnderRoot(JdbcTemplate jdbc, String tenant) {
        return Boolean.TRUE.equals(
                jdbc.queryForObject(
                        "select coalesce((select version = 0 or custodian = ? from tenant_key where tenant = ?"
                                + " order by version limit 1), true)",
                        Boolean.class,
                        Custodians.ROOT,
                        tenant));
    }

    private AnchorFolder.Found anchors(
            Anchor.Chain chain, VerifyCommand command, String tenant, byte[] key)
            throws IOException {
        if (command.anchors() == null) {
            return new AnchorFolder.Found(List.of(), List.of());
        }
        AnchorFolder.Found anchors = new AnchorFolder(command.anchors()).of(chain, tenant, key);
        tell(tenant, anchors, key);
        return anchors;
    }

    private int verify(String tenant, AnchorFolder.Found anchors, LedgerTable table) {
        long all = table.count(tenant);
        LedgerVerdict verdict =
                new LedgerVerifier(table)
                        .verify(
                                tenant,
                                anchors.signed(),
                                done ->
                                        progress.println(
                                                tenant + ": " + done + " of " + all + " entries"));
        return switch (verdict) {
            case LedgerVerdict.Sound sound -> {
                out.println(
                        "%s: %d entries, each as it was written; %d erased (sound, but what they committed to cannot be opened any more); %d anchors"
                                .formatted(
                                        tenant, sound.entries(), sound.erased(), sound.anchors()));
                yield anchors.forged().isEmpty() ? SOUND : BROKEN;
            }
            case LedgerVerdict.Broken broken -> {
                out.println(
                        "%s: entry %d %s%s: %s"
                                .formatted(
                                        tenant,
                                        broken.index(),
                                        broken.kind(),
                                        broken.entry() == null ? "" : " (" + broken.entry() + ")",
                                        broken.what()));
                yield BROKEN;
            }
        };
    }

    private void tell(String tenant, AnchorFolder.Found anchors, byte[] key) {
        anchors.forged()
                .forEach(
                        anchor ->
                                out.println(
                                        "%s: the anchor of %s is not signed by this tenant's key and was not used"
                                                .formatted(tenant, anchor.date())));
        if (key != null) {
            out.println(tenant + ": public key " + Base64.getEncoder().encodeToString(key));
        } else if (!anchors.signed().isEmpty()) {
            out.println(
                    "%s: public key %s, taken from the anchors themselves; compare it with /api/v1/tenants/%s/ledger"
                            .formatted(
                                    tenant,
                                    Base64.getEncoder()
                                            .encodeToString(
                                                    anchors.signed().getFirst().publicKey()),
                                    tenant));
        }
        if (anchors.signed().isEmpty()) {
            out.println(tenant + ": no anchor found; a cut end may go unseen");
        }
    }

    /** {@code null} without a root key. */
    private byte[] derived(String tenant) {
        String key = or("JAWORT_ROOT_KEY", "");
        String file = or("JAWORT_ROOT_KEY_FILE", "");
        return key.isEmpty() && file.isEmpty()
                ? null
                : new TenantSigner(new TenantKeys(RootKey.of(key, file))).publicKey(tenant);
    }

    /** By the names of their files: what the files say is not needed, nor are the secrets in it. */
    private List<String> tenants() throws IOException {
        Path folder = Path.of(or("JAWORT_HOME", ".")).resolve("tenants");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.substring(0, name.length() - ".yaml".length()))
                    .sorted()
                    .toList();
        }
    }

    private String or(String variable, String otherwise) {
        String value = environment.apply(variable);
        return value == null || value.isBlank() ? otherwise : value;
    }
}
