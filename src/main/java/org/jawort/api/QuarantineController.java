package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jawort.Failures;
import org.jawort.KafkaRecords;
import org.jawort.api.Posts.Answer;
import org.jawort.conversation.QuarantinedWebhooks;
import org.jawort.conversation.QuarantinedWebhooks.Opened;
import org.jawort.intake.WebhookSeal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Webhooks no mapping could read, and their way back into the pipeline once it can. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/quarantine")
final class QuarantineController {

    private static final Logger LOG = LoggerFactory.getLogger(QuarantineController.class);

    /**
     * @param unreadable how many could not be opened and stay where they are
     */
    record Replayed(int replayed, int unreadable) {}

    private final Posts posts;
    private final QuarantinedWebhooks quarantine;
    private final WebhookSeal seal;
    private final ProducerTemplate routes;
    private final Pages pages;
    private final Answers answers;

    QuarantineController(
            Posts posts,
            QuarantinedWebhooks quarantine,
            WebhookSeal seal,
            ProducerTemplate routes,
            Pages pages,
            Answers answers) {
        this.posts = posts;
        this.quarantine = quarantine;
        this.seal = seal;
        this.routes = routes;
        this.pages = pages;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> list(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        return answers.ok(pages.read(call, quarantine::page, QuarantinedWebhooks.Item::id));
    }

    @PostMapping("/{id}/replay")
    ResponseEntity<byte[]> replayOne(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String text) {
        return posts.about(
                call,
                text,
                "Nothing",
                (id, body) -> {
                    if (quarantine.state(call.tenant(), id) == null) {
                        throw new ApiProblem(Problem.NOT_FOUND);
                    }
                    Replayed done =
                            publish(
                                    call.tenant(),
                                    quarantine.open(call.tenant(), id, null, null, 1));
                    if (done.replayed() == 0) {
                        throw new ApiProblem(Problem.NOT_REPLAYABLE);
                    }
                    return new Answer(200, done);
                });
    }

    @PostMapping("/replay")
    ResponseEntity<byte[]> replay(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "QuarantineReplay",
                (JsonNode body) ->
                        new Answer(
                                200,
                                publish(
                                        call.tenant(),
                                        quarantine.open(
                                                call.tenant(),
                                                null,
                                                RequestFields.text(body, "reason"),
                                                RequestFields.text(body, "provider"),
                                                body.path("limit").asInt(100)))));
    }

    /**
     * If the transaction fails after this, the webhooks go through the pipeline again with the next
     * replay and are known there: twice is as good as once.
     */
    private Replayed publish(String tenant, List<Opened> webhooks) {
        List<UUID> done = new ArrayList<>();
        int unreadable = 0;
        for (Opened opened : webhooks) {
            switch (opened) {
                case Opened.Readable readable -> {
                    publish(tenant, readable);
                    done.add(readable.id());
                }
                case Opened.Unreadable damaged -> unreadable++;
            }
        }
        quarantine.replayed(tenant, done);
        return new Replayed(done.size(), unreadable);
    }

    private void publish(String tenant, Opened.Readable webhook) {
        byte[] sealed = seal.seal(tenant, webhook.account(), webhook.webhook());
        Exchange sent =
                routes.send(
                        "direct:publish-webhook",
                        exchange ->
                                KafkaRecords.send(
                                        exchange, tenant + "/" + webhook.account(), sealed));
        if (sent.getException() != null) {
            LOG.warn(
                    "api.replay_unavailable tenant={} quarantine={} cause={}",
                    tenant,
                    webhook.id(),
                    Failures.describe(sent.getException()));
            throw new ApiProblem(Problem.UNAVAILABLE);
        }
    }
}
