package org.jawort.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("RET-11: the section about archives, for auditors")
class ProcedureTextTest {

    private static final String LOCKED = "sperrt sie bis zum frühesten Ende, das ihre Regel haben";
    private static final String NOT_LOCKED = "Der Hub sperrt nicht; die Unveränderbarkeit sichert";
    private static final String DEPENDS = "Ob Object Lock sie sperrt, sagt die Einstellung lock";

    @ParameterizedTest(name = "{0} with lock {1}")
    @CsvSource({
        "archive-s3,",
        "archive-s3, GOVERNANCE",
        "archive-s3, COMPLIANCE",
        "dms-s3, GOVERNANCE",
        "dms-s3, COMPLIANCE"
    })
    void saysOfABucketWithALockHowLongItHolds(String route, String lock) {
        String text = textOf(route, lock);

        assertThat(text).contains(LOCKED).doesNotContain(NOT_LOCKED, DEPENDS);
    }

    @ParameterizedTest(name = "{0} with lock {1}")
    @CsvSource({"archive-s3, none", "dms-s3,", "dms-s3, none"})
    void callsNoBucketLockedThatIsNot(String route, String lock) {
        String text = textOf(route, lock);

        assertThat(text).contains(NOT_LOCKED).doesNotContain(LOCKED, DEPENDS);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"archive-s3", "dms-s3"})
    void leavesOpenWhatTheEnvironmentDecides(String route) {
        String text = textOf(route, "${ARCHIVE_LOCK:none}");

        assertThat(text).contains(DEPENDS, "mit none sperrt der Hub nicht");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"archive-jsonl", "archive-journal", "archive-smtp", "dms-sftp", "archive-own"})
    void speaksOfLocksInBucketsOnly(String route) {
        String text = textOf(route, null);

        assertThat(text)
                .contains("Sicherung der Unveränderbarkeit")
                .doesNotContain("Object Lock", NOT_LOCKED);
    }

    /**
     * @param lock {@code null} if the file does not name one
     */
    private static String textOf(String route, String lock) {
        return ProcedureText.of(described(route, lock), null, null, List.of()).markdown();
    }

    private static ObjectNode described(String route, String lock) {
        ObjectNode description = JsonNodeFactory.instance.objectNode();
        description.put("tenant", "muster").put("name", "Autohaus Muster GmbH").put("hub", "1");
        ObjectNode archive = description.putArray("archives").addObject();
        archive.put("id", "vault").put("route", route).put("routeDescription", "stored");
        archive.put("routeSha256", "00").put("mapping", "canonical").put("mappingSha256", "00");
        archive.putArray("events").add("message.*");
        ObjectNode settings = archive.putObject("settings").put("bucket", "muster-archive");
        if (lock != null) {
            settings.put("lock", lock);
        }
        for (String list : List.of("accounts", "rules", "categories", "labels", "access")) {
            description.putArray(list);
        }
        description.putObject("labelsFromAnswers");
        description.putObject("unclassified");
        return description;
    }
}
