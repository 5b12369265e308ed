package org.jawort.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.HubInTest;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalPostgres;
import org.jawort.proof.LedgerAnchors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@DisplayName("S22: ./hub verify ledger, on a database the hub wrote and an archive it filled")
class VerifyIT {

    private static final String ROOT_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    @TempDir Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private HubInTest hub;
    private long entries;

    private record Said(int code, String out, String err) {}

    @BeforeAll
    void aLedgerAndItsAnchor() {
        hub = HubInTest.start();
        for (int i = 0; i < 4; i++) {
            stops("4915100000" + (800 + i));
        }
        hub.awaitQuiet();
        hub.bean(LedgerAnchors.class).anchor(DemoTenant.ID);
        HubInTest.await()
                .until(() -> hub.archived().toString().contains("jawort.ledger.anchored.v1"));
        entries = hub.sql().queryForObject("select count(*) from consent_event", Long.class);
        environment.put("JAWORT_DB_URL", hub.databaseUrl());
        environment.put("JAWORT_DB_USER", LocalPostgres.APP_USER);
        environment.put("JAWORT_DB_PASSWORD", LocalPostgres.APP_PASSWORD);
        environment.put("JAWORT_ROOT_KEY", ROOT_KEY);
    }

    @AfterAll
    void stop() {
        hub.close();
    }

    private void stops(String number) {
        String body =
                ("MessageSid=SM%s&AccountSid=ACf00df00df00df00df00df00df00df00d&From=whatsapp%%3A%%2B%s"
                                + "&To=whatsapp%%3A%%2B493023125010&Body=Stopp&NumMedia=0&MessageType=text&WaId=%s")
                        .formatted(UUID.randomUUID().toString().replace("-", ""), number, number);
        hub.post(
                "twilio",
                "application/x-www-form-urlencoded",
                body.getBytes(StandardCharsets.UTF_8));
    }

    private Said verify(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code =
                new Verify(
                                environment::get,
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8))
                        .run(List.of(arguments));
        return new Said(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String archive() {
        return hub.archive.toString();
    }

    @Test
    @Order(1)
    void saysThatEveryEntryIsAsItWasWritten() {
        Said plain = verify("ledger");
        Said anchored = verify("ledger", "--tenant", DemoTenant.ID, "--anchors", archive());
        Said other = verify("ledger", "--tenant", "nobody");

        assertThat(plain.code()).isZero();
        assertThat(plain.out())
                .contains(DemoTenant.ID + ": " + entries + " entries, each as it was written");
        assertThat(anchored.code()).isZero();
        assertThat(anchored.out()).contains("public key ", "; 1 anchors");
        assertThat(other.out()).contains("nobody: 0 entries");
    }

    @Test
    @Order(2)
    void takesTheAnchorsOwnKeyWithoutARootKeyAndSaysSo() {
        environment.remove("JAWORT_ROOT_KEY");

        Said said = verify("ledger", "--anchors", archive());

        environment.put("JAWORT_ROOT_KEY", ROOT_KEY);
        assertThat(said.code()).isZero();
        assertThat(said.out()).contains("taken from the anchors themselves");
    }

    @Test
    @Order(2)
    @DisplayName(
            "a tenant under a key of its own signs with a pair that the root key does not give")
    void doesNotTakeTheRootKeyForThatOfATenantWithItsOwn() {
        hub.sql()
                .update(
                        "insert into tenant_key (tenant, version, custodian, wrapped, created_at, writes_from)"
                                + " values (?, 1, 'file:/run/keys/muster.key', '', now(), now())",
                        DemoTenant.ID);

        Said own = verify("ledger", "--anchors", archive());
        hub.sql().update("update tenant_key set custodian = 'root'");
        Said underRoot = verify("ledger", "--anchors", archive());

        hub.sql().update("delete from tenant_key");
        assertThat(own.code()).isZero();
        assertThat(own.out()).contains("taken from the anchors themselves");
        assertThat(underRoot.out()).doesNotContain("taken from the anchors themselves");
    }

    @Test
    @Order(3)
    void usesNoAnchorThatIsNotSigned() throws IOException {
        String journal = hub.archived().toString();
        assertThat(journal).contains("\"chainIndex\":" + entries);
        var line =
                hub.archived().stream()
                        .filter(event -> event.toString().contains("ledger.anchored"))
                        .findFirst()
                        .orElseThrow()
                        .toString();
        Files.writeString(
                folder.resolve("forged.jsonl"),
                "no json jawort.ledger.anchored.v1\n"
                        + line.replace(
                                "\"chainIndex\":" + entries, "\"chainIndex\":" + (entries + 9))
                        + "\n");

        Said said = verify("ledger", "--anchors", folder.toString());
        Said foreignKey =
                verify(
                        "ledger",
                        "--anchors",
                        archive(),
                        "--tenant",
                        DemoTenant.ID,
                        "--public-key",
                        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");

        assertThat(List.of(said.code(), foreignKey.code())).containsOnly(1);
        assertThat(said.out()).contains("is not signed by this tenant's key", "no anchor found");
        assertThat(foreignKey.out()).contains("is not signed by this tenant's key");
    }

    @Test
    @Order(4)
    void saysHowItIsCalled() {
        assertThat(verify("--help").code()).isZero();
        assertThat(verify("--help").out()).startsWith("Usage: ./hub verify ledger");
        assertThat(verify().code()).isEqualTo(2);
        assertThat(verify("books").err()).contains("there is no argument books");
        assertThat(verify("ledger", "--tenant").err()).contains("--tenant needs a value");
        assertThat(verify("ledger", "--tenant", "a,b").err()).contains("is no id of a tenant");
        assertThat(verify("ledger", "--public-key", "eA==").err()).contains("32 bytes");
        assertThat(verify("ledger", "--anchors", "/nowhere").code()).isEqualTo(2);
    }

    @Test
    @Order(5)
    void saysThatItCouldNotLook() {
        environment.put("JAWORT_DB_URL", "jdbc:postgresql://127.0.0.1:1/jawort");

        Said said = verify("ledger");

        environment.put("JAWORT_DB_URL", hub.databaseUrl());
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("the database does not answer");
    }

    @Test
    @Order(6)
    void findsAnOldDatabaseByTheAnchorAlone() {
        hub.sql().update("delete from consent_event where chain_index > 2");
        hub.sql()
                .update(
                        "update consent_chain c set chain_index = 2, entry_hash ="
                                + " (select entry_hash from consent_event where chain_index = 2)");

        Said alone = verify("ledger");
        Said anchored = verify("ledger", "--anchors", archive());

        assertThat(alone.code()).isZero();
        assertThat(anchored.code()).isEqualTo(1);
        assertThat(anchored.out())
                .contains(DemoTenant.ID + ": entry 3 CUT: the anchor of ")
                .contains("knows entry " + entries + ", the ledger ends with 2");
    }

    @Test
    @Order(7)
    void namesTheEntryThatWasChanged() {
        String id =
                hub.sql()
                        .queryForObject(
                                "update consent_event set state = 'GRANTED' where chain_index = 2 returning id",
                                String.class);

        Said said = verify("ledger");

        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).contains("entry 2 CHANGED (" + id + ")");
    }
}
