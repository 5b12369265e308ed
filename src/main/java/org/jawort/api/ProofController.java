package org.jawort.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jawort.proof.ConsentHistory;
import org.jawort.proof.ConsentProofs;
import org.jawort.proof.LedgerAnchors;
import org.jawort.proof.ProofPage;
import org.jawort.proof.ProofText;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Consent proved: a record with all its declarations, what held at a moment, and the ledger's head.
 */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}")
final class ProofController {

    private static final Logger LOG = LoggerFactory.getLogger(ProofController.class);

    /** What held then, of one person. */
    record HeldAt(UUID subjectId, Instant at, List<ConsentHistory.Held> consents) {}

    /** How far the ledger reaches, and what its anchors are signed with. */
    record LedgerView(
            long chainIndex,
            String entryHash,
            String algorithm,
            String publicKey,
            AnchorView anchor) {}

    record AnchorView(String date, long chainIndex, String entryHash, String signature) {}

    private enum Form {
        JSON,
        PAGE,
        TEXT
    }

    private final ConsentProofs proofs;
    private final ConsentHistory history;
    private final LedgerAnchors anchors;
    private final Tenants tenants;
    private final TenantScope scope;
    private final Answers answers;
    private final InstantSource clock;

    ProofController(
            ConsentProofs proofs,
            ConsentHistory history,
            LedgerAnchors anchors,
            Tenants tenants,
            TenantScope scope,
            Answers answers,
            InstantSource clock) {
        this.proofs = proofs;
        this.history = history;
        this.anchors = anchors;
        this.tenants = tenants;
        this.scope = scope;
        this.answers = answers;
        this.clock = clock;
    }

    @GetMapping("/consents/{id}/proof")
    ResponseEntity<byte[]> proof(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @PathVariable("id") String id,
            @RequestHeader(name = HttpHeaders.ACCEPT, required = false) String accept) {
        String lang = call.query().only("lang").word("lang", Set.of("de", "en"));
        UUID record = Query.id(id);
        ObjectNode proof =
                scope.call(
                        call.tenant(),
                        () -> {
                            ObjectNode found =
                                    proofs.of(call.tenant(), record)
                                            .orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
                            open(call, UUID.fromString(found.get("pii_principal_id").asText()));
                            return found;
                        });
        LOG.info(
                "api.content_read tenant={} key={} consent={}",
                call.tenant(),
                call.keyId(),
                record);
        return switch (form(accept)) {
            case JSON -> answers.ok(proof);
            case PAGE -> page(proof, language(call, lang));
            case TEXT -> text(proof, language(call, lang));
        };
    }

    private void open(ApiCall call, UUID subject) {
        if (!call.restricted() && proofs.isRestricted(call.tenant(), subject)) {
            throw new ApiProblem(Problem.RESTRICTED);
        }
    }

    private ProofPage.Language language(ApiCall call, String asked) {
        String language = Optional.ofNullable(asked).orElse(tenants.get(call.tenant()).language());
        return language.equals("de") ? ProofPage.Language.DE : ProofPage.Language.EN;
    }

    private HttpHeaders headers(String type, ProofPage.Language language) {
        HttpHeaders headers = answers.headers(200);
        headers.set(HttpHeaders.CONTENT_TYPE, type + ";charset=UTF-8");
        headers.set(HttpHeaders.CONTENT_LANGUAGE, language.name().toLowerCase(Locale.ROOT));
        return headers;
    }

    private ResponseEntity<byte[]> text(ObjectNode proof, ProofPage.Language language) {
        return ResponseEntity.ok()
                .headers(headers(MediaType.TEXT_PLAIN_VALUE, language))
                .body(ProofText.of(proof, language));
    }

    private ResponseEntity<byte[]> page(ObjectNode proof, ProofPage.Language language) {
        HttpHeaders headers = headers(MediaType.TEXT_HTML_VALUE, language);
        headers.set("Content-Security-Policy", ProofPage.CONTENT_SECURITY_POLICY);
        headers.set("Referrer-Policy", "no-referrer");
        return ResponseEntity.ok().headers(headers).body(ProofPage.of(proof, language));
    }

    /** JSON unless page or text is asked for by name and liked no less; of both the page. */
    private static Form form(String accept) {
        if (accept == null) {
            return Form.JSON;
        }
        try {
            List<MediaType> types = MediaType.parseMediaTypes(accept);
            double page = quality(types, MediaType.TEXT_HTML);
            double text = quality(types, MediaType.TEXT_PLAIN);
            double best = Math.max(page, text);
            if (best == 0 || best < quality(types, MediaType.APPLICATION_JSON)) {
                return Form.JSON;
            }
            return page >= text ? Form.PAGE : Form.TEXT;
        } catch (InvalidMediaTypeException unreadable) {
            return Form.JSON;
        }
    }

    private static double quality(List<MediaType> types, MediaType wanted) {
        return types.stream()
                .filter(type -> type.equalsTypeAndSubtype(wanted))
                .mapToDouble(MediaType::getQualityValue)
                .max()
                .orElse(0);
    }

    @GetMapping("/consents")
    ResponseEntity<byte[]> at(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        Query query = call.query().only("subject", "at");
        UUID subject = query.uuid("subject");
        if (subject == null) {
            throw new ApiProblem(Problem.INVALID_PARAMETER);
        }
        return heldAt(call, subject, Optional.ofNullable(query.time("at")).orElse(clock.instant()));
    }

    /** Also of a person who was erased, of whom the ledger still knows by an id. */
    ResponseEntity<byte[]> heldAt(ApiCall call, UUID subject, Instant at) {
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> {
                            if (!history.knows(call.tenant(), subject)) {
                                throw new ApiProblem(Problem.NOT_FOUND);
                            }
                            open(call, subject);
                            return new HeldAt(subject, at, history.at(call.tenant(), subject, at));
                        }));
    }

    @GetMapping("/ledger")
    ResponseEntity<byte[]> ledger(@RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call) {
        call.query().only();
        return answers.ok(
                scope.call(
                        call.tenant(),
                        () -> {
                            LedgerAnchors.Head head = anchors.head(call.tenant());
                            return new LedgerView(
                                    head.chainIndex(),
                                    head.entryHash(),
                                    "Ed25519",
                                    Base64.getEncoder()
                                            .encodeToString(anchors.publicKey(call.tenant())),
                                    anchors.newest(call.tenant())
                                            .map(
                                                    anchor ->
                                                            new AnchorView(
                                                                    anchor.date().toString(),
                                                                    anchor.position(),
                                                                    anchor.entryHash(),
                                                                    Base64.getEncoder()
                                                                            .encodeToString(
                                                                                    anchor
                                                                                            .signature())))
                                            .orElse(null));
                        }));
    }
}
