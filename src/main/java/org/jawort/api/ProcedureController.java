package org.jawort.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jawort.document.ArchiveProcedures;
import org.jawort.document.ArchiveProcedures.Procedure;
import org.jawort.document.ArchiveProcedures.Version;
import org.jawort.document.ProcedureDocument;
import org.jawort.store.TenantScope;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * How the tenant's archives are fed, in each version there was (RET-11): it tells what is kept
 * where, so it is for keys that are {@code restricted: true} only.
 */
@RestController
@RequestMapping("/api/v1/tenants/{tenant}/archive-procedure")
final class ProcedureController {

    /**
     * @param until {@code null} while in force
     * @param history newest first
     */
    record View(
            int version,
            String sha256,
            Instant since,
            Instant until,
            JsonNode description,
            List<Past> history) {}

    record Past(int version, String sha256, Instant since) {}

    private final ArchiveProcedures procedures;
    private final TenantScope scope;
    private final Answers answers;

    ProcedureController(ArchiveProcedures procedures, TenantScope scope, Answers answers) {
        this.procedures = procedures;
        this.scope = scope;
        this.answers = answers;
    }

    @GetMapping
    ResponseEntity<byte[]> read(
            @RequestAttribute(ApiCall.ATTRIBUTE) ApiCall call,
            @RequestHeader(name = HttpHeaders.ACCEPT, required = false) String accept) {
        Long number = call.query().only("version").number("version");
        return scope.call(
                call.tenant(),
                () -> {
                    Optional<Procedure> found = procedures.find(call.tenant(), number);
                    if (!call.restricted()) {
                        throw new ApiProblem(Problem.RESTRICTED);
                    }
                    Procedure procedure =
                            found.orElseThrow(() -> new ApiProblem(Problem.NOT_FOUND));
                    return answer(procedure, procedures.versions(call.tenant()), accept);
                });
    }

    private ResponseEntity<byte[]> answer(
            Procedure procedure, List<Version> history, String accept) {
        String wanted = accept == null ? "" : accept;
        if (wanted.contains("text/html")) {
            return page("text/html", ProcedureDocument.of(procedure, history).html());
        }
        if (wanted.contains("text/markdown")) {
            return page("text/markdown", ProcedureDocument.of(procedure, history).markdown());
        }
        Version version = procedure.version();
        return answers.ok(
                new View(
                        version.number(),
                        version.sha256(),
                        version.since(),
                        procedure.until(),
                        procedure.description(),
                        history.stream()
                                .map(one -> new Past(one.number(), one.sha256(), one.since()))
                                .toList()));
    }

    private ResponseEntity<byte[]> page(String type, byte[] text) {
        HttpHeaders headers = answers.headers(200);
        headers.set(HttpHeaders.CONTENT_TYPE, type + ";charset=UTF-8");
        headers.set(HttpHeaders.CONTENT_LANGUAGE, "de");
        headers.set("Content-Security-Policy", ProcedureDocument.CONTENT_SECURITY_POLICY);
        headers.set("Referrer-Policy", "no-referrer");
        return ResponseEntity.ok().headers(headers).body(text);
    }
}
