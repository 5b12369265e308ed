package org.jawort.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import org.jawort.opendsr.OpenDsr;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Where processors tell how far an erasure is (DSR-10). No key opens it: what counts is the
 * signature over the bytes as they came.
 */
@RestController
@RequestMapping("/opendsr/callbacks/{tenant}/{destination}")
final class OpenDsrController {

    private final OpenDsr openDsr;
    private final Answers answers;

    OpenDsrController(OpenDsr openDsr, Answers answers) {
        this.openDsr = openDsr;
        this.answers = answers;
    }

    @PostMapping
    ResponseEntity<byte[]> take(
            @PathVariable("tenant") String tenant,
            @PathVariable("destination") String destination,
            HttpServletRequest request)
            throws IOException {
        byte[] body = request.getInputStream().readNBytes(OpenDsr.MAX_BYTES + 1);
        boolean isTaken =
                body.length <= OpenDsr.MAX_BYTES
                        && openDsr.callback(
                                tenant,
                                destination,
                                request.getHeader(OpenDsr.DOMAIN),
                                request.getHeader(OpenDsr.SIGNATURE),
                                body);
        if (!isTaken) {
            throw new ApiProblem(Problem.NOT_AUTHENTIC);
        }
        return answers.of(202, answers.bytes(Map.of("status", "taken")));
    }
}
