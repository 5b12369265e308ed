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
 */
record VerifyCommand(What what, String tenant, Path anchors, byte[] publicKey, boolean help) {

    /** What to verify. */
    enum What {
        LEDGER,
        DELETIONS
    }

    static final String USAGE =
            """
            Usage: ./hub verify ledger|deletions [--tenant <id>] [--anchors <folder>] [--public-key <Base64>]

            Recomputes the consent ledger, or the journal of deletions, in the database and names the first entry that was
            changed, removed, inserted or reordered. Reads only; a running hub may go on.

              --tenant <id>          one tenant; otherwise each that has a file in tenants/
              --anchors <folder>     an archive with anchors, such as the one of archive-jsonl: finds a cut end, a restored old
                                     database, and a ledger that was rewritten with all its hashes
              --public-key <Base64>  what anchors must be signed with, from /api/v1/tenants/<id>/ledger; needs --tenant.
                                     Otherwise the key is derived from the root key, or if that is not there either, each
                                     anchor's own is taken, which is told

            Environment: JAWORT_DB_URL, JAWORT_DB_USER, JAWORT_DB_PASSWORD (the role the hub works with), JAWORT_ROOT_KEY or
            JAWORT_ROOT_KEY_FILE, JAWORT_HOME. Without JAWORT_DB_URL: the database of ./hub run.

            Ends with 0 if every entry is as it was written, 1 if one is not, 2 if it could not look.
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
        What what = null;
        while (!rest.isEmpty()) {
            String argument = rest.poll();
            switch (argument) {
                case "ledger" -> what = What.LEDGER;
                case "deletions" -> what = What.DELETIONS;
                case "--help", "-h" -> {
                    return new VerifyCommand(null, null, null, null, true);
                }
                case "--tenant" -> tenant = tenant(valueOf(argument, rest));
                case "--anchors" -> anchors = Path.of(valueOf(argument, rest));
                case "--public-key" -> key = key(valueOf(argument, rest));
                default -> throw new NotUnderstood("there is no argument " + argument);
            }
        }
        if (what == null) {
            throw new NotUnderstood("say what to verify: ledger or deletions");
        }
        if (key != null && tenant == null) {
            throw new NotUnderstood("--public-key is one tenant's; name it with --tenant");
        }
        return new VerifyCommand(what, tenant, anchors, key, false);
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
