package org.jawort.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.jawort.MigratedDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("SEC-4: who goes is known again by a key that is never destroyed")
class LastingLookupsIT {

    private static final String TENANT = "anton";
    private static final String NUMBER = "+4915100000011";

    private final UUID subject = UUID.randomUUID();
    private final TenantKeys tenants =
            new TenantKeys(RootKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null));
    private final SubjectKeys keys = new SubjectKeys(tenants);
    private final Pseudonyms pseudonyms = new Pseudonyms(tenants);
    private final SubjectKeys.NewKey key = keys.create(TENANT, subject);
    private MigratedDatabase database;

    @BeforeEach
    void aTenantWhoseKeyWasReplaced() {
        database = MigratedDatabase.create();
        database.scope().run(TENANT, this::insert);
    }

    private void insert() {
        var jdbc = database.jdbc();
        jdbc.update(
                "insert into tenant_key (tenant, version, custodian, wrapped, created_at, writes_from) values (?, 1, 'root', '', now(), now())",
                TENANT);
        jdbc.update(
                "insert into subject (tenant, id, created_at) values (?, ?, now())",
                TENANT,
                subject);
        jdbc.update(
                "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at) values (?, ?, 'ordinary', ?, now())",
                TENANT,
                subject,
                key.wrapped());
        jdbc.update(
                "insert into address (tenant, id, subject_id, channel, scheme, lookup, sealed_address, created_at)"
                        + " values (?, ?, ?, 'sms', 'phone', 'under version 1', ?, now())",
                TENANT,
                UUID.randomUUID(),
                subject,
                key.key().seal("address", NUMBER.getBytes(UTF_8)));
    }

    @AfterEach
    void closeTheDatabase() {
        database.close();
    }

    @Test
    void hashesUnderTheOldestKeyWhateverIsStored() {
        LastingLookups.Lookup found = lookups().getFirst();

        assertThat(found.channel()).isEqualTo("sms");
        assertThat(found.hash()).isEqualTo(pseudonyms.lastingAddress(TENANT, "sms", NUMBER));
        assertThat(isNeeded()).isFalse();
    }

    @Test
    void keepsTheKeysOfTodayForAnAddressThatDoesNotOpen() {
        database.scope()
                .run(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .update("update address set sealed_address = 'damaged'"));

        assertThat(lookups().getFirst().hash()).isEqualTo("under version 1".getBytes(UTF_8));
        assertThat(isNeeded()).isTrue();
    }

    private List<LastingLookups.Lookup> lookups() {
        return database.scope()
                .call(
                        TENANT,
                        () ->
                                new LastingLookups(database.jdbc(), keys, pseudonyms)
                                        .of(TENANT, subject));
    }

    private boolean isNeeded() {
        return database.scope()
                .call(
                        TENANT,
                        () ->
                                database.jdbc()
                                        .queryForObject(
                                                "select hashes from tenant_key where version = 1",
                                                Boolean.class));
    }
}
