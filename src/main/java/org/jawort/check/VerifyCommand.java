package org.jawort.check;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.List;

/**
 * What {@code ./hub verify} was asked.
 *
 * @param what {@code null} with {@code help}
 * @param tenant {@code null} for all
 * @param anchors {@code null} for none
 * @param publicKey {@code null} if not given
 * @param folder of the archive; {@code null} if that is not asked
 * @param from the oldest file of the archive there should be; {@code null} for all
 * @param export a file to write journals of deletions to, instead of verifying; {@code null} for
 *     none
 * @param journal such a file, to be verified; {@code null} for what is in the database
 */
record VerifyCommand(
        What what,
        String tenant,
        Path anchors,
        byte[] publicKey,
        Path folder,
        String from,
        Path export,
        Path journal,
        boolean help) {

    /** What to verify. */
    enum What {
        LEDGER,
        DELETIONS,
        ARCHIVE
    }

    static final String USAGE =
            """
            Usage: ./hub verify ledger|deletions [--tenant <id>] [--anchors <folder>] [--public-key <Base64>]
                   ./hub verify deletions --export <file> [--tenant <id>]
                   ./hub verify deletions --journal <file> --tenant <id> [--anchors <folder>] [--public-key <Base64>]
                   ./hub verify archive <folder> [--from <file>]

            Recomputes the consent ledger, or the journal of deletions, in the database and names the first entry that was
            changed, removed, inserted or reordered. Reads only; a running hub may go on.

              --tenant <id>          one tenant; otherwise each that has a file in tenants/
              --anchors <folder>     an archive with anchors, such as the one of archive-jsonl: finds a cut end, a restored old
                                     database, and a ledger that was rewritten with all its hashes
              --public-key <Base64>  what anchors must be signed with, from /api/v1/tenants/<id>/ledger; needs --tenant.
                                     Otherwise the key is derived from the root key, or if that is not there either, each
                                     anchor's own is taken, which is told

              --export <file>        writes journals of deletions to a file that is not there yet, an entry a line
              --journal <file>       verifies such a file, with anchors beside it, where there is no database

            archive reads the files of archive-jsonl and archive-journal in a folder and all below it, without the hub and its
            database, and names each message that is missing, altered, doubled, added or out of order, with file, entry or
            line, and sequence. The folder may be the hub's own, where its notes in .state tell what an open file should hold
            and which file is the last, or what an archive kept of it: then compare the last manifest's SHA-256, which is
            printed, with one noted before. A hub may write to it meanwhile; while it closes a file, look again before you
            believe a finding. With the hub's notes, a line of an open file behind later ones of its conversation is a note,
            since a dead letter that was replayed stands there.

              --from <file>          the oldest file there should be, such as journal-000007.zip or 2026-11-23.jsonl, because
                                     older ones were deleted at the end of their time

            Environment (not for archive): JAWORT_DB_URL, JAWORT_DB_USER, JAWORT_DB_PASSWORD (the role the hub works with), JAWORT_ROOT_KEY or
            JAWORT_ROOT_KEY_FILE, JAWORT_HOME. Without JAWORT_DB_URL: through ./hub the database of ./hub run, else
            jdbc:postgresql://localhost:5432/jawort.

            Ends with 0 if every entry or message is as it was written, 1 if one is not, 2 if it could not look.
            """;

    /** The arguments make no command; the message says which of them. */
    static final class NotUnderstood extends RuntimeException {
        NotUnderstood(String message) {
            super(message);
        }
    }

    static VerifyCommand parse(List<String> arguments) {
        var rest = new ArrayDeque<>(arguments);
        String tenant = null;
        Path anchors = null;
        byte[] key = null;
        Path folder = null;
        String from = null;
        Path export = null;
        Path journal = null;
        What what = null;
        while (!rest.isEmpty()) {
            String argument = rest.poll();
            switch (argument) {
                case "ledger" -> what = What.LEDGER;
                case "deletions" -> what = What.DELETIONS;
                case "archive" -> {
                    what = What.ARCHIVE;
                    folder = Path.of(valueOf(argument, rest));
                }
                case "--export" -> export = Path.of(valueOf(argument, rest));
                case "--journal" -> journal = Path.of(valueOf(argument, rest));
                case "--from" -> from = valueOf(argument, rest);
                case "--help", "-h" -> {
                    return new VerifyCommand(null, null, null, null, null, null, null, null, true);
                }
                case "--tenant" -> tenant = tenant(valueOf(argument, rest));
                case "--anchors" -> anchors = Path.of(valueOf(argument, rest));
                case "--public-key" -> key = key(valueOf(argument, rest));
                default -> throw new NotUnderstood("there is no argument " + argument);
            }
        }
        if (what == null) {
            throw new NotUnderstood("say what to verify: ledger, deletions or archive");
        }
        if (key != null && tenant == null) {
            throw new NotUnderstood("--public-key is one tenant's; name it with --tenant");
        }
        if (from != null && what != What.ARCHIVE) {
            throw new NotUnderstood("--from is of an archive");
        }
        if ((export != null || journal != null) && what != What.DELETIONS) {
            throw new NotUnderstood("--export and --journal are of deletions");
        }
        if (journal != null && (tenant == null || export != null)) {
            throw new NotUnderstood("--journal is read for one tenant; name it with --tenant");
        }
        return new VerifyCommand(what, tenant, anchors, key, folder, from, export, journal, false);
    }

    private static String valueOf(String option, ArrayDeque<String> rest) {
        if (rest.isEmpty()) {
            throw new NotUnderstood(option + " needs a value");
        }
        return rest.poll();
    }

    private static String tenant(String id) {
        if (!id.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new NotUnderstood("\"" + id + "\" is no id of a tenant");
        }
        return id;
    }

    private static byte[] key(String base64) {
        try {
            byte[] key = Base64.getDecoder().decode(base64);
            if (key.length == 32) {
                return key;
            }
        } catch (IllegalArgumentException noBase64) {
            // said below
        }
        throw new NotUnderstood("--public-key needs 32 bytes in Base64");
    }
}
