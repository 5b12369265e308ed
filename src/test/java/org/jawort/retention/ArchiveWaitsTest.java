package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jawort.tenant.TenantFiles;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("RET-11: what a run leaves because an archive has yet to take it")
class ArchiveWaitsTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Map<String, Object>> counts = new LinkedHashMap<>();

    private static Map<?, ?> row(String type, String destination, long items) {
        Map<String, Object> row = new HashMap<>();
        row.put("data_type", type);
        row.put("destination", destination);
        row.put("items", items);
        return row;
    }

    @Test
    void waitsForTheArchivesOfTheFileAndNobodyElse() throws Exception {
        var tenant =
                new TenantFiles(Path.of("tenants"), name -> null).load().get("autohaus-muster");

        assertThat(ArchiveWaits.archives(tenant)).isEqualTo("{archive}");
    }

    @Test
    void countsAnItemOnceAndEachArchiveThatHasYetToTakeIt() {
        new ArchiveWaits(meters)
                .note(
                        "muster",
                        List.of(
                                row("media", "vault", 3),
                                row("media", "archive", 2),
                                row("media", null, 4)),
                        counts,
                        false);

        assertThat(counts)
                .containsExactly(
                        Map.entry(
                                "media",
                                Map.of("deleted", 0L, "kept", Map.of("AWAITS_ARCHIVE", 4L))));
        assertThat(
                        meters.get("jawort.retention.awaits.archive")
                                .tags("tenant", "muster", "destination", "vault", "type", "media")
                                .counter()
                                .count())
                .isEqualTo(3);
    }

    @Test
    void warnsNobodyOfADryRun() {
        new ArchiveWaits(meters)
                .note(
                        "muster",
                        List.of(row("media", "vault", 3), row("media", null, 3)),
                        counts,
                        true);

        assertThat(counts.get("media")).containsEntry("kept", Map.of("AWAITS_ARCHIVE", 3L));
        assertThat(meters.getMeters()).isEmpty();
    }
}
