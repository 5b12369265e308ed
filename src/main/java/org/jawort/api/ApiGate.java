package org.jawort.api;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Stands before everything under {@code /api/v1/}: only the header {@code Authorization: Bearer}
 * opens it, only for the tenant of the path, and only with a body of bounded size. Another tenant's
 * path is answered as one that does not exist (S14), whether or not the tenant does.
 */
final class ApiGate extends OncePerRequestFilter {

    /**
     * Compared undecoded, so that no %2e, ; or // makes one path of this gate another of the
     * controllers.
     */
    private static final Pattern PATH =
            Pattern.compile(
                    "/api/v1/tenants/([a-z0-9-]+)(?:/(?:[A-Za-z0-9:-]|%3[Aa])+)+"); // a colon in

    // send:<account>

    private static final Pattern BEARER =
            Pattern.compile("bearer ([\\x21-\\x7e]{1,512})", Pattern.CASE_INSENSITIVE);

    private final ApiKeys keys;
    private final FailedKeys failed;
    private final int maxBodyBytes;
    private final Answers answers;
    private final MeterRegistry meters;

    ApiGate(
            ApiKeys keys,
            FailedKeys failed,
            int maxBodyBytes,
            Answers answers,
            MeterRegistry meters) {
        this.keys = keys;
        this.failed = failed;
        this.maxBodyBytes = maxBodyBytes;
        this.answers = answers;
        this.meters = meters;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            request.setAttribute(ApiCall.ATTRIBUTE, admit(request));
        } catch (ApiProblem refused) {
            refuse(response, refused.problem());
            return;
        }
        chain.doFilter(request, response);
    }

    private ApiCall admit(HttpServletRequest request) throws IOException {
        Matcher path = PATH.matcher(request.getRequestURI());
        String tenant = path.matches() ? path.group(1) : null;
        Optional<ApiKeys.Owner> owner = bearer(request).flatMap(key -> keys.owner(key, tenant));
        if (owner.isEmpty()) {
            // Only here: behind a proxy all callers have one address, and whoever has no key must
            // not shut out those who have.
            boolean tooMany = failed.count(request.getRemoteAddr());
            throw new ApiProblem(tooMany ? Problem.TOO_MANY_FAILED_KEYS : Problem.UNAUTHORIZED);
        }
        if (!owner.get().tenant().equals(tenant)) {
            throw new ApiProblem(Problem.NOT_FOUND);
        }
        return new ApiCall(
                tenant,
                owner.get().key().id(),
                owner.get().key().writer(),
                owner.get().key().restricted(),
                request.getRequestURI(),
                Query.parse(request.getQueryString()),
                Collections.list(request.getHeaders("Idempotency-Key")),
                request.getMethod().equals("POST") ? body(request) : new byte[0]);
    }

    /** Two headers would leave it to chance which of them counts. */
    private static Optional<String> bearer(HttpServletRequest request) {
        List<String> headers = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
        if (headers.size() != 1) {
            return Optional.empty();
        }
        Matcher bearer = BEARER.matcher(headers.getFirst().strip());
        return bearer.matches() ? Optional.of(bearer.group(1)) : Optional.empty();
    }

    private byte[] body(HttpServletRequest request) throws IOException {
        String contentType =
                request.getContentType() == null
                        ? ""
                        : request.getContentType().toLowerCase(Locale.ROOT).replace(" ", "");
        boolean isJson =
                contentType.matches("application/json(;charset=\"?utf-8\"?)?")
                        && request.getHeader(HttpHeaders.CONTENT_ENCODING) == null;
        if (!isJson) {
            throw new ApiProblem(Problem.UNSUPPORTED_MEDIA_TYPE);
        }
        if (request.getContentLengthLong() > maxBodyBytes) {
            throw new ApiProblem(Problem.BODY_TOO_LARGE);
        }
        byte[] body = request.getInputStream().readNBytes(maxBodyBytes + 1);
        if (body.length > maxBodyBytes) {
            throw new ApiProblem(Problem.BODY_TOO_LARGE);
        }
        return body;
    }

    private void refuse(HttpServletResponse response, Problem problem) throws IOException {
        meters.counter("jawort.api.refused", "code", problem.code()).increment();
        response.setStatus(problem.status());
        answers.headers(problem.status())
                .forEach((name, values) -> response.setHeader(name, values.getFirst()));
        response.getOutputStream().write(answers.bytes(problem));
    }
}
