package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.jawort.local.CrmReceiver;
import org.jawort.local.DemoTenant;
import org.jawort.local.SignedWebhook;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Kills the hub while providers post, and counts from outside: what was answered 200 is at every
 * destination. Each person writes the next message once the last was acknowledged, so the order
 * they may expect is the order of their numbers.
 */
class KillIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PEOPLE = 50;
    private static final int EACH = 100;
    private static final int ALL = PEOPLE * EACH;

    /** Webhooks answered 200, by their text. */
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private record Arrival(String id, long sequence, String text) {}

    @Test
    @DisplayName("R1, R3: 5 000 webhooks, three kills, nothing acknowledged is lost")
    void losesNothingItAcknowledgedWhenKilledThreeTimes() throws Exception {
        try (var crm = new CrmReceiver(0, DemoTenant.CRM_SECRET, InstantSource.system()).start();
                var hub = new ChildHub(crm);
                ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            hub.start();
            List<Future<?>> writing = everybodyWrites(hub, people);

            for (int killAt : List.of(ALL / 5, ALL / 2, 4 * ALL / 5)) {
                awaitUntilAcknowledged(hub, writing, killAt);
                hub.kill();
                hub.start();
            }
            finished(writing);
            await().untilAsserted(() -> assertThat(count(crm)).isGreaterThanOrEqualTo(ALL));
            await().untilAsserted(
                            () -> {
                                assertThat(missing(atCrm(crm))).isEmpty();
                                assertThat(missing(inArchive(hub))).isEmpty();
                            });

            assertThat(acknowledged).hasSize(ALL);
            assertWholeAndInOrder(atCrm(crm));
            assertWholeAndInOrder(inArchive(hub));
        }
    }

    @Test
    @DisplayName("R20: SIGTERM under load, nothing acknowledged is lost and nobody is cut off")
    void endsInGoodOrderWhenTerminated() throws Exception {
        try (var crm = new CrmReceiver(0, DemoTenant.CRM_SECRET, InstantSource.system()).start();
                var hub = new ChildHub(crm);
                ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            hub.start();
            List<Future<?>> writing = everybodyWrites(hub, people);

            awaitUntilAcknowledged(hub, writing, ALL / 4);
            boolean endedInTime = hub.terminate(60);
            hub.start();
            finished(writing);
            await().untilAsserted(
                            () -> {
                                assertThat(missing(atCrm(crm))).isEmpty();
                                assertThat(missing(inArchive(hub))).isEmpty();
                            });

            assertThat(endedInTime).isTrue();
            assertWholeAndInOrder(atCrm(crm));
        }
    }

    private List<Future<?>> everybodyWrites(ChildHub hub, ExecutorService people) {
        List<Future<?>> writing = new ArrayList<>();
        for (int i = 0; i < PEOPLE; i++) {
            Person person = Person.number(i);
            writing.add(people.submit(() -> write(hub, person)));
        }
        return writing;
    }

    private Void write(ChildHub hub, Person person) throws InterruptedException {
        for (int n = 0; n < EACH; n++) {
            while (!posted(hub, person.webhook(n, Instant.now()))) {
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            acknowledged.add(person.text(n));
        }
        return null;
    }

    /** As providers do: a refused or broken connection, a timeout and 503 are tried again. */
    private boolean posted(ChildHub hub, SignedWebhook webhook) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        webhook.url().replace("http://localhost:8080", hub.url())))
                        .timeout(Duration.ofSeconds(10))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(webhook.body()));
        webhook.headers().forEach(request::header);
        try {
            int status = http.send(request.build(), BodyHandlers.discarding()).statusCode();
            assertThat(status).isIn(200, 503);
            return status == 200;
        } catch (IOException brokenConnection) {
            return false;
        }
    }

    private void awaitUntilAcknowledged(ChildHub hub, List<Future<?>> writing, int count) {
        await().until(
                        () -> {
                            assertThat(hub.running()).as("the hub runs").isTrue();
                            for (Future<?> person : writing) {
                                if (person.state() == Future.State.FAILED) {
                                    throw new AssertionError(person.exceptionNow());
                                }
                            }
                            return acknowledged.size() >= count;
                        });
    }

    private static void finished(List<Future<?>> writing)
            throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
        for (Future<?> person : writing) {
            person.get(5, TimeUnit.MINUTES);
        }
    }

    private static org.awaitility.core.ConditionFactory await() {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(200));
    }

    private void assertWholeAndInOrder(List<Arrival> arrivals) {
        Map<String, Set<String>> idsByText = new HashMap<>();
        Map<Long, String> idBySequence = new HashMap<>();
        Map<String, Long> sequenceById = new LinkedHashMap<>();
        for (Arrival arrival : arrivals) {
            idsByText.computeIfAbsent(arrival.text(), text -> new HashSet<>()).add(arrival.id());
            assertThat(idBySequence.merge(arrival.sequence(), arrival.id(), (a, b) -> a))
                    .as("one event per sequence number")
                    .isEqualTo(arrival.id());
            assertThat(sequenceById.merge(arrival.id(), arrival.sequence(), (a, b) -> a))
                    .as("a repeated event keeps its sequence number")
                    .isEqualTo(arrival.sequence());
        }
        assertThat(idsByText.values())
                .as("one event id per webhook")
                .allMatch(ids -> ids.size() == 1);
        assertThat(new TreeSet<>(idBySequence.keySet()))
                .as("sequence without gaps")
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, idBySequence.size()).boxed().toList());
        List<String> firstArrivals = arrivals.stream().map(Arrival::text).distinct().toList();
        for (int i = 0; i < PEOPLE; i++) {
            Person person = Person.number(i);
            assertThat(
                            firstArrivals.stream()
                                    .filter(text -> text.endsWith("Person " + person.number())))
                    .as("order of person " + i)
                    .containsExactlyElementsOf(
                            java.util.stream.IntStream.range(0, EACH)
                                    .mapToObj(person::text)
                                    .toList());
        }
    }

    private Set<String> missing(List<Arrival> arrivals) {
        Set<String> missing = new TreeSet<>(acknowledged);
        arrivals.forEach(arrival -> missing.remove(arrival.text()));
        return missing;
    }

    private long count(CrmReceiver crm) throws IOException, InterruptedException {
        return get(crm.url() + "/count").get("received").asLong();
    }

    private List<Arrival> atCrm(CrmReceiver crm) throws IOException, InterruptedException {
        List<Arrival> arrivals = new ArrayList<>();
        for (JsonNode got : get(crm.url() + "/events")) {
            assertThat(got.get("signature").asText()).isEqualTo("valid");
            assertThat(got.at("/headers/webhook-id").asText())
                    .isEqualTo(got.at("/event/id").asText());
            arrivals.add(arrival(got.get("event")));
        }
        return arrivals;
    }

    private static List<Arrival> inArchive(ChildHub hub) throws IOException {
        List<Arrival> arrivals = new ArrayList<>();
        try (var files = Files.walk(hub.archive)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".jsonl")).sorted().toList()) {
                String text = Files.readString(file);
                for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
                    arrivals.add(arrival(JSON.readTree(line)));
                }
            }
        }
        return arrivals;
    }

    private static Arrival arrival(JsonNode event) {
        return new Arrival(
                event.get("id").asText(),
                event.get("sequence").asLong(),
                event.at("/data/content/text").asText());
    }

    private JsonNode get(String url) throws IOException, InterruptedException {
        return JSON.readTree(
                http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
                        .body());
    }
}
