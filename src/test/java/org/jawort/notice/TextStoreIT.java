package org.jawort.notice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.jawort.local.LocalPostgres;
import org.jawort.store.TenantScope;
import org.jawort.tenant.TenantFileInvalid;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@DisplayName("CON-23, INF-5: a version of a text never changes and never goes")
class TextStoreIT {

    private static final String DEMO = "autohaus-muster";

    @TempDir Path home;

    private HikariDataSource pool;
    private TextStore store;

    @BeforeEach
    void anEmptyStore() throws IOException {
        String url = LocalPostgres.shared().newDatabase();
        Flyway.configure()
                .dataSource(url, LocalPostgres.OWNER_USER, LocalPostgres.OWNER_PASSWORD)
                .placeholders(Map.of("app_role", LocalPostgres.APP_USER))
                .load()
                .migrate();
        pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(LocalPostgres.APP_USER);
        pool.setPassword(LocalPostgres.APP_PASSWORD);
        JdbcTemplate jdbc = new JdbcTemplate(pool);
        var scope =
                new TenantScope(
                        new TransactionTemplate(new DataSourceTransactionManager(pool)), jdbc);
        store = new TextStore(scope, jdbc, () -> Instant.parse("2026-11-23T10:00:00Z"));
        try (Stream<Path> files = Files.walk(Path.of("tenants"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = home.resolve(Path.of("tenants").relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private List<Text> keep() {
        Tenants tenants = new TenantFiles(home, name -> null).load();
        return store.keep(tenants.get(DEMO), tenants);
    }

    private void change(String file, String from, String to) throws IOException {
        Path path = home.resolve(file);
        String before = Files.readString(path);
        assertThat(before).contains(from);
        Files.writeString(path, before.replace(from, to));
    }

    @Test
    void keepsEachVersionInEachLanguageOnce() {
        List<Text> first = keep();
        List<Text> again = keep();

        assertThat(again).isEqualTo(first).hasSize(26);
        assertThat(first).extracting(Text::reference).contains("prompt-v1", "notice-v1");
    }

    @ParameterizedTest
    @CsvSource({
        "Dürfen wir Ihnen, Wir dürfen Ihnen, 13",
        "purpose: NOTIFICATION, purpose: MARKETING, 5",
        "approvedBy: Dr. Jonas Muster, approvedBy: Dr. Jana Muster, 8",
        "change: material, change: editorial, 10",
        "validFrom: 2026-11-02, validFrom: 2026-11-03, 9"
    })
    void stopsTheStartWhereAVersionWasChanged(String from, String to, int line) throws IOException {
        keep();
        change("texts/prompt-v1.yaml", from, to);

        assertThatThrownBy(this::keep)
                .isInstanceOf(TenantFileInvalid.class)
                .hasMessageStartingWith("tenants/texts/prompt-v1.yaml:" + line + ": ")
                .hasMessageContaining("raise the version")
                .hasMessageContaining("prompt-v2.yaml");
    }

    @Test
    void takesARaisedVersionAndKnowsTheOldOneWithoutItsFile() throws IOException {
        keep();
        change("texts/prompt-v1.yaml", "Dürfen wir Ihnen", "Wir dürfen Ihnen");
        change("texts/prompt-v1.yaml", "version: 1", "version: 2");
        Files.move(home.resolve("texts/prompt-v1.yaml"), home.resolve("texts/prompt-v2.yaml"));
        change(DEMO + ".yaml", "prompt-v1", "prompt-v2"); // its template too

        List<Text> kept = keep();
        Tenants tenants = new TenantFiles(home, name -> null).load();
        Texts texts = new Texts(tenants, Map.of(DEMO, kept), () -> Instant.MAX);

        assertThat(texts.exact(DEMO, "prompt-v1", "de").orElseThrow().words())
                .contains("Dürfen wir Ihnen");
        assertThat(texts.exact(DEMO, "texts/prompt-v2", "de").orElseThrow().words())
                .contains("Wir dürfen Ihnen");
        assertThat(texts.exact(DEMO, "web-consent-v3", "de")).isEmpty();
        assertThat(texts.exact("nobody", "prompt-v1", "de")).isEmpty();
    }

    @Test
    void takesAnotherLanguageOfTheSameVersion() throws IOException {
        keep();
        change(
                "texts/optout-v1.yaml",
                "text:\n",
                "text:\n  nl: \"{controller}: u bent afgemeld. {rightsUrl}\"\n");

        assertThat(keep()).hasSize(27);
    }
}
