package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@DisplayName("S17, R21: API keys follow the tenant files, and only through the check")
class TenantReloadTest {

    private static final String OLD = "0".repeat(64);
    private static final String NEW = "1".repeat(64);
    private static final String FILE =
            """
            tenant: %s
            name: Muster GmbH
            accounts:
              - { id: wa, provider: twilio, channels: [{ channel: whatsapp }] }
            apiKeys:
              - { id: old, sha256: "%s" }
            """;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(TenantReload.class);

    @TempDir Path folder;
    private Tenants tenants;
    private TenantReload reload;

    @BeforeEach
    void twoTenantsRun() throws IOException {
        write("anton", FILE.formatted("anton", OLD));
        write("berta", FILE.formatted("berta", OLD));
        TenantFiles files = new TenantFiles(folder, name -> null);
        tenants = files.load();
        reload = new TenantReload(files, tenants, meters);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void leaveTheLogger() {
        logger.detachAppender(log);
    }

    @Test
    void replacesKeysThatWereChangedTakenAwayOrAdded() throws IOException {
        Tenant before = tenants.get("anton");
        write("anton", FILE.formatted("anton", NEW));

        reload.run();

        assertThat(keys("anton")).containsExactly("old " + NEW);
        assertThat(keys("berta")).containsExactly("old " + OLD);
        assertThat(tenants.get("anton").withApiKeys(before.apiKeys())).isEqualTo(before);
        write("anton", FILE.formatted("anton", NEW) + "  - { id: new, sha256: \"" + OLD + "\" }\n");
        reload.run();
        assertThat(keys("anton")).containsExactly("old " + NEW, "new " + OLD);
        write("anton", withoutKeys("anton"));
        reload.run();
        assertThat(keys("anton")).isEmpty();
        assertThat(told())
                .containsExactly(
                        "INFO tenant.apikeys.replaced tenant=anton keys=[old]",
                        "INFO tenant.apikeys.replaced tenant=anton keys=[old, new]",
                        "INFO tenant.apikeys.replaced tenant=anton keys=[]");
    }

    @Test
    void seesAChangeMadeBetweenTheStartAndTheFirstRun() throws IOException {
        write("berta", withoutKeys("berta"));

        reload.run();

        assertThat(keys("berta")).isEmpty();
    }

    @Test
    void keepsTheOldKeysWhenAFileIsBrokenAndTakesTheOthers() throws IOException {
        reload.run();
        write("anton", FILE.formatted("anton", "not-a-digest"));
        write("berta", FILE.formatted("berta", NEW));

        reload.run();
        reload.run();

        assertThat(keys("anton")).containsExactly("old " + OLD);
        assertThat(keys("berta")).containsExactly("old " + NEW);
        assertThat(refused()).isEqualTo(1);
        assertThat(told())
                .filteredOn(line -> line.startsWith("ERROR"))
                .singleElement()
                .asString()
                .contains("/anton.yaml:6: apiKeys/0/sha256: ", "goes on as it was before");
    }

    @Test
    void takesAFileOnceItIsMended() throws IOException {
        write("anton", "tenant: [");
        reload.run();
        write("anton", FILE.formatted("anton", NEW));

        reload.run();

        assertThat(keys("anton")).containsExactly("old " + NEW);
        assertThat(refused()).isEqualTo(1);
    }

    @Test
    void closesAKeyOnceATextThatWasBrokenIsMended() throws IOException {
        reload.run();
        Path text = Files.createDirectory(folder.resolve("texts")).resolve("receipt-v1.yaml");
        Files.writeString(text, "id: [");
        write("anton", withoutKeys("anton"));
        reload.run();
        reload.run();
        assertThat(keys("anton")).containsExactly("old " + OLD);
        Files.delete(text);

        reload.run();

        assertThat(keys("anton")).isEmpty();
        assertThat(refused()).isEqualTo(1);
    }

    @Test
    void takesATenantBehindOneWhoseFileNobodyForesaw() throws IOException {
        write("anton", "tenant: {{ TENANT }}\n");
        write("berta", withoutKeys("berta"));

        reload.run();

        assertThat(keys("anton")).containsExactly("old " + OLD);
        assertThat(keys("berta")).isEmpty();
        assertThat(told()).anyMatch(line -> line.contains("/anton.yaml:1: a key must be text"));
    }

    @Test
    void refusesBytesThatAreNoTextAndAKeyIdUsedTwice() throws IOException {
        Files.write(folder.resolve("anton.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff});
        write("berta", FILE.formatted("berta", NEW) + "  - { id: old, sha256: \"" + OLD + "\" }\n");

        reload.run();

        assertThat(keys("anton")).containsExactly("old " + OLD);
        assertThat(keys("berta")).containsExactly("old " + OLD);
        assertThat(told())
                .anyMatch(line -> line.contains("anton.yaml: is not UTF-8 text"))
                .anyMatch(line -> line.contains("berta.yaml:7: API key id 'old' is used twice"));
    }

    @Test
    void tellsOfOtherPartsThatDifferAndLeavesThemAsTheyRun() throws IOException {
        write(
                "anton",
                FILE.formatted("anton", NEW).replace("Muster GmbH", "Andere GmbH")
                        + "purposes: { NOTIFICATION: CONSENT }\n");
        write("caesar", FILE.formatted("caesar", OLD));

        reload.run();
        reload.run();

        assertThat(keys("anton")).containsExactly("old " + NEW);
        assertThat(tenants.get("anton").name()).isEqualTo("Muster GmbH");
        assertThat(tenants.get("anton").purposes()).isEmpty();
        assertThat(tenants.find("caesar")).isEmpty();
        assertThat(told())
                .filteredOn(line -> line.startsWith("WARN"))
                .containsExactly(
                        "WARN tenant.file.differs tenant=anton: only apiKeys are read while the hub runs; restart it for the rest",
                        "WARN tenant.file.differs tenant=caesar: only apiKeys are read while the hub runs; restart it for the rest");
    }

    @Test
    void goesOnWithATenantWhoseFileIsGoneAndTellsOnce() throws IOException {
        reload.run();
        Files.delete(folder.resolve("anton.yaml"));

        reload.run();
        reload.run();

        assertThat(keys("anton")).containsExactly("old " + OLD);
        assertThat(refused()).isEqualTo(1);
        assertThat(told()).singleElement().asString().contains("anton.yaml: is gone");
    }

    @Test
    void goesOnWithAllTenantsWhenTheFolderIsAway() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);

        reload.run();

        assertThat(keys("anton")).containsExactly("old " + OLD);
        assertThat(refused()).isEqualTo(1);
        Files.createDirectory(folder);
    }

    private void write(String tenant, String text) throws IOException {
        Files.writeString(folder.resolve(tenant + ".yaml"), text);
    }

    private static String withoutKeys(String tenant) {
        String file = FILE.formatted(tenant, OLD);
        return file.substring(0, file.indexOf("apiKeys:"));
    }

    private List<String> keys(String tenant) {
        return tenants.get(tenant).apiKeys().stream()
                .map(key -> key.id() + " " + key.sha256())
                .toList();
    }

    private double refused() {
        return meters.counter("jawort.tenant.files.refused").count();
    }

    private List<String> told() {
        return log.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }
}
