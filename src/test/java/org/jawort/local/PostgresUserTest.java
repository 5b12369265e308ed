package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresUserTest {

    @Test
    void isNobodyForRootAndWhoeverStartsItForOthers() {
        assertThat(PostgresUser.of(true, true, true)).isEqualTo(PostgresUser.IN_NAMESPACE);
        assertThat(PostgresUser.of(true, false, true)).isEqualTo(PostgresUser.NOBODY);
        assertThat(PostgresUser.of(false, false, false)).isEqualTo(PostgresUser.ITSELF);
    }

    @Test
    void saysWhatRootCanDoWhoCanBeNobodyElse() {
        assertThatThrownBy(() -> PostgresUser.of(true, false, false))
                .isInstanceOf(LocalStartFailed.class)
                .hasMessageContaining("does not run as root")
                .hasMessageContaining("--user")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void keepsItsDataWhereverRootRunsItNext(@TempDir Path directory) throws SQLException {
        assumeTrue(PostgresUser.isRoot() && PostgresUser.NOBODY.works());
        try (var postgres = LocalPostgres.onFreePort(directory)) {
            postgres.start(PostgresUser.NOBODY);
            asOwner(postgres, "CREATE TABLE kept (id int)");
            postgres.stop();
            if (PostgresUser.IN_NAMESPACE.works()) {
                postgres.start(PostgresUser.IN_NAMESPACE);
                asOwner(postgres, "INSERT INTO kept VALUES (1)");
                postgres.stop();
            }
            postgres.start(PostgresUser.NOBODY);
            asOwner(postgres, "INSERT INTO kept VALUES (2)");
        }
    }

    private static void asOwner(LocalPostgres postgres, String statement) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(),
                                LocalPostgres.OWNER_USER,
                                LocalPostgres.OWNER_PASSWORD);
                var made = connection.createStatement()) {
            made.execute(statement);
        }
    }
}
