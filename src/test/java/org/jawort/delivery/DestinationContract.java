package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.spi.Registry;
import org.jawort.tenant.SecretSettings;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every type of destination keeps, whatever it speaks: its route template as it is, with the
 * real beans, against a real server of its protocol; of the hub there is no more than {@link
 * DestinationHub}. A type extends this, names its route, binds the beans the route refers to and
 * supplies its {@link Receiver}, one for each test.
 */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
abstract class DestinationContract {

    /** How a receiver behaves from now on. */
    enum Behaviour {
        /** Takes what comes and says so. */
        TAKE,
        /** Says that it will never take this. */
        REFUSE,
        /** Says that it cannot now. */
        UNAVAILABLE,
        /** Keeps the event and then never says a word. */
        HANG,
        /** Answers byte by byte without end. */
        DRIP,
        /** Breaks off in the middle, whether or not it has kept the event by then. */
        CUT
    }

    /**
     * @param key by which the receiver knows the event again
     * @param text the words of the message as the receiver can read them
     */
    record Taken(String key, String text) {}

    /** A real server of the protocol, with what a test may know of it. */
    interface Receiver extends AutoCloseable {

        /** As the tenant file would have them, secrets included. */
        Map<String, String> settings();

        /** What may be in no log, no error and no description of the hub. */
        Set<String> secrets();

        /** What it can do beside {@link Behaviour#TAKE}; a file, say, has nobody to refuse. */
        Set<Behaviour> faults();

        void behave(Behaviour behaviour);

        /** The keys it was asked under, each attempt it could see, in order. */
        List<String> asked();

        /** What it has for good, in order; an event may be there several times. */
        List<Taken> taken();

        @Override
        void close() throws IOException;
    }

    /** Of an attempt. */
    static final Duration DEADLINE = Duration.ofSeconds(1);

    /** How often a receiver that is well may take longer than that; SFTP begins anew each time. */
    private static final int PATIENCE = 15;

    private final List<DestinationHub> hubs = new ArrayList<>();

    /** Whether a receiver that is well took so long that an event was brought once more. */
    private boolean again;

    protected Receiver receiver;
    protected DestinationHub hub;

    /** The id of the template, and the name of its file under {@code routes/destinations}. */
    protected abstract String route();

    /** Binds what the route refers to; called once for each hub. */
    protected abstract void bind(Registry registry, Tenants tenants);

    protected abstract Receiver receiver() throws Exception;

    protected String mapping() {
        return "destinations/canonical.jslt";
    }

    @BeforeEach
    void startReceiverAndHub() throws Exception {
        receiver = receiver();
        hub = startHub();
    }

    /** Another hub over the same receiver is the hub after it was killed. */
    protected DestinationHub startHub() {
        return startHub(receiver.settings());
    }

    private DestinationHub startHub(Map<String, String> settings) {
        DestinationHub started = new DestinationHub(route(), mapping(), settings, this::bind);
        started.endsAfter(DEADLINE);
        hubs.add(started);
        return started;
    }

    @AfterEach
    void stopReceiverAndHubs() throws Exception {
        receiver.close();
        hubs.forEach(DestinationHub::close);
    }

    @Test
    void bringsTheEventUnderItsKey() {
        DestinationEvent event = DestinationEvent.number(1);

        delivered(event);

        assertThat(arrived()).containsExactly(new Taken(key(event), event.text()));
    }

    @Test
    @DisplayName("a secret may stand in a file, named by file:/path")
    void readsItsSecretsFromFiles(@TempDir Path folder) {
        Map<String, String> settings = new HashMap<>(receiver.settings());
        settings.replaceAll((name, value) -> inFile(folder, name, value));
        assumeThat(settings).isNotEqualTo(receiver.settings());
        hub = startHub(settings);
        DestinationEvent event = DestinationEvent.number(1);

        delivered(event);

        assertThat(arrived()).containsExactly(new Taken(key(event), event.text()));
    }

    private static String inFile(Path folder, String name, String value) {
        if (!SecretSettings.named(name) || value.isBlank()) {
            return value;
        }
        try {
            return "file:" + Files.writeString(folder.resolve(name), value + "\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TAKE")
    @DisplayName("R3, R11: what failed comes again under the same key, and is there once")
    void asksUnderTheSameKeyOnEveryAttempt(Behaviour fault) {
        assumeThat(receiver.faults()).contains(fault);
        DestinationEvent event = DestinationEvent.number(1);

        receiver.behave(fault);
        hub.attempt(event);
        hub.attempt(event);
        receiver.behave(Behaviour.TAKE);
        hub.attempt(event); // whose connection was cut may notice only now
        delivered(event);

        assertThat(receiver.asked()).isNotEmpty().containsOnly(key(event));
        assertThat(distinct(receiver.taken())).containsExactly(new Taken(key(event), event.text()));
    }

    @ParameterizedTest
    @EnumSource(names = {"UNAVAILABLE", "HANG", "DRIP", "CUT"})
    @DisplayName("R11, R12: what may pass later is to be tried again")
    void callsForAnotherAttempt(Behaviour fault) {
        assumeThat(receiver.faults()).contains(fault);
        receiver.behave(fault);

        Throwable failure = hub.attempt(DestinationEvent.number(1)).orElseThrow();

        assertThat(failure).isNotInstanceOfAny(DestinationRefused.class, DeliveryWithheld.class);
    }

    @Test
    void callsForAnotherAttemptWhenNobodyIsThere() throws Exception {
        receiver.close();
        assumeThat(receiver.faults()).contains(Behaviour.HANG); // else nobody need be there

        Throwable failure = hub.attempt(DestinationEvent.number(1)).orElseThrow();

        assertThat(failure).isNotInstanceOfAny(DestinationRefused.class, DeliveryWithheld.class);
    }

    @Test
    @DisplayName("R11: what will never pass is final, and what comes behind it goes on")
    void givesUpWhatIsRefusedAndGoesOnBehindIt() {
        assumeThat(receiver.faults()).contains(Behaviour.REFUSE);
        receiver.behave(Behaviour.REFUSE);

        Throwable failure = refused(DestinationEvent.number(1));
        receiver.behave(Behaviour.TAKE);
        delivered(DestinationEvent.number(2));

        assertThat(failure).isInstanceOf(DestinationRefused.class);
        assertThat(arrived())
                .extracting(Taken::text)
                .containsExactly(DestinationEvent.number(2).text());
    }

    @Test
    void keepsTheOrderItIsGiven() {
        List<DestinationEvent> events = DestinationEvent.numbers(1, 20);

        events.forEach(this::delivered);

        assertThat(arrived()).isEqualTo(all(events));
    }

    @ParameterizedTest
    @EnumSource(names = {"HANG", "DRIP"})
    @DisplayName("R12: an attempt ends with its deadline and stands in nobody's way")
    void endsWithTheDeadline(Behaviour fault) {
        assumeThat(receiver.faults()).contains(fault);
        receiver.behave(fault);
        long begin = System.nanoTime();

        hub.attempt(DestinationEvent.number(1));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        receiver.behave(Behaviour.TAKE);
        delivered(DestinationEvent.number(1));

        // left to itself it would take 20 s, or for ever
        assertThat(took).isLessThan(DEADLINE.plusSeconds(8));
        assertThat(distinct(receiver.taken())).hasSize(1);
    }

    @Test
    @DisplayName(
            "R3, R28: what was acknowledged is there though the receiver breaks off in between")
    void losesNothingWhenTheReceiverBreaksOff() {
        assumeThat(receiver.faults()).contains(Behaviour.CUT);
        List<DestinationEvent> events = DestinationEvent.numbers(1, 6);

        events.subList(0, 3).forEach(this::delivered);
        receiver.behave(Behaviour.CUT);
        assertThat(hub.attempt(events.get(3))).isPresent();
        assertThat(distinct(receiver.taken())).startsWith(array(all(events.subList(0, 3))));
        receiver.behave(Behaviour.TAKE);
        events.subList(3, 6).forEach(this::delivered);

        assertThat(distinct(receiver.taken())).isEqualTo(all(events));
    }

    @Test
    @DisplayName(
            "R3: what was acknowledged is there though the hub ended in the middle of the next")
    void losesNothingWhenTheHubEndsInTheMiddle() throws Exception {
        List<DestinationEvent> events = DestinationEvent.numbers(1, 6);

        events.subList(0, 3).forEach(this::delivered);
        if (receiver.faults().contains(Behaviour.HANG)) {
            int before = receiver.asked().size();
            receiver.behave(Behaviour.HANG);
            Thread dying = Thread.ofVirtual().start(() -> hub.attempt(events.get(3)));
            await().until(() -> receiver.asked().size() > before);
            dying.interrupt();
            receiver.behave(Behaviour.TAKE);
        }
        hub = startHub(); // the other was told of nothing more
        events.subList(3, 6).forEach(this::delivered);

        assertThat(distinct(receiver.taken())).isEqualTo(all(events));
    }

    @Test
    @DisplayName(
            "S24: no secret is in a log, an error, an endpoint, a dump of the route or a bean of JMX")
    void keepsItsSecrets() {
        StringBuilder shown = new StringBuilder();
        try (var log = new EverythingLogged()) {
            for (Behaviour behaviour : Behaviour.values()) {
                if (behaviour == Behaviour.TAKE || receiver.faults().contains(behaviour)) {
                    receiver.behave(behaviour);
                    hub.attempt(DestinationEvent.number(1))
                            .ifPresent(failure -> shown.append(EverythingLogged.trace(failure)));
                }
            }
            shown.append(log.text());
        }
        shown.append(hub.description());

        assertThat(shown).contains(DestinationHub.DESTINATION, route());
        assertThat(shown.toString()).doesNotContain(DestinationEvent.number(1).text());
        for (String secret : receiver.secrets()) {
            assertThat(shown.toString()).doesNotContain(secret);
        }
    }

    /** By which the receiver knows an event again. */
    protected String key(DestinationEvent event) {
        return event.id().toString();
    }

    /**
     * On a machine so busy that a receiver which is well takes too long, as the hub would: again.
     */
    protected void delivered(DestinationEvent event) {
        Optional<Throwable> failure = Optional.empty();
        for (int times = PATIENCE; times > 0; times--) {
            long begin = System.nanoTime();
            failure = hub.attempt(event);
            if (failure.isEmpty() || System.nanoTime() - begin < DEADLINE.toNanos()) {
                break;
            }
            again = true;
        }
        assertThat(failure).as("the failure of " + event).isEmpty();
    }

    /** As {@link #delivered}: what the receiver said too late is asked for again. */
    private Throwable refused(DestinationEvent event) {
        Throwable failure = null;
        for (int times = PATIENCE; times > 0; times--) {
            long begin = System.nanoTime();
            failure = hub.attempt(event).orElseThrow();
            if (System.nanoTime() - begin < DEADLINE.toNanos()) {
                break;
            }
        }
        return failure;
    }

    /** What the receiver has; what it kept of an attempt that took too long may be there twice. */
    private List<Taken> arrived() {
        return again ? distinct(receiver.taken()) : receiver.taken();
    }

    private List<Taken> all(List<DestinationEvent> events) {
        return events.stream().map(event -> new Taken(key(event), event.text())).toList();
    }

    private static Taken[] array(List<Taken> taken) {
        return taken.toArray(Taken[]::new);
    }

    /** As a receiver has it that looks at the key. */
    protected static List<Taken> distinct(List<Taken> taken) {
        return taken.stream().distinct().toList();
    }
}
