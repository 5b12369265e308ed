package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jawort.consent.Purpose;
import org.jawort.local.DemoTenant;
import org.jawort.local.FakeBehaviour;
import org.jawort.local.FakeMessage;
import org.jawort.local.ProviderSigner;
import org.jawort.local.SignedWebhook;
import org.jawort.sending.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Five accounts of one provider, which share its host and the hub's way to it, and nothing that one
 * could take from another.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendingBulkheadIT {

    private static final int EACH = 200;
    private static final double RATE = 50;
    private static final String NUMBER = "+493023125030";
    private static final List<String> OTHERS = List.of("a1", "a2", "a3", "a4");
    private static final String FAILING = "a5";
    private static final List<String> ALL = List.of("a1", "a2", "a3", "a4", FAILING);
    private static final String SLOW = "a6";

    /** Longer than the others may take: what hangs hangs until they are through. */
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private SendingHub sending;
    private List<UUID> people;
    private Duration alone;

    @BeforeAll
    void start() throws Exception {
        StringBuilder five = new StringBuilder();
        for (String account : List.of("a1", "a2", "a3", "a4", FAILING, SLOW)) {
            five.append(
                    """
                      - id: %s
                        provider: twilio
                        processor: twilio-us
                        channels: [{ channel: whatsapp, address: "%s" }]
                        credentials: { authToken: ["test_auth_token_0123456789abcdef"], accountSid: "ACf00df00df00df00df00df00df00df00d" }
                        settings: { apiUrl: "${TWILIO_API_URL:}" }
                        sending: { ratePerSecond: %s, order: 9 }
                    """
                            .formatted(account, NUMBER, rate(account)));
        }
        HomeFolder home =
                HomeFolder.copy().change("  - id: messagebird\n", five + "  - id: messagebird\n");
        sending =
                new SendingHub(
                        HubInTest.hub()
                                .home(home.path())
                                .with("jawort.delivery.threads-per-destination", "128"),
                        false,
                        PATIENCE);
        people = people();
        alone = run("Alleine", OTHERS);
    }

    @AfterAll
    void stop() {
        sending.close();
    }

    /** The failing one takes all at once, and so many of the hub's threads and connections. */
    private static double rate(String account) {
        return switch (account) {
            case SLOW -> 10;
            case FAILING -> 2000;
            default -> RATE;
        };
    }

    /** Everybody has written to the number. */
    private List<UUID> people() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Integer>> writing = new ArrayList<>();
            for (int i = 0; i < EACH; i++) {
                String person = "+49151002%05d".formatted(i);
                writing.add(threads.submit(() -> write("a1", person)));
            }
            for (Future<Integer> one : writing) {
                assertThat(one.get()).isEqualTo(200);
            }
        }
        await().until(() -> count("select count(*) from conversation") == EACH);
        await().until(() -> waiting("%") == 0); // each was sent the notice of a first contact
        return sending.hub.sql().queryForList("select subject_id from conversation", UUID.class);
    }

    private int write(String account, String person) {
        byte[] body =
                TwilioForm.text("SM" + UUID.randomUUID(), person, "Guten Tag")
                        .with("To", "whatsapp:" + NUMBER)
                        .bytes();
        SignedWebhook signed =
                new ProviderSigner()
                        .sign(
                                "twilio",
                                null,
                                "POST",
                                "http://localhost:8080/webhooks/twilio/"
                                        + DemoTenant.ID
                                        + "/"
                                        + account,
                                TwilioForm.TYPE,
                                body,
                                DemoTenant.signing("twilio", name -> null),
                                sending.hub.clock.instant());
        Map<String, String> headers = new HashMap<>(signed.headers());
        headers.put("Content-Type", TwilioForm.TYPE);
        return sending.hub
                .send(new SignedWebhook(signed.method(), signed.url(), headers, signed.body()))
                .statusCode();
    }

    private void queue(String text, String account, List<UUID> to) {
        sending.enqueue(to, Purpose.SUPPORT_REPLY, Trigger.Kind.API, text + " " + account, account);
    }

    /** Two hundred messages over each; how long until all but the failing account's are sent. */
    private Duration run(String text, List<String> accounts) {
        Instant began = Instant.now();
        accounts.forEach(account -> queue(text, account, people));
        OTHERS.forEach(
                account -> await().until(() -> sending.got(text + " " + account).size() == EACH));
        Instant last =
                OTHERS.stream()
                        .map(account -> times(text + " " + account).getLast())
                        .max(Instant::compareTo)
                        .orElseThrow();
        return Duration.between(began, last);
    }

    private List<Instant> times(String text) {
        return sending.got(text).stream().map(FakeMessage::receivedAt).sorted().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hang", "503"})
    @DisplayName("R10, R12: one account fails; the other four send as fast as without it")
    void holdsUpNobodyElse(String failure) {
        String text = "Daneben " + failure;
        fails(failure, text);

        Duration beside = run(text, ALL);
        long waiting = waiting(FAILING);
        long over = unknown();
        wellAgain();

        assertThat(waiting).as("the failing account's still wait").isGreaterThan(EACH / 2);
        assertThat(unknown() - over)
                .as("hung all the while the others were sent, of %s", reasons())
                .isEqualTo(sending.got(text).stream().filter(this::silent).count());
        for (int again = 1; again <= 2 && beside.compareTo(limit()) >= 0; again++) {
            // another program may have had the machine: then both, one after the other
            alone = run("Wieder allein " + failure + again, OTHERS);
            fails(failure, "Wieder daneben " + failure + again);
            beside = run("Wieder daneben " + failure + again, ALL);
            wellAgain();
        }
        assertThat(beside).as("the other four, all in all").isLessThan(limit());
        // well again, it sent what had waited, and nothing twice
        List<String> taken =
                sending.got(text + " " + FAILING).stream()
                        .filter(one -> one.taken() != null)
                        .map(one -> one.taken().to())
                        .toList();
        assertThat(taken).doesNotHaveDuplicates().hasSize(EACH);
    }

    private void fails(String failure, String text) {
        boolean hangs = failure.equals("hang");
        sending.fake.behave(
                new FakeBehaviour(
                        "twilio",
                        text + " " + FAILING,
                        hangs ? null : 503,
                        null,
                        null,
                        null,
                        hangs ? "hang" : null,
                        null));
    }

    private void wellAgain() {
        sending.fake.behave();
        await().until(
                        () -> {
                            // never past the lease of one that is being sent: it would count as
                            // an attempt that ended with its process
                            if (count("select count(*) from outbound where state = 'sending'")
                                    == 0) {
                                sending.hub.clock.advance(Duration.ofSeconds(10));
                            }
                            return waiting(FAILING) == 0;
                        });
    }

    private Duration limit() {
        return alone.multipliedBy(3).dividedBy(2).plusSeconds(1);
    }

    private List<Map<String, Object>> reasons() {
        return sending.hub
                .sql()
                .queryForList(
                        "select account, reason, count(*) from outbound where state = 'unknown' group by 1, 2");
    }

    private long unknown() {
        return count("select count(*) from outbound where state = 'unknown'");
    }

    private boolean silent(FakeMessage one) {
        return one.answered() == 0;
    }

    @Test
    void reachesTheRateOfTheAccountAndNoMore() {
        Instant begun = Instant.now();
        queue("Gleichmaessig", SLOW, people.subList(0, 40));
        await().until(() -> sending.got("Gleichmaessig").size() == 40);

        List<Instant> times = times("Gleichmaessig");
        // nothing a busy machine does brings the last one early; it may be late for its turn
        assertThat(perSecond(begun, times.getLast())).as("no more").isLessThan(10.1);
        assertThat(perSecond(times.getFirst(), times.getLast())).as("no less").isGreaterThan(5.0);
    }

    /** 40 messages have 39 intervals. */
    private static double perSecond(Instant from, Instant to) {
        return 39_000.0 / Duration.between(from, to).toMillis();
    }

    @Test
    @DisplayName("R11: 429 with Retry-After: the whole account is silent so long, and no other is")
    void keepsTheWholeAccountSilentAsLongAsAsked() {
        List<UUID> some = people.subList(0, 40);
        sending.fake.behave(
                new FakeBehaviour("twilio", "Langsam a4", 429, null, 60, null, null, null));
        Instant silence = sending.hub.clock.instant().plusSeconds(60);

        queue("Langsam", "a4", some);
        await().until(
                        () ->
                                sending.got("Langsam a4").size() > 0
                                        && count(
                                                        "select count(*) from delivery where destination = 'send:a4' and state = 'parked' and next_attempt_at >= '"
                                                                + silence
                                                                + "'")
                                                == some.size());
        int asked = sending.got("Langsam a4").size();
        queue("Nebenan", "a3", some);
        await().until(() -> sending.got("Nebenan a3").size() == some.size());
        List<FakeMessage> before = sending.got("Langsam a4");
        sending.fake.behave();
        sending.hub.clock.advance(Duration.ofSeconds(70));
        await().until(() -> waiting("a4") == 0);

        // one, and those that were on their way before its answer was there
        assertThat(before)
                .hasSize(asked)
                .hasSizeLessThan(some.size() / 2)
                .allMatch(one -> one.answered() == 429);
        assertThat(sending.got("Langsam a4")).hasSize(some.size() + asked);
        assertThat(sending.got("Langsam a4").stream().filter(one -> one.taken() != null))
                .extracting(one -> one.taken().to())
                .doesNotHaveDuplicates()
                .hasSize(some.size());
    }

    @Test
    @DisplayName("R10: 60 000 deliveries that a CRM left behind are due, and a message goes first")
    void isNotHeldUpByTheBacklogOfADestination() {
        sending.hub
                .sql()
                .update(
                        """
                        insert into delivery (tenant, destination, event_id, lane, sequence, state, next_attempt_at, created_at)
                        select ?, 'crm', gen_random_uuid(), gen_random_uuid(), n, 'parked', '2026-01-01', '2026-01-01'
                          from generate_series(1000001, 1060000) n""",
                        DemoTenant.ID);

        queue("Vorbei", "a2", people.subList(0, 1));
        await().until(() -> !sending.got("Vorbei a2").isEmpty());
        long untouched =
                count("select count(*) from delivery where next_attempt_at = '2026-01-01'");
        sending.hub.sql().update("delete from delivery where created_at = '2026-01-01'");

        assertThat(untouched).isGreaterThan(30_000);
    }

    /** Messages of the account that are on their way. */
    private long waiting(String account) {
        return count(
                "select count(*) from outbound where state in ('queued', 'sending') and account like '"
                        + account
                        + "'");
    }

    private long count(String sql) {
        return sending.hub.sql().queryForObject(sql, Long.class);
    }
}
