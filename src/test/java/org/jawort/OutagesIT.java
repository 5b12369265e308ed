package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jawort.local.LocalKafka;
import org.jawort.local.LocalPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Kafka, PostgreSQL or both are away: what was answered 200 arrives, what could not is a 503. */
class OutagesIT {

    private static final Path SERVERS =
            Path.of("target", "local", "outages-" + ProcessHandle.current().pid());

    private static LocalKafka kafka;
    private static LocalPostgres postgres;
    private static HubInTest hub;

    /** Providers that post, each for people of its own, one message after the other. */
    private static final class Burst {
        private static final int PEOPLE = 4;
        private final String run = UUID.randomUUID().toString().substring(0, 8);
        private final CountDownLatch half = new CountDownLatch(1);
        private final ExecutorService providers = Executors.newFixedThreadPool(PEOPLE);
        private final List<Future<List<String>>> accepted = new ArrayList<>();

        Burst(int messagesEach) {
            for (int person = 0; person < PEOPLE; person++) {
                accepted.add(providers.submit(sender(person, messagesEach)));
            }
        }

        private Callable<List<String>> sender(int person, int messages) {
            return () -> {
                List<String> taken = new ArrayList<>();
                for (int i = 0; i < messages; i++) {
                    if (i == messages / 2) {
                        half.countDown();
                    }
                    String sid = "SM" + run + "-" + person + "-" + i;
                    String number =
                            "+49151%07d%d".formatted(Math.abs(run.hashCode() % 9_000_000), person);
                    int status = post(sid, number).statusCode();
                    for (int again = 0; again < 3 && status == 503; again++) { // as providers do
                        status = post(sid, number).statusCode();
                    }
                    assertThat(status).isIn(200, 503);
                    if (status == 200) {
                        taken.add(sid);
                    }
                }
                return taken;
            };
        }

        Burst awaitHalf() throws InterruptedException {
            half.await();
            return this;
        }

        /** What was answered 200, by person, in order. */
        List<List<String>> accepted() throws Exception {
            List<List<String>> all = new ArrayList<>();
            for (Future<List<String>> one : accepted) {
                all.add(one.get());
            }
            providers.shutdown();
            return all;
        }
    }

    @BeforeAll
    static void start() {
        kafka = LocalKafka.onFreePorts(SERVERS.resolve("kafka")).endWithJvm().start();
        postgres = LocalPostgres.onFreePort(SERVERS.resolve("postgres")).endWithJvm().start();
        hub =
                HubInTest.hub()
                        .kafka(kafka)
                        .postgres(postgres)
                        .with("jawort.spool.drain-period-millis", "200")
                        .with("jawort.delivery.relay-period-millis", "200")
                        .start();
        hub.awaitQuiet();
    }

    @AfterAll
    static void stop() {
        hub.close();
        kafka.kill();
        postgres.stop();
    }

    @BeforeEach
    void everythingRuns() throws Exception {
        kafka.start();
        postgres.start();
        assertThat(new Burst(1).accepted()).hasSize(4);
        hub.awaitQuiet();
    }

    @Test
    @DisplayName("R4: Kafka away: webhooks are taken into the spool, and drained in order")
    void spoolsWhileKafkaIsAway() throws Exception {
        kafka.stop();
        List<List<String>> accepted = new Burst(15).accepted();
        awaitHealth("dependencies", 503);
        int readiness = health("readiness");
        long spooled = hub.sql().queryForObject("select count(*) from webhook_spool", Long.class);
        kafka.start();

        assertThat(accepted).allSatisfy(person -> assertThat(person).hasSize(15));
        assertThat(spooled).isEqualTo(60);
        assertThat(readiness).isEqualTo(200);
        arriveInOrder(accepted);
    }

    @Test
    @DisplayName(
            "R5: PostgreSQL away: Kafka takes webhooks, and the pipeline goes on by itself afterwards")
    void keepsAcceptingWhilePostgresIsAway() throws Exception {
        postgres.stop();
        List<List<String>> accepted = new Burst(15).accepted();
        awaitHealth("dependencies", 503);
        int readiness = health("readiness");
        postgres.start();

        assertThat(accepted).allSatisfy(person -> assertThat(person).hasSize(15));
        assertThat(readiness).isEqualTo(200);
        arriveInOrder(accepted);
    }

    @Test
    @DisplayName("R5: both away: 503 with Retry-After within two seconds, never a 200")
    void saysComeAgainWhenNothingIsDurable() {
        kafka.stop();
        postgres.stop();
        List<Long> millis = new ArrayList<>();

        for (int i = 0; i < 5; i++) {
            long began = System.nanoTime();
            HttpResponse<String> answer = post("SMneither-0-" + i, "+4915100000019");
            millis.add(Duration.ofNanos(System.nanoTime() - began).toMillis());

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(answer.body()).isEmpty();
        }

        awaitHealth("readiness", 503);
        // a busy machine may hold up one answer, not two of them
        assertThat(millis.stream().sorted().toList().get(3)).isLessThan(2000);
        postgres.start();
        kafka.start();
        awaitHealth("readiness", 200);
        hub.awaitQuiet();
        assertThat(archivedOrder()).doesNotContainKey("SMneither-0");
    }

    @Test
    @DisplayName("R5, R6: PostgreSQL crashes in a burst: every 200 arrives")
    void losesNothingWhenPostgresCrashes() throws Exception {
        Burst burst = new Burst(40).awaitHalf();
        postgres.kill();
        List<List<String>> accepted = burst.accepted();
        postgres.start();

        assertThat(accepted).allSatisfy(person -> assertThat(person).isNotEmpty());
        arriveInOrder(accepted);
    }

    @Test
    @DisplayName("R4: the broker crashes in a burst: every 200 arrives")
    void losesNothingWhenTheBrokerCrashes() throws Exception {
        Burst burst = new Burst(40).awaitHalf();
        kafka.kill();
        List<List<String>> accepted = burst.accepted();
        kafka.start();

        assertThat(accepted).allSatisfy(person -> assertThat(person).isNotEmpty());
        arrive(accepted);
    }

    private static void awaitHealth(String group, int status) {
        HubInTest.await().until(() -> health(group) == status);
    }

    private static int health(String group) {
        return hub.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                hub.managementUrl() + "/actuator/health/" + group))
                                .build())
                .statusCode();
    }

    private static HttpResponse<String> post(String sid, String number) {
        return hub.post(
                "twilio", TwilioForm.TYPE, TwilioForm.text(sid, number, "Guten Tag").bytes());
    }

    private static void arrive(List<List<String>> accepted) {
        HubInTest.await()
                .atMost(Duration.ofSeconds(120))
                .untilAsserted(
                        () -> {
                            Map<String, List<String>> archived = archivedOrder();
                            for (List<String> person : accepted) {
                                String of = person.getFirst().replaceFirst("-[0-9]+$", "");
                                assertThat(archived.get(of)).containsAll(person);
                            }
                        });
        HubInTest.await()
                .until(
                        () -> {
                            hub.clock.advance(Duration.ofSeconds(15));
                            return hub.undelivered() == 0;
                        });
        List<String> atCrm =
                hub.crmEvents().stream()
                        .map(got -> got.at("/event/data/providerMessageId").asText())
                        .toList();
        assertThat(accepted).allSatisfy(person -> assertThat(atCrm).containsAll(person));
    }

    private static void arriveInOrder(List<List<String>> accepted) {
        arrive(accepted);
        Map<String, List<String>> archived = archivedOrder();
        for (List<String> person : accepted) {
            String of = person.getFirst().replaceFirst("-[0-9]+$", "");
            // a webhook that was answered 503 may yet have been stored: only the others' order
            // counts
            assertThat(archived.get(of).stream().filter(person::contains).distinct())
                    .containsExactlyElementsOf(person);
        }
    }

    /** What the archive has, by person, in order. */
    private static Map<String, List<String>> archivedOrder() {
        Map<String, List<String>> archived = new TreeMap<>();
        hub.archived()
                .forEach(
                        event -> {
                            String sid = event.at("/data/providerMessageId").asText();
                            archived.computeIfAbsent(
                                            sid.replaceFirst("-[0-9]+$", ""),
                                            person -> new ArrayList<>())
                                    .add(sid);
                        });
        return archived;
    }
}
