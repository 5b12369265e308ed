package org.jawort.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.jawort.media.MediaLinks;
import org.jawort.media.MediaReader;
import org.jawort.tenant.Tenants;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * The file behind a link of an event, for whoever has the link. Neither path nor query is ever
 * logged.
 */
@RestController
final class MediaLinkController {

    private static final String SOON = "5";

    private final MediaLinks links;
    private final MediaReader reader;
    private final Tenants tenants;
    private final Answers answers;

    MediaLinkController(MediaLinks links, MediaReader reader, Tenants tenants, Answers answers) {
        this.answers = answers;
        this.links = links;
        this.reader = reader;
        this.tenants = tenants;
    }

    @GetMapping("/media/{tenant}/{id}")
    ResponseEntity<StreamingResponseBody> read(
            @PathVariable("tenant") String tenant,
            @PathVariable("id") String id,
            HttpServletRequest request) {
        MediaLinks.State link = MediaLinks.State.FORGED;
        if (Query.isId(id) && tenants.all().stream().anyMatch(one -> one.id().equals(tenant))) {
            link = check(tenant, UUID.fromString(id), request.getQueryString());
        }
        return switch (link) {
            case FORGED -> none(Problem.NOT_FOUND, false);
            case EXPIRED -> none(Problem.LINK_EXPIRED, false);
            case GOOD -> file(tenant, UUID.fromString(id));
        };
    }

    private MediaLinks.State check(String tenant, UUID file, String query) {
        // exactly as the hub wrote it: nothing is decoded, nothing may stand beside it
        String[] parts = query == null ? new String[0] : query.split("&", -1);
        boolean isALink =
                parts.length == 2
                        && parts[0].matches("expires=[0-9]{1,12}")
                        && parts[1].matches("signature=[A-Za-z0-9_-]{43}");
        return isALink
                ? links.check(
                        tenant,
                        file,
                        parts[0].substring("expires=".length()),
                        parts[1].substring("signature=".length()))
                : MediaLinks.State.FORGED;
    }

    private ResponseEntity<StreamingResponseBody> file(String tenant, UUID file) {
        return switch (reader.state(tenant, file)) {
            case STORED ->
                    reader.open(tenant, file)
                            .map(FileAnswers::of)
                            .orElseGet(() -> none(Problem.NOT_FOUND, false));
            case WAITING -> none(Problem.NOT_FOUND, true);
            case NOT_THERE -> none(Problem.NOT_FOUND, false);
        };
    }

    /**
     * @param isSoon whether there may be a file before long
     */
    private ResponseEntity<StreamingResponseBody> none(Problem problem, boolean isSoon) {
        byte[] body = answers.bytes(problem);
        HttpHeaders headers = answers.headers(problem.status());
        if (isSoon) {
            headers.set(HttpHeaders.RETRY_AFTER, SOON);
        }
        return ResponseEntity.status(problem.status())
                .headers(headers)
                .body(out -> out.write(body));
    }
}
