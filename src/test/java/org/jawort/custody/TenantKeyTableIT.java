package org.jawort.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jawort.MigratedDatabase;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Custodians;
import org.jawort.vault.Pkcs11Token;
import org.jawort.vault.Pseudonyms;
import org.jawort.vault.RootKey;
import org.jawort.vault.TenantKeys;
import org.jawort.vault.TenantKeys.Use;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName(
        "SEC-1, SEC-3: a tenant's key is kept where its file says, and is said to be missing at the start")
class TenantKeyTableIT {

    private static final String TENANT = "autohaus-muster";
    private static final String ADDRESS = "+4915100000011";
    private static final byte[] NONE = new byte[0];
    private static final Duration ANNOUNCED = Duration.ofSeconds(90);

    @TempDir Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private MigratedDatabase database;
    private Instant now = Instant.parse("2026-11-26T10:00:00Z");

    @BeforeEach
    void anEmptyDatabase() {
        database = MigratedDatabase.create();
    }

    @AfterEach
    void closeTheDatabase() {
        database.close();
    }

    @Test
    void derivesAllFromTheRootKeyWithoutAnyRow() {
        TenantKeys keys = keys(root(0));

        assertThat(new Pseudonyms(keys).address(TENANT, "whatsapp", ADDRESS))
                .as("what databases hold since the first version of the hub")
                .asHexString()
                .isEqualToIgnoringCase(
                        "15bafdca350ffb8e5d4890159e2fd9b0e862804bb61eb31a601d914468952c98");
        assertThat(custodians()).isEmpty();
    }

    @Test
    void makesAKeyUnderAFileAndFindsItAgainAtTheNextStart() throws Exception {
        String line = keyFile("one");
        byte[] sealed = seal(keys(null, line));

        assertThat(open(keys(null, line), sealed)).isEqualTo("Guten Tag");
        assertThat(custodians()).containsExactly("1 " + line);
        assertThatThrownBy(() -> open(keys(root(0)), sealed))
                .hasMessageContaining("version 1 of the key of tenant " + TENANT)
                .hasMessageContaining(line)
                .hasMessageContaining("tenants/" + TENANT + ".yaml");
    }

    @Test
    void takesAKeyFromAVariable() throws Exception {
        environment.put("MUSTER_KEY", base64(5));

        byte[] sealed = seal(keys(null, "env:MUSTER_KEY"));

        assertThat(open(keys(null, "env:MUSTER_KEY"), sealed)).isEqualTo("Guten Tag");
    }

    @Test
    void saysInOneLineWhatToMend() throws IOException {
        Path torn = Files.writeString(folder.resolve("torn"), "no key at all");

        assertThatThrownBy(() -> keys(null, "file:/nowhere/muster.key"))
                .hasMessage(
                        "tenants/autohaus-muster.yaml: key file /nowhere/muster.key cannot be read; is it there, and may this user read it?");
        assertThatThrownBy(() -> keys(null, "file:" + torn))
                .hasMessageContaining("is not 32 bytes in Base64; make one with: openssl rand")
                .hasMessageNotContaining("no key at all");
        assertThatThrownBy(() -> keys(null, "env:MUSTER_KEY"))
                .hasMessageContaining("environment variable MUSTER_KEY is not set");
        assertThatThrownBy(() -> keys(null, "vault:muster"))
                .hasMessageContaining("none of file:<path>, env:<variable>, pkcs11:<label>");
        assertThatThrownBy(() -> keys(null))
                .hasMessageContaining(
                        "set JAWORT_ROOT_KEY or JAWORT_ROOT_KEY_FILE, or write key: in");
        assertThatThrownBy(() -> keys(null, "pkcs11:muster"))
                .hasMessageContaining("JAWORT_PKCS11_LIBRARY");
    }

    @Test
    void doesNotStartWithAnotherKeyThanTheOneThatWrapped() throws Exception {
        String line = keyFile("one");
        seal(keys(null, line));
        Files.writeString(folder.resolve("one"), base64(99));

        assertThatThrownBy(() -> keys(null, line))
                .hasMessageContaining(
                        "was wrapped by " + line + " and not by what is there now (" + line + ")");
    }

    @Test
    void takesATenantFromUnderTheRootKeyAndNeedsThatNoMore() throws Exception {
        TenantKeys before = keys(root(0));
        byte[] sealed = seal(before);
        byte[] lookup = new Pseudonyms(before).address(TENANT, "whatsapp", ADDRESS);
        aSubject();
        String line = keyFile("one");

        assertThatThrownBy(() -> keys(null, line))
                .hasMessageContaining("has data under the root key")
                .hasMessageContaining("for one start");
        TenantKeys over = keys(root(0), line);
        assertThat(over.version(TENANT)).as("not before every node knows").isZero();
        now = now.plus(ANNOUNCED);
        TenantKeys after = keys(null, line);

        assertThat(after.version(TENANT)).isEqualTo(1);
        assertThat(open(after, sealed)).isEqualTo("Guten Tag");
        assertThat(new Pseudonyms(after).addresses(TENANT, "whatsapp", ADDRESS))
                .hasSize(2)
                .contains(lookup);
        assertThat(custodians()).containsExactly("0 " + line, "1 " + line);
    }

    @Test
    void beginsAVersionWithAnotherCustodianAndNeedsTheFormerOnce() throws Exception {
        String one = keyFile("one");
        String two = keyFile("two");
        byte[] sealed = seal(keys(null, one));

        assertThatThrownBy(() -> keys(null, two)).hasMessageContaining("was wrapped by " + one);
        keys(null, two, one);
        now = now.plus(ANNOUNCED);
        TenantKeys after = keys(null, two);

        assertThat(after.version(TENANT)).isEqualTo(2);
        assertThat(open(after, sealed)).isEqualTo("Guten Tag");
        assertThat(custodians()).containsExactly("1 " + two, "2 " + two);
    }

    @Test
    void opensOnOneNodeWhatAnotherWroteUnderAVersionItHasNotHeardOf() throws Exception {
        TenantKeys here = keys(root(0));
        here.version(TENANT);
        TenantKeyTable other = table(root(0));
        TenantKeys there = new TenantKeys(other, () -> now, ANNOUNCED);
        other.replace(TENANT);
        now = now.plus(ANNOUNCED);

        byte[] sealed = seal(there);

        assertThat(there.version(TENANT)).isEqualTo(1);
        assertThat(open(here, sealed)).isEqualTo("Guten Tag");
    }

    @Test
    @DisplayName("SEC-1: no key stands in the database in the clear")
    void storesNoKeyInTheClear() throws Exception {
        String line = keyFile("one");
        keys(null, line);

        byte[] wrapped =
                inTenant(
                        () ->
                                database.jdbc()
                                        .queryForObject(
                                                "select wrapped from tenant_key", byte[].class));

        assertThat(wrapped).hasSize(12 + 32 + 16);
        assertThat(wrapped).isNotEqualTo(Base64.getDecoder().decode(base64(1)));
    }

    @Test
    @DisplayName("S21: a version moved to another tenant does not open")
    void doesNotOpenTheKeyOfAnotherTenant() throws Exception {
        String line = keyFile("one");
        keys(null, line);
        database.owner().execute("alter table tenant_key no force row level security");
        database.owner().update("update tenant_key set tenant = 'fahrradhof-beispiel'");
        database.owner().execute("alter table tenant_key force row level security");

        TenantKeys other =
                new TenantKeys(table("fahrradhof-beispiel", null, line), () -> now, ANNOUNCED);

        assertThatThrownBy(() -> other.version("fahrradhof-beispiel"))
                .hasMessageContaining("not by what is there now");
    }

    private TenantKeys keys(RootKey root, String... lines) {
        TenantKeys keys = new TenantKeys(table(root, lines), () -> now, ANNOUNCED);
        keys.reload(TENANT);
        return keys;
    }

    private TenantKeyTable table(RootKey root, String... lines) {
        return table(TENANT, root, lines);
    }

    private TenantKeyTable table(String tenant, RootKey root, String... lines) {
        return new TenantKeyTable(
                database.scope(),
                database.jdbc(),
                new Tenants(Map.of(tenant, tenant(tenant, lines))),
                new Custodians(environment::get, () -> Pkcs11Token.open(null, null, null)),
                root,
                () -> now,
                ANNOUNCED);
    }

    private static Tenant tenant(String id, String... lines) {
        return TenantInTest.of(id).residency("EU_ONLY").keys(lines).build();
    }

    private void aSubject() {
        inTenant(
                () ->
                        database.jdbc()
                                .update(
                                        "insert into subject (tenant, id, created_at) values (?, ?, now())",
                                        TENANT,
                                        new UUID(1, 1)));
    }

    private static byte[] seal(TenantKeys keys) throws GeneralSecurityException {
        return keys.aead(TENANT, Use.QUARANTINE).encrypt("Guten Tag".getBytes(UTF_8), NONE);
    }

    private static String open(TenantKeys keys, byte[] sealed) throws GeneralSecurityException {
        return new String(keys.aead(TENANT, Use.QUARANTINE).decrypt(sealed, NONE), UTF_8);
    }

    private List<String> custodians() {
        return inTenant(
                () ->
                        database.jdbc()
                                .queryForList(
                                        "select version || ' ' || custodian from tenant_key order by version",
                                        String.class));
    }

    private <T> T inTenant(Supplier<T> work) {
        return database.scope().call(TENANT, work);
    }

    private String keyFile(String name) throws IOException {
        return "file:" + Files.writeString(folder.resolve(name), base64(name.hashCode()) + "\n");
    }

    private static RootKey root(int seed) {
        return RootKey.of(base64(seed), null);
    }

    private static String base64(int seed) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (seed + i);
        }
        return Base64.getEncoder().encodeToString(bytes);
    }
}
