package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jawort.HubInTest;
import org.jawort.local.DemoTenant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiGateIT {

    /** SHA-256 of the other tenant's key. */
    private static final String OTHER_SHA256 =
            "dd8d17e7365ed1264fab7fa97a0f8046f3f5af26bbba67f0bf12b44f6a6e47ce";

    private static final String OTHER_KEY = "autohaus-beispiel-key-0123456789";
    private static final String OTHER = "autohaus-beispiel";
    private static final String LEAVING = "autohaus-vormals";
    private static final String LEAVING_KEY = "autohaus-vormals-key-0123456789";

    /** SHA-256 of the leaving tenant's key. */
    private static final String LEAVING_SHA256 =
            "a0a7281771daf5a9e726f13a7b7c1413eed61726070e4d77a42df40e3fc61cf0";

    private Path home;
    private HubInTest hub;
    private ApiClient api;

    @BeforeAll
    void start(@TempDir Path empty) throws IOException {
        home = empty;
        for (String folder : List.of("routes", "mappings", "tenants")) {
            copy(Path.of(folder).toAbsolutePath(), home.resolve(folder));
        }
        addTenant(OTHER, OTHER_SHA256);
        addTenant(LEAVING, LEAVING_SHA256);
        hub =
                HubInTest.hub()
                        .home(home)
                        .with("jawort.api.failed-keys-per-minute", "1000000")
                        .with("jawort.tenants.reload-period-millis", "100")
                        .start();
        api = new ApiClient(hub);
    }

    @AfterAll
    void stop() {
        hub.close();
    }

    /** A tenant that is as the demo tenant but for its id and its key. */
    private void addTenant(String id, String sha256) throws IOException {
        Files.writeString(
                home.resolve("tenants/" + id + ".yaml"),
                Files.readString(home.resolve("tenants/" + DemoTenant.ID + ".yaml"))
                        .replace("tenant: " + DemoTenant.ID, "tenant: " + id)
                        .replaceAll("sha256: \"[^\"]*\"", "sha256: \"" + sha256 + "\""));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Path target = to.resolve(from.relativize(file).toString());
                        Files.createDirectories(target.getParent());
                        Files.copy(file, target);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    static List<ApiClient.Operation> keyed() {
        return ApiClient.keyed();
    }

    private HttpResponse<String> send(
            ApiClient.Operation operation, String tenant, String query, String... header) {
        Map<String, String> headers = new java.util.HashMap<>();
        headers.put("Idempotency-Key", UUID.randomUUID().toString());
        for (int i = 0; i < header.length; i += 2) {
            headers.put(header[i], header[i + 1]);
        }
        return api.send(
                operation,
                ApiClient.path(operation, tenant, Map.of()) + query,
                headers,
                operation.example());
    }

    @ParameterizedTest
    @MethodSource("keyed")
    @DisplayName("S14: another tenant's key finds nothing, whether or not the tenant exists")
    void showsNothingToAnotherTenantsKey(ApiClient.Operation operation) {
        var foreign = send(operation, DemoTenant.ID, "", "Authorization", "Bearer " + OTHER_KEY);
        var absent = send(operation, "nobody", "", "Authorization", "Bearer " + OTHER_KEY);

        assertThat(foreign.statusCode()).isEqualTo(404);
        assertThat(foreign.body()).isEqualTo(absent.body());
        assertThat(hub.sql().queryForObject("select count(*) from subject", Integer.class))
                .isZero();
        assertThat(hub.sql().queryForObject("select count(*) from retention_run", Integer.class))
                .isZero();
    }

    @ParameterizedTest
    @MethodSource("keyed")
    @DisplayName("S17: only the right key in the right header opens")
    void refusesAKeyAnywhereElse(ApiClient.Operation operation) {
        String key = DemoTenant.API_KEY;

        List<HttpResponse<String>> answers =
                List.of(
                        send(operation, DemoTenant.ID, ""),
                        send(operation, DemoTenant.ID, "", "Authorization", "Bearer wrong"),
                        send(operation, DemoTenant.ID, "", "Authorization", key),
                        send(operation, DemoTenant.ID, "", "Authorization", "Basic " + key),
                        send(operation, DemoTenant.ID, "?access_token=" + key + "&api_key=" + key),
                        send(operation, DemoTenant.ID, "", "Cookie", "Authorization=Bearer " + key),
                        send(operation, DemoTenant.ID, "", "X-API-Key", key));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(401));
    }

    @Test
    void opensToTheTenantsOwnKey() {
        var operation = ApiClient.operation("listConversations");

        var demo =
                send(operation, DemoTenant.ID, "", "Authorization", "Bearer " + DemoTenant.API_KEY);
        var other = send(operation, OTHER, "", "Authorization", "bearer " + OTHER_KEY);

        assertThat(List.of(demo.statusCode(), other.statusCode())).containsOnly(200);
    }

    @Test
    @DisplayName("S17: a key taken out of the tenant file is closed without a restart")
    void closesAKeyThatIsTakenAway() throws IOException {
        var operation = ApiClient.operation("listConversations");
        String[] key = {"Authorization", "Bearer " + LEAVING_KEY};
        assertThat(send(operation, LEAVING, "", key).statusCode()).isEqualTo(200);
        Path file = home.resolve("tenants/" + LEAVING + ".yaml");

        Files.writeString(file, Files.readString(file).replaceAll("(?s)apiKeys:.*", ""));

        HubInTest.await().until(() -> send(operation, LEAVING, "", key).statusCode() == 401);
        assertThat(send(operation, OTHER, "", "Authorization", "Bearer " + OTHER_KEY).statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "\"text\"",
                "{}",
                "{} {}",
                "{\"dryRun\":true,\"dryRun\":true}",
                "{\"dryRun\":true,\"tenant\":\"nobody\"}",
                "{\"dryRun\":\"true\"}",
                "{\"dryRun\":1}",
                "{\"dryRun\":true}\u0000",
                "\ufeff\ufeff{}"
            })
    @DisplayName(
            "S25: broken, foreign and superfluous fields are 400, and nothing of them comes back")
    void answersABadBodyWith400(String body) {
        var answer = api.call("runDeletion", Map.of(), "", body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).doesNotContain("nobody");
    }

    static List<String> spoiltCaptures() {
        List<String> bodies = new ArrayList<>();
        String good = ApiClient.operation("captureConsent").example();
        for (String value :
                List.of(
                        "null",
                        "0",
                        "-1e400",
                        "true",
                        "[]",
                        "{}",
                        "\"\"",
                        "\"\\u0000\"",
                        "\"\\ud800\"",
                        "\"0000-01-01T00:00:00Z\"",
                        "\"2026-12-31T23:59:60Z\"",
                        "\"9999-99-99T99:99:99Z\"",
                        "\"" + "x".repeat(5000) + "\"",
                        "[".repeat(900) + "]".repeat(900))) {
            for (String field :
                    List.of(
                            "channel",
                            "address",
                            "purpose",
                            "origin",
                            "capturedAt",
                            "textVersion",
                            "language",
                            "evidence")) {
                bodies.add(
                        ApiClient.object(good)
                                .put(field, "@@")
                                .toString()
                                .replace("\"@@\"", value));
            }
        }
        return bodies;
    }

    @ParameterizedTest
    @MethodSource("spoiltCaptures")
    void answersNoHostileValueWith500(String body) {
        var answer = api.call("captureConsent", Map.of(), "", body);

        assertThat(answer.statusCode()).isEqualTo(400);
    }

    @Test
    void capsTheBodyAndTakesOnlyJson() {
        var operation = ApiClient.operation("runDeletion");
        String path = ApiClient.path(operation, DemoTenant.ID, Map.of());
        Map<String, String> headers =
                Map.of(
                        "Authorization",
                        "Bearer " + DemoTenant.API_KEY,
                        "Idempotency-Key",
                        "one",
                        "Content-Type",
                        "application/json");

        var large = api.send(operation, path, headers, " ".repeat(70_000));
        var form =
                api.send(
                        operation,
                        path,
                        Map.of(
                                "Authorization",
                                "Bearer " + DemoTenant.API_KEY,
                                "Content-Type",
                                "application/x-www-form-urlencoded"),
                        "dryRun=true");

        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(form.statusCode()).isEqualTo(415);
    }

    @ParameterizedTest
    @DisplayName("S8: a form with files is taken apart nowhere, and nothing of it lies on a disk")
    @CsvSource({
        "GET, /api/openapi.yaml, 200",
        "POST, /requests/download/x, 404",
        "POST, /opendsr/callbacks/nobody/nowhere, 403"
    })
    void takesNoFormsWithFilesApart(String method, String path, int status) {
        for (String type : List.of("multipart/form-data", "multipart/form-data; boundary=x")) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(hub.url() + path))
                            .method(
                                    method,
                                    HttpRequest.BodyPublishers.ofString(
                                            "--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nc\r\n--x--\r\n"))
                            .header("Content-Type", type)
                            .build();

            assertThat(hub.send(request).statusCode()).as(type).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?limit=0",
                "?limit=201",
                "?limit=1&limit=2",
                "?limit=%zz",
                "?after=x",
                "?after=%00",
                "?state=alive",
                "?destination=nowhere",
                "?tenant=nobody"
            })
    void refusesAQueryItDoesNotKnow(String query) {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        hub.url()
                                                + "/api/v1/tenants/"
                                                + DemoTenant.ID
                                                + "/deliveries"
                                                + query.replace("%zz", "%25zz")))
                        .header("Authorization", "Bearer " + DemoTenant.API_KEY)
                        .build();

        assertThat(hub.send(request).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @MethodSource("keyed")
    void finds404WhereNothingHasTheId(ApiClient.Operation operation) {
        if (!operation.path().contains("{id}")) {
            return;
        }

        var answer =
                send(operation, DemoTenant.ID, "", "Authorization", "Bearer " + DemoTenant.API_KEY);

        // closed to an ordinary key, whether there is anything behind it or not
        assertThat(answer.statusCode())
                .isEqualTo(operation.path().contains("/retained-messages") ? 403 : 404);
    }
}
