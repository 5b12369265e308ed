package org.jawort.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jawort.vault.TenantKeys.Use;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S21, SEC-1, SEC-2: what was sealed for one place opens at no other. */
class MovedCiphertextTest {

    private static final UUID JANA = new UUID(1, 1);
    private static final UUID MIA = new UUID(1, 2);
    private static final byte[] WORDS = "Guten Tag".getBytes(UTF_8);

    private final TenantKeys tenants = new TenantKeys(root(0));
    private final SubjectKeys keys = new SubjectKeys(tenants);

    @Test
    void opensWhereItWasSealed() {
        SubjectKeys.NewKey made = keys.create("autohaus-muster", JANA);

        byte[] sealed = made.key().seal("message.body", WORDS);

        assertThat(keys.open("autohaus-muster", JANA, made.wrapped()).open("message.body", sealed))
                .isEqualTo(WORDS);
    }

    @Test
    @DisplayName("S21: a ciphertext moved to another field does not open")
    void doesNotOpenInAnotherField() {
        SubjectKey key = keys.create("autohaus-muster", JANA).key();

        byte[] sealed = key.seal("message.body", WORDS);

        assertThatThrownBy(() -> key.open("message.original", sealed))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName("S21: of all fields the hub seals, none opens as another")
    void doesNotOpenAnyFieldAsAnyOther() throws IOException {
        SubjectKey key = keys.create("autohaus-muster", JANA).key();
        Set<String> fields = sealedFields();

        assertThat(fields).contains("address", "message.body", "message.original", "media");
        for (String from : fields) {
            byte[] sealed = key.seal(from, WORDS);
            for (String to : fields) {
                if (!to.equals(from)) {
                    assertThatThrownBy(() -> key.open(to, sealed))
                            .isInstanceOf(Undecipherable.class);
                }
            }
        }
    }

    private static Set<String> sealedFields() throws IOException {
        Pattern call = Pattern.compile("\\bseal\\(\\s*\"([^\"]+)\"");
        Set<String> fields = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
                call.matcher(Files.readString(source))
                        .results()
                        .forEach(found -> fields.add(found.group(1)));
            }
        }
        return fields;
    }

    @Test
    @DisplayName("S21: a ciphertext moved to another subject does not open")
    void doesNotOpenForAnotherSubject() {
        SubjectKey key = keys.create("autohaus-muster", JANA).key();
        SubjectKey other = keys.create("autohaus-muster", MIA).key();

        byte[] sealed = key.seal("message.body", WORDS);

        assertThatThrownBy(() -> other.open("message.body", sealed))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName("S21: nor with the very same key, which is bound to tenant and subject as well")
    void bindsTheSameKeyToTenantAndSubject() throws GeneralSecurityException {
        Aead same = tenants.aead("autohaus-muster", Use.WRAP);
        byte[] sealed = new SubjectKey("autohaus-muster", JANA, same).seal("message.body", WORDS);
        SubjectKey otherSubject = new SubjectKey("autohaus-muster", MIA, same);
        SubjectKey otherTenant = new SubjectKey("fahrradhof-beispiel", JANA, same);

        assertThatThrownBy(() -> otherSubject.open("message.body", sealed))
                .isInstanceOf(Undecipherable.class);
        assertThatThrownBy(() -> otherTenant.open("message.body", sealed))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName("S21: a wrapped key moved to another subject or tenant does not open")
    void doesNotUnwrapAKeyElsewhere() {
        byte[] wrapped = keys.create("autohaus-muster", JANA).wrapped();

        assertThatThrownBy(() -> keys.open("autohaus-muster", MIA, wrapped))
                .isInstanceOf(Undecipherable.class);
        assertThatThrownBy(() -> keys.open("fahrradhof-beispiel", JANA, wrapped))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName("S21, SEC-3: a wrapped key moved between the groups of one person does not open")
    void doesNotUnwrapAKeyInAnotherGroup() {
        byte[] ordinary = keys.create("autohaus-muster", JANA).wrapped();
        byte[] retained = keys.create("autohaus-muster", JANA, SubjectKeys.RETAINED).wrapped();

        assertThatThrownBy(() -> keys.open("autohaus-muster", JANA, SubjectKeys.RETAINED, ordinary))
                .isInstanceOf(Undecipherable.class);
        assertThatThrownBy(() -> keys.open("autohaus-muster", JANA, retained))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName("SEC-3: what one group of a person sealed does not open under the other")
    void doesNotOpenUnderTheOtherGroupsKey() {
        SubjectKey ordinary = keys.create("autohaus-muster", JANA).key();
        SubjectKey retained = keys.create("autohaus-muster", JANA, SubjectKeys.RETAINED).key();
        byte[] sealed = ordinary.seal("message.body", WORDS);

        byte[] anew = ordinary.reseal("message.body", sealed, retained);

        assertThat(retained.open("message.body", anew)).isEqualTo(WORDS);
        assertThatThrownBy(() -> retained.open("message.body", sealed))
                .isInstanceOf(Undecipherable.class);
        assertThatThrownBy(() -> ordinary.open("message.body", anew))
                .isInstanceOf(Undecipherable.class);
        assertThatThrownBy(() -> ordinary.reseal("media", sealed, retained))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName("S21: a wrapped key moved to another subject does not open from memory either")
    void doesNotTakeAMovedKeyForTheOneInMemory() {
        byte[] janas = keys.create("autohaus-muster", JANA).wrapped();
        byte[] mias = keys.create("autohaus-muster", MIA).wrapped();
        keys.open("autohaus-muster", JANA, janas);

        assertThatThrownBy(() -> keys.open("autohaus-muster", JANA, mias))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName(
            "SEC-3: a key wrapped anew under the next version is the same key, for its place only")
    void wrapsAnewUnderTheNextVersion() {
        byte[] master = new byte[32];
        master[31] = 7;
        TenantKey next = TenantKey.of("autohaus-muster", 1, Instant.EPOCH, master);
        TenantKeys both =
                new TenantKeys(
                        tenant -> List.of(next, TenantKey.ofRoot(root(0), tenant)),
                        () -> Instant.EPOCH,
                        Duration.ofDays(1));
        SubjectKeys replaced = new SubjectKeys(both);
        SubjectKeys.NewKey made = keys.create("autohaus-muster", JANA);
        byte[] sealed = made.key().seal("message.body", WORDS);

        byte[] anew =
                replaced.rewrap("autohaus-muster", JANA, SubjectKeys.ORDINARY, made.wrapped());

        assertThat(replaced.open("autohaus-muster", JANA, anew).open("message.body", sealed))
                .isEqualTo(WORDS);
        assertThat(replaced.rewrap("autohaus-muster", JANA, SubjectKeys.ORDINARY, anew)).isNull();
        assertThatThrownBy(() -> replaced.open("autohaus-muster", MIA, anew))
                .isInstanceOf(Undecipherable.class);
        assertThatThrownBy(() -> keys.open("autohaus-muster", JANA, anew))
                .as("without the new version")
                .isInstanceOf(Undecipherable.class);
        assertThat(new Pseudonyms(both).addresses("autohaus-muster", "sms", "+4915100000011"))
                .hasSize(2)
                .contains(
                        new Pseudonyms(tenants)
                                .address("autohaus-muster", "sms", "+4915100000011"));
        assertThat(new Pseudonyms(both).providerEvent("autohaus-muster", "wa", "SM1"))
                .as("what nobody can hash anew stays findable")
                .isEqualTo(new Pseudonyms(tenants).providerEvent("autohaus-muster", "wa", "SM1"));
        assertThat(new TenantSigner(both).publicKey("autohaus-muster"))
                .isEqualTo(new TenantSigner(tenants).publicKey("autohaus-muster"));
    }

    @Test
    @DisplayName("SEC-2: taken from under the root key, a tenant keeps every derived key")
    void keepsTheDerivedKeysWhenTheRootKeyIsNoMore() {
        TenantKey derived = TenantKey.ofRoot(root(0), "autohaus-muster");
        TenantKey stored = TenantKey.of("autohaus-muster", 0, Instant.EPOCH, derived.stored());

        for (Use use : Use.values()) {
            assertThat(stored.key(use).getEncoded()).isEqualTo(derived.key(use).getEncoded());
        }
        assertThat(derived.stored()).hasSize(32 * Use.values().length);
        assertThat(derived.toString()).isEqualTo("TenantKey[autohaus-muster, 0]");
    }

    @Test
    @DisplayName("SEC-1: a key wrapped under another root key does not open")
    void doesNotUnwrapUnderAnotherRootKey() {
        byte[] wrapped = keys.create("autohaus-muster", JANA).wrapped();
        SubjectKeys others = new SubjectKeys(new TenantKeys(root(1)));

        assertThatThrownBy(() -> others.open("autohaus-muster", JANA, wrapped))
                .isInstanceOf(Undecipherable.class);
    }

    @Test
    @DisplayName("S21: one altered bit is found")
    void findsAnAlteredBit() {
        SubjectKey key = keys.create("autohaus-muster", JANA).key();
        byte[] sealed = key.seal("message.body", WORDS);

        for (int at = 0; at < sealed.length; at++) {
            byte[] altered = sealed.clone();
            altered[at] ^= 1;

            assertThatThrownBy(() -> key.open("message.body", altered))
                    .isInstanceOf(Undecipherable.class);
        }
    }

    @Test
    @DisplayName("SEC-2: uses and tenants share no key and no pseudonym")
    void separatesUsesAndTenants() throws GeneralSecurityException {
        byte[] none = new byte[0];
        byte[] sealed = tenants.aead("autohaus-muster", Use.QUARANTINE).encrypt(WORDS, none);
        Pseudonyms pseudonyms = new Pseudonyms(tenants);

        assertThatThrownBy(() -> tenants.aead("autohaus-muster", Use.WRAP).decrypt(sealed, none))
                .isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(
                        () ->
                                tenants.aead("fahrradhof-beispiel", Use.QUARANTINE)
                                        .decrypt(sealed, none))
                .isInstanceOf(GeneralSecurityException.class);
        assertThat(pseudonyms.address("autohaus-muster", "whatsapp", "+4915100000011"))
                .isNotEqualTo(
                        pseudonyms.address("fahrradhof-beispiel", "whatsapp", "+4915100000011"))
                .isNotEqualTo(
                        pseudonyms.providerMessage(
                                "autohaus-muster", "whatsapp", "+4915100000011"));
    }

    @Test
    @DisplayName("SEC-1: parts that join to the same text give different pseudonyms")
    void keepsThePartsOfAPseudonymApart() {
        assertThat(tenants.mac("autohaus-muster", Use.LOOKUP, "sms", "+49151"))
                .isNotEqualTo(tenants.mac("autohaus-muster", Use.LOOKUP, "sms+", "49151"))
                .isNotEqualTo(tenants.mac("autohaus-muster", Use.LOOKUP, "sms+49151"));
    }

    @Test
    @DisplayName("LOG-2: neither key nor error shows what it guards")
    void saysNothingInErrors() {
        SubjectKey key = keys.create("autohaus-muster", JANA).key();

        assertThatThrownBy(() -> key.open("message.body", WORDS))
                .hasMessageNotContaining("Guten")
                .hasMessageContaining("message.body");
        assertThat(root(7).toString()).isEqualTo("RootKey[redacted]");
    }

    private static RootKey root(int first) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        return RootKey.of(Base64.getEncoder().encodeToString(bytes), null);
    }

    @Test
    @DisplayName("SEC-5: no key stays open so long that a node could have it for a minute")
    void keepsNoKeyOpenForAMinute() {
        assertThatThrownBy(() -> new SubjectKeys(tenants, Duration.ofSeconds(51)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jawort.keys.open-for is PT51S, longer than PT50S");
    }
}
