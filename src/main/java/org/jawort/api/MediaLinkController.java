package org.jawort.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.jawort.media.MediaLinks;
import org.jawort.media.MediaReader;
import org.jawort.tenant.Tenants;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
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

    MediaLinkController(MediaLinks links, MediaReader reader, Tenants tenants) {
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
            case FORGED -> empty(HttpStatus.NOT_FOUND).build();
            case EXPIRED -> empty(HttpStatus.GONE).build();
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
                            .orElseGet(() -> empty(HttpStatus.NOT_FOUND).build());
            case WAITING ->
                    empty(HttpStatus.NOT_FOUND).header(HttpHeaders.RETRY_AFTER, SOON).build();
            case NOT_THERE -> empty(HttpStatus.NOT_FOUND).build();
        };
    }

    private static ResponseEntity.BodyBuilder empty(HttpStatus status) {
        return ResponseEntity.status(status)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("X-Content-Type-Options", "nosniff");
    }
}
