package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jawort.api.Posts.Answer;
import org.jawort.consent.CaptureOrigin;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent.Stop.Route;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.Purpose;
import org.jawort.consent.TextShown;
import org.jawort.conversation.Declarations;
import org.jawort.conversation.Declarations.Capture;
import org.jawort.conversation.Declarations.PromptSent;
import org.jawort.conversation.Declarations.Result;
import org.jawort.conversation.Declarations.Standing;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.Scheme;
import org.jawort.store.TenantScope;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Consent: captured, looked up, asked for, withdrawn. */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}")
final class ConsentController {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Posts posts;
    private final Declarations declarations;
    private final ConsentLedger ledger;
    private final TenantScope scope;
    private final Answers answers;
    private final ProofController proof;

    ConsentController(
            Posts posts,
            Declarations declarations,
            ConsentLedger ledger,
            TenantScope scope,
            Answers answers,
            ProofController proof) {
        this.proof = proof;
        this.posts = posts;
        this.declarations = declarations;
        this.ledger = ledger;
        this.scope = scope;
        this.answers = answers;
    }

    @PostMapping("/consents")
    ResponseEntity<byte[]> capture(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "ConsentCapture",
                body ->
                        answer(
                                declarations.capture(call.tenant(), capture(body)),
                                standings ->
                                        new Answer(201, ConsentView.of(standings.getFirst()))));
    }

    private static Capture capture(JsonNode body) {
        CaptureOrigin origin =
                CaptureOrigin.valueOf(RequestFields.text(body, "origin").toUpperCase(Locale.ROOT));
        JsonNode address = body.get("address");
        return new Capture(
                Channel.of(RequestFields.text(body, "channel")),
                new Address(
                        RequestFields.text(address, "address"),
                        Scheme.of(RequestFields.text(address, "scheme")),
                        null,
                        List.of()),
                Purpose.valueOf(RequestFields.text(body, "purpose")),
                origin,
                RequestFields.time(body, "capturedAt"),
                evidence(body).toString(),
                isComplete(body, origin),
                body.hasNonNull("textVersion")
                        ? new TextShown(
                                RequestFields.text(body, "textVersion"),
                                RequestFields.text(body, "language"))
                        : null,
                !"elsewhere".equals(body.path("prompt").asText(null)));
    }

    /** What the ledger keeps of the first channel, with the text the person saw there. */
    private static ObjectNode evidence(JsonNode body) {
        ObjectNode evidence = JSON.createObjectNode();
        evidence.setAll((ObjectNode) body.get("evidence"));
        evidence.set("textVersion", body.get("textVersion"));
        evidence.set("language", body.get("language"));
        return evidence;
    }

    /** CON-20: what, when and which text; of an import also which file (CON-23). */
    private static boolean isComplete(JsonNode body, CaptureOrigin origin) {
        JsonNode evidence = body.get("evidence");
        return evidence.hasNonNull("reference")
                && RequestFields.time(evidence, "/evidence", "time") != null
                && body.hasNonNull("textVersion")
                && body.hasNonNull("language")
                && (origin != CaptureOrigin.IMPORT || evidence.hasNonNull("fileSha256"));
    }

    @PostMapping("/consents/search")
    ResponseEntity<byte[]> search(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.anew(
                call,
                "ConsentSearch",
                body -> {
                    Optional<UUID> subject =
                            declarations
                                    .people()
                                    .find(
                                            call.tenant(),
                                            Channel.of(RequestFields.text(body, "channel")),
                                            RequestFields.text(body, "address"));
                    return new Answer(
                            200,
                            new ConsentView.OfSubject(
                                    subject.orElse(null),
                                    subject.map(id -> views(call.tenant(), id)).orElse(List.of())));
                });
    }

    @GetMapping("/consents/{id}")
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        call.query().only();
        UUID record = Query.id(id);
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> {
                            Person owner = owner(call, record);
                            Standing standing =
                                    declarations.standings(owner).stream()
                                            .filter(one -> one.record().id().equals(record))
                                            .findFirst()
                                            .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
                            return new ConsentView.WithHistory(
                                    ConsentView.of(standing),
                                    ledger.history(call.tenant(), record));
                        }));
    }

    @GetMapping("/subjects/{subject}/consents")
    ResponseEntity<byte[]> ofSubject(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("subject") String id) {
        Instant at = call.query().only("at").time("at");
        UUID subject = Query.id(id);
        if (at != null) {
            return proof.heldAt(call, subject, at);
        }
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> {
                            if (!declarations.people().exists(call.tenant(), subject)) {
                                throw new ApiProblem(Problem.NOT_FOUND);
                            }
                            return new ConsentView.OfSubject(
                                    subject, views(call.tenant(), subject));
                        }));
    }

    @PostMapping("/consents/{id}/withdrawal")
    ResponseEntity<byte[]> withdraw(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "Withdrawal",
                (record, body) -> {
                    Set<Purpose> purposes = EnumSet.noneOf(Purpose.class);
                    body.path("purposes")
                            .forEach(name -> purposes.add(Purpose.valueOf(name.textValue())));
                    Person owner = owner(call, record);
                    Result result =
                            declarations.withdraw(
                                    owner,
                                    record,
                                    purposes,
                                    Route.valueOf(RequestFields.text(body, "route")),
                                    RequestFields.time(body, "at"));
                    return answer(
                            result,
                            standings ->
                                    new Answer(
                                            200,
                                            new ConsentView.OfSubject(
                                                    owner.subject(), ConsentView.of(standings))));
                });
    }

    /** What a sender of a prompt needs of it. */
    record PromptOpened(
            String promptId,
            String grantPayload,
            String denyPayload,
            Instant deadline,
            ConsentView consent) {

        static PromptOpened of(Standing standing) {
            var prompt = standing.record().prompt();
            return new PromptOpened(
                    prompt.promptId(),
                    prompt.grantPayload(),
                    prompt.denyPayload(),
                    prompt.deadline(),
                    ConsentView.of(standing));
        }

        /** Whoever reads the id in a log could grant. */
        @Override
        public String toString() {
            return "PromptOpened[" + deadline + "]";
        }
    }

    @PostMapping("/consents/{id}/prompts")
    ResponseEntity<byte[]> prompt(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "PromptSent",
                (record, body) ->
                        answer(
                                declarations.promptSent(
                                        owner(call, record),
                                        record,
                                        new PromptSent(
                                                RequestFields.text(body, "language"),
                                                RequestFields.text(body, "textVersion"),
                                                body.path("carriesAdvertising").asBoolean(false),
                                                RequestFields.time(body, "sentAt"),
                                                RequestFields.text(body, "providerMessageId"))),
                                standings ->
                                        new Answer(201, PromptOpened.of(standings.getFirst()))));
    }

    private Person owner(ApiCall call, UUID record) {
        return ledger.owner(call.tenant(), record)
                .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
    }

    private List<ConsentView> views(String tenant, UUID subject) {
        return ConsentView.of(declarations.standings(new Person(tenant, subject)));
    }

    /** A rejection is an answer and not an exception: its line in the ledger must stay. */
    static Answer answer(Result result, Function<List<Standing>, Answer> done) {
        return switch (result) {
            case Result.Done standings -> done.apply(standings.standings());
            case Result.Rejected rejected -> Answer.of(Problem.rejected(rejected.why()));
            case Result.PurposeNotConfigured unknown ->
                    throw new ApiProblem(Problem.PURPOSE_NOT_CONFIGURED);
            case Result.Erased erased -> throw new ApiProblem(Problem.SUBJECT_ERASED);
        };
    }
}
