package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import org.jawort.MigratedDatabase;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts with one tenant file after another, on the same database. */
@DisplayName("RET-2, RET-12, RET-13: a rule that is changed gets another version")
class RuleVersionsIT {

    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");
    private static final int LINE = MusterFile.RETENTION_LINE + 2;
    private static final String OWN =
            "rules:\n  - { id: own, version: 1, dataType: media, period: P20D, criteria: { channel: sms }, owner: desk, validFrom: 2026-01-01 }\n";

    @TempDir Path home;

    private MigratedDatabase database;

    @BeforeEach
    void create() {
        database = MigratedDatabase.create();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @CsvSource({"P20D, P10D, period", "channel: sms, channel: mms, criteria"})
    void refusesAnotherRuleUnderTheSameVersion(String was, String is, String field) {
        start(OWN, NOW);

        assertThatThrownBy(() -> start(OWN.replace(was, is), NOW))
                .hasMessageContaining("tenants/muster.yaml:" + LINE + ": ")
                .hasMessageContaining("own@1 has another " + field)
                .hasMessageContaining("make it version 2");
        assertThatCode(() -> start(OWN, NOW)).doesNotThrowAnyException();
        assertThatCode(() -> start(OWN.replace(was, is).replace("version: 1", "version: 2"), NOW))
                .doesNotThrowAnyException();
    }

    @Test
    void takesOtherWordsAboutARule() {
        start(OWN, NOW);

        assertThatCode(() -> start(OWN.replace("desk", "office"), NOW)).doesNotThrowAnyException();
    }

    @Test
    void takesWhatTheHubSaysFromATenantAsWell() {
        start("conversationText: P90D\n", NOW);

        assertThatCode(() -> start("conversationText: P90D\n", NOW)).doesNotThrowAnyException();
        assertThatCode(() -> start("media: P5D\n", NOW)).doesNotThrowAnyException();
    }

    @Test
    void letsAVersionBeChangedUntilItIsInForce() {
        String later = OWN.replace("2026-01-01", "2026-12-01");
        start(later, NOW);

        assertThatCode(() -> start(later.replace("P20D", "P10D"), NOW)).doesNotThrowAnyException();
        Instant december = Instant.parse("2026-12-01T08:00:00Z");
        start(later.replace("P20D", "P10D"), december);
        assertThatThrownBy(() -> start(later, december)).hasMessageContaining("own@1");
    }

    private void start(String block, Instant now) {
        Tenants tenants = MusterFile.tenants(home, block);
        new RuleVersions(
                        tenants,
                        new RetentionRules(tenants, () -> now),
                        database.scope(),
                        database.jdbc(),
                        () -> now)
                .afterPropertiesSet();
    }
}
