package org.jawort.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * S15: as the application's role, over pooled connections, a transaction sees and changes the rows
 * of the tenants it named and of nobody else. The tables are taken from the catalogue, so one that
 * is added later is tested too.
 */
@DisplayName("TEN-1, S15: tenants are kept apart by PostgreSQL itself")
class RowLevelSecurityIT {

    private static final List<String> TENANTS = List.of("anton", "berta", "caesar");

    private static HikariDataSource pool;
    private static JdbcTemplate app;
    private static JdbcTemplate owner;
    private static TransactionTemplate transactions;
    private static TenantScope scope;

    @BeforeAll
    static void everyTableHoldsOneRowOfEachTenant() {
        String url = LocalPostgres.shared().newDatabase();
        Flyway.configure()
                .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                .load()
                .migrate();
        owner =
                new JdbcTemplate(
                        new DriverManagerDataSource(
                                url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD));
        pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(LocalPostgres.APP_USER);
        pool.setPassword(LocalPostgres.APP_PASSWORD);
        pool.setMaximumPoolSize(2);
        app = new JdbcTemplate(pool);
        transactions = new TransactionTemplate(new DataSourceTransactionManager(pool));
        scope = new TenantScope(transactions, app);
        for (String tenant : TENANTS) {
            scope.run(tenant, () -> insert("subject", tenant));
            tables().stream()
                    .filter(table -> !table.equals("subject"))
                    .forEach(table -> scope.run(tenant, () -> insert(table, tenant)));
        }
    }

    @AfterAll
    static void closePool() {
        pool.close();
    }

    @Test
    @DisplayName("plans are kept until the transaction ends, and by nobody else")
    void keepsPlansForBatches() {
        String mode = "select current_setting('plan_cache_mode')";

        assertThat(scope.keepingPlans().call("anton", () -> app.queryForObject(mode, String.class)))
                .isEqualTo("force_generic_plan");
        assertThat(scope.call("anton", () -> app.queryForObject(mode, String.class)))
                .isEqualTo("auto");
    }

    static List<String> tables() {
        return owner.queryForList(
                """
                select c.table_name from information_schema.columns c
                  join information_schema.tables t using (table_schema, table_name)
                 where c.table_schema = 'public' and c.column_name = 'tenant' and t.table_type = 'BASE TABLE'
                 order by 1""",
                String.class);
    }

    @Test
    void theRoleOwnsNothingAndCanBypassNothing() {
        Map<String, Object> role =
                app.queryForMap(
                        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = current_user");

        assertThat(role.values()).containsOnly(false);
        assertThat(
                        app.queryForList(
                                "select relname from pg_class where pg_get_userbyid(relowner) = current_user",
                                String.class))
                .isEmpty();
        assertThat(
                        app.queryForList(
                                "select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid where m.member = current_user::regrole",
                                String.class))
                .isEmpty();
        assertThatThrownBy(() -> app.execute("alter table message disable row level security"))
                .isInstanceOf(DataAccessException.class);
    }

    @Test
    void everyTableOfATenantHasForcedSecurityWithUsingAndCheck() {
        List<String> unprotected =
                owner.queryForList(
                        """
                        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
                          join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
                         where c.relkind in ('r', 'p')
                           and not (c.relrowsecurity and c.relforcerowsecurity
                                    and exists (select 1 from pg_policies p where p.tablename = c.relname
                                                   and p.qual is not null and p.with_check is not null and p.cmd = 'ALL'))""",
                        String.class);

        assertThat(tables()).hasSizeGreaterThan(15);
        assertThat(unprotected).isEmpty();
    }

    @Test
    void everyUniqueAndForeignKeyStartsWithTheTenantSoThatNoneTellsOfAnother() {
        List<String> uniqueKeys =
                owner.queryForList(
                        """
                        select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
                          join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant'
                         where i.indisunique and c.relnamespace = 'public'::regnamespace and i.indkey[0] <> t.attnum""",
                        String.class);
        List<String> foreignKeys =
                owner.queryForList(
                        """
                        select k.conname from pg_constraint k
                          join pg_attribute t on t.attrelid = k.conrelid and t.attname = 'tenant'
                         where k.contype = 'f' and k.conkey[1] <> t.attnum""",
                        String.class);

        assertThat(uniqueKeys).isEmpty();
        assertThat(foreignKeys).isEmpty();
    }

    @Test
    void noFunctionOrViewRunsWithTheRightsOfItsOwner() {
        assertThat(
                        owner.queryForList(
                                "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace",
                                String.class))
                .isEmpty();
        assertThat(
                        owner.queryForList(
                                "select relname from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace"
                                        + " and not coalesce('security_invoker=true' = any(reloptions), false)",
                                String.class))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void showsNothingWithoutATenant(String table) {
        assertThat(count(table)).isZero();
        assertThat(in("", () -> count(table))).isZero();
        assertThat(in(" ", () -> count(table))).isZero();
        assertThat(in("nobody", () -> count(table))).isZero();
        assertThat(in("%", () -> count(table))).isZero();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void showsATransactionItsOwnTenantsOnly(String table) {
        assertThat(scope.call("anton", () -> tenantsIn(table))).containsExactly("anton");
        assertThat(scope.call(List.of("anton", "caesar"), () -> tenantsIn(table)))
                .containsExactly("anton", "caesar");
    }

    @ParameterizedTest
    @MethodSource("tables")
    void forgetsTheTenantWhenTheTransactionEnds(String table) {
        scope.run("berta", () -> count(table));
        long afterCommit = count(table);
        transactions.executeWithoutResult(
                status -> {
                    scope.enter("berta");
                    status.setRollbackOnly();
                });
        long afterRollback = count(table);
        assertThatThrownBy(() -> scope.run("berta", () -> app.execute("select 1/0")))
                .isInstanceOf(DataAccessException.class);
        long afterError = count(table);

        assertThat(List.of(afterCommit, afterRollback, afterError)).containsOnly(0L);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void writesNothingForAnotherTenant(String table) {
        assertThatThrownBy(() -> scope.run("anton", () -> insert(table, "berta")))
                .isInstanceOf(DataAccessException.class)
                .rootCause()
                .hasMessageContaining("row-level security");
        assertThatThrownBy(
                        () -> transactions.executeWithoutResult(status -> insert(table, "berta")))
                .isInstanceOf(DataAccessException.class)
                .rootCause()
                .hasMessageContaining("row-level security");
        if (may("delete", table)) {
            int deleted =
                    scope.call(
                            "anton",
                            () -> app.update("delete from " + table + " where tenant = 'berta'"));

            assertThat(deleted).isZero();
        }
        assertThat(scope.call("berta", () -> count(table))).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void movesNoRowToOrFromAnotherTenant(String table) {
        if (!may("update", table)) {
            return; // not to be updated at all, see below
        }

        int taken =
                scope.call(
                        "anton",
                        () ->
                                app.update(
                                        "update "
                                                + table
                                                + " set tenant = 'anton' where tenant = 'berta'"));

        assertThat(taken).isZero();
        assertThatThrownBy(
                        () ->
                                scope.run(
                                        "anton",
                                        () ->
                                                app.update(
                                                        "update "
                                                                + table
                                                                + " set tenant = 'berta'")))
                .isInstanceOf(DataAccessException.class)
                .rootCause()
                .hasMessageContaining("row-level security");
    }

    @Test
    @DisplayName("CON-20, CON-23: what is only ever added to, and what is only ever moved on")
    void grantsNoMoreThanIsNeeded() {
        assertThat(tables().stream().filter(table -> !may("update", table)))
                .containsExactlyInAnyOrder(
                        "archive_procedure",
                        "category_change",
                        "consent_event",
                        "consent_salt",
                        "consent_terms",
                        "deletion_anchor",
                        "deletion_journal",
                        "ledger_anchor",
                        "restricted_proof",
                        "retained_evidence",
                        "retained_party",
                        "retention_rule",
                        "rights_request_step",
                        "send_decision",
                        "suppression_stub",
                        "tenant_act",
                        "text_version");
        assertThat(tables().stream().filter(table -> !may("delete", table)))
                .containsExactlyInAnyOrder(
                        "archive_procedure",
                        "consent_event",
                        "consent_chain",
                        "consent_terms",
                        "ledger_anchor",
                        "retention_rule",
                        "text_version",
                        "tombstone_directory");
    }

    private static boolean may(String privilege, String table) {
        return app.queryForObject(
                "select has_table_privilege(current_user, ?, ?)", Boolean.class, table, privilege);
    }

    @Test
    @DisplayName("CON-20: a declaration is never changed")
    void refusesToUpdateAConsentEvent() {
        assertThatThrownBy(
                        () ->
                                scope.run(
                                        "anton",
                                        () ->
                                                app.update(
                                                        "update consent_event set event = 'other'")))
                .isInstanceOf(DataAccessException.class)
                .rootCause()
                .hasMessageContaining("permission denied");
    }

    @Test
    void theOwnerIsBoundTooUnlessItNamesATenant() {
        assertThat(owner.queryForObject("select count(*) from message", Long.class)).isZero();
    }

    @Test
    void interleavedTenantsOnOnePoolNeverSeeEachOther() throws Exception {
        List<Future<Integer>> workers = new ArrayList<>();
        List<String> tables = tables(); // asked once: the catalogue is slower than all of the test
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            for (int worker = 0; worker < 6; worker++) {
                var random = new Random(4711 + worker);
                workers.add(
                        threads.submit(
                                () -> {
                                    int foreign = 0;
                                    for (int i = 0; i < 300; i++) {
                                        foreign += foreignRows(tables, random);
                                    }
                                    return foreign;
                                }));
            }
        }

        for (Future<Integer> worker : workers) {
            assertThat(worker.get()).isZero();
        }
    }

    /** One random use of the pool; how many rows it saw that it must not see. */
    private static int foreignRows(List<String> tables, Random random) {
        String table = tables.get(random.nextInt(tables.size()));
        String tenant = TENANTS.get(random.nextInt(TENANTS.size()));
        return switch (random.nextInt(5)) {
            case 0 -> (int) count(table);
            case 1 -> Math.toIntExact(in("", () -> count(table)));
            case 2 ->
                    transactions.execute(
                            status -> {
                                scope.enter(tenant);
                                status.setRollbackOnly();
                                return foreign(table, tenant);
                            });
            case 3 -> {
                try {
                    yield scope.call(
                            tenant,
                            () -> {
                                int seen = foreign(table, tenant);
                                app.execute("select 1/0");
                                return seen;
                            });
                } catch (DataAccessException expected) {
                    yield (int) count(table);
                }
            }
            default -> scope.call(tenant, () -> foreign(table, tenant));
        };
    }

    private static int foreign(String table, String tenant) {
        return (int) tenantsIn(table).stream().filter(seen -> !seen.equals(tenant)).count();
    }

    private static List<String> tenantsIn(String table) {
        return app.queryForList(
                "select distinct tenant from " + table + " order by 1", String.class);
    }

    private static long count(String table) {
        return app.queryForObject("select count(*) from " + table, Long.class);
    }

    private static long in(String setting, java.util.function.Supplier<Long> work) {
        return transactions.execute(
                status -> {
                    app.queryForObject(
                            "select set_config('app.tenants', ?, true)", String.class, setting);
                    return work.get();
                });
    }

    /** A row of a table with something in each column that needs a value. */
    private static void insert(String table, String tenant) {
        UUID id = UUID.nameUUIDFromBytes(tenant.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        app.query(
                """
                select column_name, udt_name from information_schema.columns
                 where table_schema = 'public' and table_name = ? and is_nullable = 'NO'
                   and column_default is null and is_identity = 'NO'""",
                row -> {
                    names.add(row.getString(1));
                    values.add(
                            row.getString(1).equals("tenant")
                                    ? "'" + tenant + "'"
                                    : value(row.getString(2), id));
                },
                table);
        app.update(
                "insert into %s (%s) values (%s)"
                        .formatted(table, String.join(", ", names), String.join(", ", values)));
    }

    private static String value(String type, UUID id) {
        return switch (type) {
            case "text" -> "'x'";
            case "uuid" -> "'" + id + "'";
            case "_uuid" -> "array['" + id + "'::uuid]";
            case "_text" -> "array['x']";
            case "timestamptz" -> "now()";
            case "date" -> "current_date";
            case "bytea" -> "'\\x00'";
            case "jsonb" -> "'{}'";
            case "bool" -> "false";
            case "int2", "int4", "int8" -> "1";
            default -> throw new IllegalArgumentException("no value for a column of type " + type);
        };
    }
}
