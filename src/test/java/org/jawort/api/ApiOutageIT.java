package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jawort.HubInTest;
import org.jawort.local.DemoTenant;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ApiOutageIT {

    private static final JsonNode UNAVAILABLE =
            ApiClient.object(
                    """
                    { "type": "urn:jawort:problem:unavailable", "status": 503, "code": "UNAVAILABLE",
                      "title": "A part the hub needs does not answer; try again" }""");

    /** FLT-5: to a message that nobody can decide about. */
    private static final JsonNode UNDECIDED =
            ApiClient.object(
                    """
                    { "type": "urn:jawort:problem:out-store-unavailable", "status": 503, "code": "OUT_STORE_UNAVAILABLE",
                      "title": "Nobody can say whether the message may be sent; try again" }""");

    private static LocalPostgres postgres;
    private static HubInTest hub;
    private static ApiClient api;

    @BeforeAll
    static void start() {
        postgres =
                LocalPostgres.onFreePort(
                                Path.of(
                                        "target",
                                        "local",
                                        "api-outage-" + ProcessHandle.current().pid()))
                        .endWithJvm()
                        .start();
        hub = HubInTest.hub().postgres(postgres).start();
        api = new ApiClient(hub);
    }

    @AfterAll
    static void stop() {
        hub.close();
        postgres.stop();
    }

    @Test
    @DisplayName(
            "R5, S9: PostgreSQL away: each operation says come again, and nothing of the inside")
    void saysComeAgainWhilePostgresIsAwayAndIsThereAfterwards() throws Exception {
        postgres.stop();
        List<HttpResponse<String>> away = callEachOperation();
        postgres.start();

        assertThat(away)
                .allSatisfy(
                        answer -> {
                            assertThat(answer.statusCode()).isEqualTo(503);
                            assertThat(answer.headers().firstValue("Content-Type"))
                                    .contains("application/problem+json");
                            assertThat(answer.headers().firstValue("Retry-After")).contains("30");
                            assertThat(ApiClient.json(answer)).isIn(UNAVAILABLE, UNDECIDED);
                        });
        assertThat(away.stream().map(ApiClient::json)).containsOnlyOnce(UNDECIDED);
        HubInTest.await()
                .until(() -> api.call("listConversations", Map.of(), "", "").statusCode() == 200);
    }

    /** As the demo tenant, with the description's own examples; all at once, for each waits. */
    private static List<HttpResponse<String>> callEachOperation() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> calls =
                    ApiClient.keyed().stream()
                            // closed to an ordinary key before the store is asked
                            .filter(operation -> !operation.path().contains("/retained-messages"))
                            .map(operation -> callers.submit(() -> call(operation)))
                            .toList();
            List<HttpResponse<String>> answers = new ArrayList<>();
            for (Future<HttpResponse<String>> call : calls) {
                answers.add(call.get());
            }
            return answers;
        }
    }

    private static HttpResponse<String> call(ApiClient.Operation operation) {
        return api.send(
                operation,
                ApiClient.path(operation, DemoTenant.ID, Map.of()) + operation.requiredQuery(),
                Map.of(
                        "Authorization",
                        "Bearer " + DemoTenant.API_KEY,
                        "Idempotency-Key",
                        UUID.randomUUID().toString()),
                operation.example());
    }
}
