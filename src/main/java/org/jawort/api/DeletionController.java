package org.jawort.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.jawort.HubProperties;
import org.jawort.api.Posts.Answer;
import org.jawort.retention.ErasureViews;
import org.jawort.retention.PlanChanged;
import org.jawort.retention.RetentionHistory;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Deletion by retention rules, on demand, and the records of past runs. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/deletions")
final class DeletionController {

    private static final ObjectMapper JSON = new ObjectMapper();

    record Run(
            UUID run,
            boolean dryRun,
            String status,
            String rules,
            JsonNode counts,
            String actor,
            List<RetentionHistory.Recipient> recipients,
            Instant startedAt,
            Instant finishedAt,
            Instant answeredAt) {}

    private final Posts posts;
    private final RetentionHistory history;
    private final ErasureViews erasures;
    private final TenantScope scope;
    private final ProducerTemplate routes;
    private final TransactionTemplate outside;
    private final Semaphore places;
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Pages pages;
    private final Answers answers;

    DeletionController(
            Posts posts,
            RetentionHistory history,
            ErasureViews erasures,
            TenantScope scope,
            ProducerTemplate routes,
            PlatformTransactionManager manager,
            HubProperties properties,
            Pages pages,
            Answers answers) {
        this.posts = posts;
        this.history = history;
        this.erasures = erasures;
        this.scope = scope;
        this.routes = routes;
        // Suspends the transaction of the request: a run has many of its own, batch by batch.
        this.outside = new TransactionTemplate(manager);
        this.places = new Semaphore(properties.retention().tenantsAtOnce());
        this.outside.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
        this.pages = pages;
        this.answers = answers;
    }

    /**
     * A run that finished but whose answer could not be stored is made again with the next try,
     * which finds nothing left to delete.
     */
    @PostMapping
    ResponseEntity<byte[]> run(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(call, "Deletion", body -> new Answer(200, inItsPlace(call, body)));
    }

    /**
     * The request keeps its connection while the run takes others: as many requests at once as the
     * pool has connections would wait for one another, and everybody else for them.
     */
    private Map<?, ?> inItsPlace(ApiCall call, JsonNode body) {
        String tenant = call.tenant();
        if (!running.add(tenant)) {
            throw new ApiProblem(Problem.DELETION_RUNNING);
        }
        try {
            if (!places.tryAcquire()) {
                throw new ApiProblem(Problem.UNAVAILABLE);
            }
            try {
                return run(call, body);
            } finally {
                places.release();
            }
        } finally {
            running.remove(tenant);
        }
    }

    private Map<?, ?> run(ApiCall call, JsonNode body) {
        Map<String, Object> wanted = new HashMap<>();
        wanted.put("actor", "api:" + call.keyId());
        wanted.put("dryRun", body.get("dryRun").booleanValue());
        if (body.hasNonNull("planHash")) {
            wanted.put("planHash", body.get("planHash").textValue());
        }
        try {
            return outside.execute(
                    suspended ->
                            routes.requestBodyAndHeaders(
                                    "direct:retention-run", call.tenant(), wanted, Map.class));
        } catch (CamelExecutionException failed) {
            if (failed.getCause() instanceof PlanChanged changed) {
                throw new ApiProblem(Problem.planChanged(changed.reason().name()));
            }
            throw failed;
        }
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(
                pages.read(
                        call,
                        (tenant, before, limit) ->
                                history.page(tenant, before, limit).stream()
                                        .map(DeletionController::run)
                                        .toList(),
                        Run::run));
    }

    /** An erasure or a run by the rules, with what each recipient answered. */
    @GetMapping("/{id}")
    ResponseEntity<byte[]> one(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID run = Query.id(id);
        return answers.ok(
                scope.call(call.tenant(), () -> find(call.tenant(), run))
                        .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND)));
    }

    private Optional<Object> find(String tenant, UUID run) {
        Optional<ErasureViews.Erased> erased = erasures.find(tenant, run);
        return erased.isPresent()
                ? Optional.of(erased.get())
                : history.find(tenant, run).map(DeletionController::run);
    }

    private static Run run(RetentionHistory.Run run) {
        try {
            return new Run(
                    run.run(),
                    run.dryRun(),
                    run.status(),
                    run.rules(),
                    JSON.readTree(run.counts()),
                    run.actor(),
                    run.recipients(),
                    run.startedAt(),
                    run.finishedAt(),
                    run.answeredAt());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a retention run in the store", impossible);
        }
    }
}
