package org.jawort.api;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.jawort.rights.DownloadPage;
import org.jawort.rights.RequestDownloads;
import org.jawort.rights.RequestDownloads.Collected;
import org.jawort.rights.RequestDownloads.State;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Where a person collects the answer to their request (DSR-6), for whoever has the link. A GET
 * shows a page with a button, because chats and mail programs open links by themselves to preview
 * them; the button's POST gives the answer, once. Neither path nor token is ever logged.
 */
@RestController
@RequestMapping("/requests/download/{token}")
final class DownloadController {

    private final RequestDownloads downloads;

    DownloadController(RequestDownloads downloads) {
        this.downloads = downloads;
    }

    @GetMapping
    ResponseEntity<byte[]> look(@PathVariable("token") String token) throws IOException {
        StringWriter page = new StringWriter();
        State state = downloads.look(token, page);
        return page(state, page);
    }

    private static ResponseEntity<byte[]> page(State state, StringWriter page) {
        int status =
                switch (state) {
                    case READY -> 200;
                    case NOT_YET -> 202;
                    case GONE -> 404;
                };
        HttpHeaders headers = headers("text/html;charset=UTF-8");
        headers.set("Content-Security-Policy", DownloadPage.CONTENT_SECURITY_POLICY);
        return ResponseEntity.status(status)
                .headers(headers)
                .body(page.toString().getBytes(StandardCharsets.UTF_8));
    }

    @PostMapping
    ResponseEntity<StreamingResponseBody> collect(@PathVariable("token") String token)
            throws IOException {
        Collected collected = downloads.collect(token).orElse(null);
        if (collected == null) {
            StringWriter page = new StringWriter();
            ResponseEntity<byte[]> gone = page(downloads.look(token, page), page);
            return ResponseEntity.status(gone.getStatusCode())
                    .headers(gone.getHeaders())
                    .body(out -> out.write(gone.getBody()));
        }
        HttpHeaders headers = headers(MediaType.valueOf("application/zip").toString());
        headers.setContentDisposition(
                ContentDisposition.attachment().filename(collected.fileName()).build());
        return ResponseEntity.ok().headers(headers).body(collected.content()::write);
    }

    private static HttpHeaders headers(String type) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.CONTENT_TYPE, type);
        headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Robots-Tag", "noindex");
        return headers;
    }
}
