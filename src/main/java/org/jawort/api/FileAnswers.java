package org.jawort.api;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jawort.media.MediaReader.OpenFile;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * A file somebody sent, as an answer that no browser shows or runs: saved under a safe name, of the
 * type its bytes have.
 */
final class FileAnswers {

    private FileAnswers() {}

    static ResponseEntity<StreamingResponseBody> of(OpenFile file) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.CONTENT_TYPE, file.contentType());
        headers.setContentLength(file.size());
        headers.setContentDisposition(
                ContentDisposition.attachment()
                        .filename(file.name(), StandardCharsets.UTF_8)
                        .build());
        headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
        headers.set("Cross-Origin-Resource-Policy", "same-site");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Robots-Tag", "noindex");
        return ResponseEntity.ok()
                .headers(headers)
                .body(
                        out -> {
                            try (InputStream content = file.content()) {
                                content.transferTo(out);
                            }
                        });
    }
}
