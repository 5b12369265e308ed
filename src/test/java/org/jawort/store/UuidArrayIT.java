package org.jawort.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Ids go to PostgreSQL as they are, whether or not the connection takes them as bytes. */
class UuidArrayIT {

    @ParameterizedTest
    @DisplayName("what is sent is what arrives: ids, none, and gaps among them")
    @CsvSource({"2951, true", ", false"})
    void arrivesAsItWasSent(String binary, boolean asBytes) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(LocalPostgres.shared().newDatabase());
        source.setUser(LocalPostgres.OWNER_USER);
        source.setPassword(LocalPostgres.OWNER_PASSWORD);
        source.setPrepareThreshold(1);
        if (binary != null) {
            source.setBinaryTransferEnable(binary);
        }
        JdbcTemplate jdbc = new JdbcTemplate(source);
        UUID one = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);

        for (List<UUID> ids :
                List.of(
                        List.<UUID>of(),
                        List.of(one),
                        Arrays.asList(null, one, null),
                        Collections.<UUID>nCopies(3, null),
                        Stream.generate(UUID::randomUUID).limit(500).toList())) {
            List<UUID> arrived =
                    Bulk.query(
                            jdbc,
                            "select id from unnest(?::uuid[]) with ordinality as w(id, n) order by n",
                            row -> row.getObject(1, UUID.class),
                            Bulk.Column.of("uuid", ids, id -> id));
            assertThat(arrived).isEqualTo(ids);
        }
        try (var connection = source.getConnection()) {
            assertThat(
                            connection
                                    .unwrap(org.postgresql.core.BaseConnection.class)
                                    .getQueryExecutor()
                                    .useBinaryForSend(2951))
                    .isEqualTo(asBytes);
        }
    }
}
