package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.UUID;
import org.jawort.api.Posts.Answer;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.Purpose;
import org.jawort.conversation.Declarations;
import org.jawort.conversation.Declarations.Assessment;
import org.jawort.message.Address;
import org.jawort.message.Channel;
import org.jawort.message.Scheme;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Grounds other than consent: assessed (T13), objected to (T14), and an objection taken back (T16).
 */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/consents")
final class InterestController {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Posts posts;
    private final Declarations declarations;
    private final ConsentLedger ledger;

    InterestController(Posts posts, Declarations declarations, ConsentLedger ledger) {
        this.posts = posts;
        this.declarations = declarations;
        this.ledger = ledger;
    }

    @PostMapping("/assessments")
    ResponseEntity<byte[]> assess(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return posts.once(
                call,
                "Assessment",
                body ->
                        ConsentController.answer(
                                declarations.assess(call.tenant(), assessment(body)),
                                standings ->
                                        new Answer(201, ConsentView.of(standings.getFirst()))));
    }

    private static Assessment assessment(JsonNode body) {
        JsonNode address = body.get("address");
        return new Assessment(
                Channel.of(RequestFields.text(body, "channel")),
                new Address(
                        RequestFields.text(address, "address"),
                        Scheme.of(RequestFields.text(address, "scheme")),
                        null,
                        List.of()),
                Purpose.valueOf(RequestFields.text(body, "purpose")),
                RequestFields.text(body, "document"),
                RequestFields.time(body, "at"),
                body.has("platformPermission")
                        ? RequestFields.time(
                                body.get("platformPermission"), "/platformPermission", "at")
                        : null,
                evidence(body, "document", "assessedBy", "platformPermission"));
    }

    @PostMapping("/{id}/objection")
    ResponseEntity<byte[]> object(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "Objection",
                (record, body) ->
                        ConsentController.answer(
                                declarations.object(
                                        owner(call, record),
                                        record,
                                        RequestFields.text(
                                                body.path("compellingGrounds"), "recordedBy"),
                                        RequestFields.time(body, "at"),
                                        evidence(body, "reference", "compellingGrounds")),
                                standings ->
                                        new Answer(200, ConsentView.of(standings.getFirst()))));
    }

    private Person owner(ApiCall call, UUID record) {
        return ledger.owner(call.tenant(), record)
                .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
    }

    @PostMapping("/{id}/objection-revocation")
    ResponseEntity<byte[]> revoke(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call, @PathVariable("id") String id) {
        return posts.about(
                call,
                id,
                "ObjectionRevocation",
                (record, body) ->
                        ConsentController.answer(
                                declarations.revokeObjection(
                                        owner(call, record),
                                        record,
                                        body.get("confirmed").asBoolean(),
                                        RequestFields.time(body, "at"),
                                        evidence(body, "reference")),
                                standings ->
                                        new Answer(200, ConsentView.of(standings.getFirst()))));
    }

    private static String evidence(JsonNode body, String... fields) {
        var evidence = JSON.createObjectNode();
        for (String field : fields) {
            evidence.set(field, body.get(field));
        }
        return evidence.toString();
    }
}
