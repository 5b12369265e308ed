package org.jawort.api;

import com.github.f4b6a3.uuid.UuidCreator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jawort.api.Posts.Answer;
import org.jawort.delivery.AttemptHistory;
import org.jawort.delivery.DeliveryFilter;
import org.jawort.delivery.DeliveryLedger;
import org.jawort.delivery.Replays;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who received what, after which attempts, and which numbers of a destination did not arrive. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/deliveries")
final class DeliveryController {

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryController.class);
    private static final Set<String> STATES =
            Set.of("pending", "parked", "delivered", "withheld", "dead");
    private static final Pattern TYPE = Pattern.compile("jawort\\.[a-z.]{1,60}\\.v[0-9]{1,3}");
    private static final Pattern STATUS = Pattern.compile("[1-5][0-9]{2}");

    /** How many numbers of a sequence are looked through at once. */
    private static final long NUMBERS = 10_000;

    record Delivery(DeliveryLedger.Entry delivery, List<AttemptHistory.Made> attempts) {}

    record GivenUp(String destination, UUID eventId, String state, String error) {

        private static GivenUp of(DeliveryLedger.Entry entry) {
            return new GivenUp(entry.destination(), entry.eventId(), entry.state(), entry.error());
        }
    }

    private final Posts posts;
    private final DeliveryLedger ledger;
    private final AttemptHistory history;
    private final Replays replays;
    private final Tenants tenants;
    private final TenantScope scope;
    private final Answers answers;

    DeliveryController(
            Posts posts,
            DeliveryLedger ledger,
            AttemptHistory history,
            Replays replays,
            Tenants tenants,
            TenantScope scope,
            Answers answers) {
        this.posts = posts;
        this.ledger = ledger;
        this.history = history;
        this.replays = replays;
        this.tenants = tenants;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        Query query =
                call.query()
                        .only(
                                "destination",
                                "state",
                                "status",
                                "type",
                                "conversation",
                                "message",
                                "from",
                                "before",
                                "limit",
                                "after");
        int limit = query.limit();
        Cursor after = query.after();
        if (after != null && after.name() == null) {
            throw new ApiProblem(Problem.INVALID_CURSOR);
        }
        String status = query.matching("status", STATUS);
        DeliveryFilter filter =
                new DeliveryFilter(
                        query.word("destination", destinations(call)),
                        query.word("state", STATES),
                        status == null ? null : Integer.valueOf(status),
                        query.matching("type", TYPE),
                        query.uuid("conversation"),
                        query.uuid("message"),
                        query.time("from"),
                        query.time("before"),
                        null);
        DeliveryLedger.Place seen =
                after == null ? null : new DeliveryLedger.Place(after.id(), after.name());
        DeliveryLedger.Found found =
                scope.call(call.tenant(), () -> ledger.page(call.tenant(), filter, seen, limit));
        DeliveryLedger.Place goesOn = found.goesOn();
        return answers.ok(
                new Page<>(
                        found.entries(),
                        goesOn == null
                                ? null
                                : new Cursor(goesOn.event(), goesOn.destination()).text()));
    }

    /**
     * With what the destination answered, for whoever may read the message: it may quote the
     * person. Of somebody restricted only a key that opens what is kept out of ordinary access sees
     * it.
     */
    @GetMapping("/{destination}/{event}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination,
            @PathVariable("event") String id) {
        call.query().only();
        UUID event = Query.id(id);
        LOG.info(
                "api.attempts_read tenant={} key={} destination={} delivery={}",
                call.tenant(),
                call.keyId(),
                known(call, destination),
                event);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () ->
                                ledger.find(call.tenant(), destination, event)
                                        .map(
                                                entry ->
                                                        new Delivery(
                                                                entry,
                                                                history.of(
                                                                        call.tenant(),
                                                                        destination,
                                                                        event,
                                                                        call.restricted())))
                                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))));
    }

    @GetMapping("/{destination}/sequence")
    ResponseEntity<byte[]> sequence(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination) {
        Query query = call.query().only("from", "to");
        Long from = query.number("from");
        Long to = query.number("to");
        long first = from == null ? 1 : from;
        long last = to == null ? first + NUMBERS - 1 : to;
        if (last < first || last - first >= NUMBERS) {
            throw new ApiProblem(Problem.INVALID_PARAMETER);
        }
        known(call, destination);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> ledger.sequence(call.tenant(), destination, first, last)));
    }

    @PostMapping("/{destination}/{event}/replay")
    ResponseEntity<byte[]> replay(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination,
            @PathVariable("event") String id) {
        return posts.about(
                call,
                id,
                "Nothing",
                (event, body) -> {
                    DeliveryLedger.Entry entry =
                            ledger.find(call.tenant(), destination, event)
                                    .filter(found -> destinations(call).contains(destination))
                                    .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
                    if (!ReplayController.STATES.contains(entry.state())) {
                        throw new ApiProblem(Problem.DELIVERY_NOT_ENDED);
                    }
                    return new Answer(
                            202,
                            ReplayController.View.of(
                                    replays.add(
                                            call.tenant(),
                                            UuidCreator.getTimeOrderedEpoch(),
                                            new DeliveryFilter(
                                                    destination,
                                                    entry.state(),
                                                    null,
                                                    null,
                                                    null,
                                                    null,
                                                    null,
                                                    null,
                                                    List.of(event)),
                                            Replays.DEFAULT_PER_SECOND,
                                            call.keyId())));
                });
    }

    /** Of a dead letter nobody waits for any more, an archive's message included. */
    @PostMapping("/{destination}/{event}/give-up")
    ResponseEntity<byte[]> giveUp(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("destination") String destination,
            @PathVariable("event") String id) {
        return posts.about(
                call,
                id,
                "Nothing",
                (event, body) -> {
                    if (!destinations(call).contains(destination)) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    if (ledger.giveUp(call.tenant(), destination, event)) {
                        LOG.info(
                                "api.delivery_given_up tenant={} key={} destination={} delivery={}",
                                call.tenant(),
                                call.keyId(),
                                destination,
                                event);
                    }
                    DeliveryLedger.Entry entry =
                            ledger.find(call.tenant(), destination, event)
                                    .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
                    return switch (entry.state()) {
                        case "withheld" -> new Answer(200, GivenUp.of(entry));
                        case "delivered" -> throw new ApiProblem(Problem.DELIVERY_TAKEN);
                        default -> throw new ApiProblem(Problem.DELIVERY_NOT_ENDED);
                    };
                });
    }

    private Set<String> destinations(ApiCall call) {
        return tenants.get(call.tenant()).destinations().keySet();
    }

    private String known(ApiCall call, String queue) {
        return tenants.get(call.tenant())
                .queues()
                .filter(one -> one.id().equals(queue))
                .findFirst()
                .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND))
                .id();
    }
}
