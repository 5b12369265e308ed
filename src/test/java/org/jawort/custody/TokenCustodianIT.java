package org.jawort.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.jawort.HomeFolder;
import org.jawort.HubInTest;
import org.jawort.TwilioForm;
import org.jawort.vault.Custodians;
import org.jawort.vault.KeyCustodian;
import org.jawort.vault.Pkcs11Token;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("SEC-1, SEC-3: tenant keys wrapped in a PKCS #11 token, by SoftHSM")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TokenCustodianIT {

    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
    private static final byte[] HERE = "tenant-key|autohaus-muster|1".getBytes(UTF_8);

    private SoftHsm hsm;

    @BeforeAll
    void aToken(@TempDir Path folder) throws Exception {
        hsm = SoftHsm.inFolder(folder);
        hsm.makeKeys("autohaus-muster", "fahrradhof-beispiel");
    }

    @Test
    void unwrapsWhatItWrappedAndNothingElse() throws Exception {
        KeyCustodian muster = custodian("autohaus-muster");
        KeyCustodian other = custodian("fahrradhof-beispiel");

        byte[] wrapped = muster.wrap(KEY, HERE);

        assertThat(custodian("autohaus-muster").unwrap(wrapped, HERE)).isEqualTo(KEY);
        assertThat(muster.wrap(KEY, HERE)).isNotEqualTo(wrapped);
        assertThat(new String(wrapped, UTF_8)).doesNotContain(new String(KEY, UTF_8));
        assertThatThrownBy(() -> other.unwrap(wrapped, HERE))
                .isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(() -> muster.unwrap(wrapped, "elsewhere".getBytes(UTF_8)))
                .isInstanceOf(GeneralSecurityException.class);
        wrapped[wrapped.length - 1] ^= 1;
        assertThatThrownBy(() -> muster.unwrap(wrapped, HERE))
                .isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    @Order(1) // nobody has logged in yet: a token lets the whole process in at once
    void saysInOneLineThatItDoesNotGetIn(@TempDir Path folder) throws IOException {
        Path noLibrary = Files.writeString(folder.resolve("no-library.so"), "");

        assertThatThrownBy(() -> Pkcs11Token.open(hsm.library(), null, "0000"))
                .hasMessageContaining("CKR_PIN_INCORRECT")
                .hasMessageContaining("JAWORT_PKCS11_PIN")
                .hasMessageNotContaining("0000");
        assertThatThrownBy(() -> Pkcs11Token.open(hsm.library(), "4711", SoftHsm.PIN))
                .hasMessageContaining("JAWORT_PKCS11_SLOT");
        assertThatThrownBy(() -> Pkcs11Token.open(noLibrary.toString(), null, SoftHsm.PIN))
                .hasMessageContaining("JAWORT_PKCS11_LIBRARY");
    }

    @Test
    void carriesAWholeHubThatHasNoRootKey() {
        HomeFolder home =
                HomeFolder.copy()
                        .change(
                                "name: Autohaus Muster GmbH",
                                "name: Autohaus Muster GmbH\nkey: pkcs11:autohaus-muster");
        try (HubInTest hub =
                HubInTest.hub()
                        .home(home.path())
                        .with("JAWORT_ROOT_KEY", "")
                        .with("JAWORT_PKCS11_LIBRARY", hsm.library())
                        .with("JAWORT_PKCS11_PIN", SoftHsm.PIN)
                        .start()) {
            var answer =
                    hub.post(
                            "twilio",
                            TwilioForm.TYPE,
                            TwilioForm.text("SM1", "+4915100000011", "Guten Tag").bytes());

            assertThat(answer.statusCode()).isEqualTo(200);
            HubInTest.await()
                    .until(
                            () ->
                                    hub.crmEvents().stream()
                                            .anyMatch(got -> got.toString().contains("Guten Tag")));
            assertThat(
                            hub.sql()
                                    .queryForList(
                                            "select version || ' ' || custodian from tenant_key",
                                            String.class))
                    .containsExactly("1 pkcs11:autohaus-muster");
        }
    }

    @Test
    void saysThatTheKeyIsNotThere() {
        assertThatThrownBy(() -> custodian("nobody"))
                .hasMessageContaining("no AES key labelled 'nobody'");
    }

    private KeyCustodian custodian(String label) {
        return new Custodians(
                        name -> null, () -> Pkcs11Token.open(hsm.library(), null, SoftHsm.PIN))
                .of("pkcs11:" + label);
    }
}
