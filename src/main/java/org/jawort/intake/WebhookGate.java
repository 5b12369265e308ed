package org.jawort.intake;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Stands before everything under {@code /webhooks/}: finds the account by path alone, takes the
 * exact bytes, and hides the rest of the request from the routes, so that no header, query or form
 * parameter can become identity, topic or URL (C1, C2, S1, S2).
 *
 * <p>Answers 404 for an unknown account, 405, 413 beyond the size cap and 415 for an encoding or
 * content type the provider does not use, 503 while the routes behind it do not run, all without a
 * body.
 */
public final class WebhookGate extends OncePerRequestFilter {

    static final String ARRIVAL = "jawort.arrival";

    /** What signatures need, and what mappings may see beside them. */
    private static final Set<String> HEADERS =
            Set.of(
                    "authorization",
                    "content-type",
                    "i-twilio-idempotency-token",
                    "messagebird-request-timestamp",
                    "messagebird-signature",
                    "messagebird-signature-jwt",
                    "webhook-id",
                    "webhook-signature",
                    "webhook-timestamp",
                    "x-api-key",
                    "x-twilio-signature");

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String JSON = "application/json";

    private enum Provider {
        TWILIO(Set.of("GET", "POST"), Set.of(FORM, JSON)),
        MESSAGEBIRD(Set.of("GET", "POST"), Set.of(FORM, JSON)),
        VONAGE(Set.of("GET", "POST"), Set.of(FORM, JSON)),
        SMOOCH(Set.of("POST"), Set.of(JSON));

        final Set<String> methods;
        final Set<String> contentTypes;

        Provider(Set<String> methods, Set<String> contentTypes) {
            this.methods = methods;
            this.contentTypes = contentTypes;
        }
    }

    private final Tenants tenants;
    private final String publicUrl;
    private final int maxBodyBytes;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final BooleanSupplier ready;
    private final int retryAfterSeconds;

    /**
     * @param publicUrl scheme, host and perhaps port as the providers call it, without a trailing
     *     slash
     * @param ready whether the routes behind the gate take webhooks: the web server listens before
     *     they start and after they stop, and would answer 404, for which providers drop a webhook
     */
    public WebhookGate(
            Tenants tenants,
            String publicUrl,
            int maxBodyBytes,
            InstantSource clock,
            MeterRegistry meters,
            BooleanSupplier ready,
            int retryAfterSeconds) {
        this.tenants = tenants;
        this.publicUrl = publicUrl;
        this.maxBodyBytes = maxBodyBytes;
        this.clock = clock;
        this.meters = meters;
        this.ready = ready;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // /webhooks/{provider}/{tenant}/{account}, compared undecoded: %2e, ; and the like name no
        // account.
        String[] path = request.getRequestURI().split("/", -1);
        Optional<Account> account =
                path.length == 5 && path[1].equals("webhooks")
                        ? tenants.account(path[3], path[4])
                                .filter(found -> found.provider().equals(path[2]))
                        : Optional.empty();
        if (account.isEmpty()) {
            refuse(response, HttpServletResponse.SC_NOT_FOUND, "unknown", "account");
            return;
        }
        if (!ready.getAsBoolean()) {
            response.setHeader("Retry-After", String.valueOf(retryAfterSeconds));
            refuse(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, path[2], "not_ready");
            return;
        }
        Provider provider = Provider.valueOf(account.get().provider().toUpperCase(Locale.ROOT));
        if (!provider.methods.contains(request.getMethod())) {
            response.setHeader("Allow", String.join(", ", provider.methods));
            refuse(response, HttpServletResponse.SC_METHOD_NOT_ALLOWED, path[2], "method");
            return;
        }
        if (request.getHeader("Content-Encoding") != null) {
            refuse(response, HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE, path[2], "encoding");
            return;
        }
        if (request.getContentLengthLong() > maxBodyBytes) {
            refuse(response, HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE, path[2], "size");
            return;
        }
        byte[] body = request.getInputStream().readNBytes(maxBodyBytes + 1);
        if (body.length > maxBodyBytes) {
            refuse(response, HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE, path[2], "size");
            return;
        }
        if (!expectedContentType(provider, request, body)) {
            refuse(
                    response,
                    HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE,
                    path[2],
                    "content_type");
            return;
        }
        request.setAttribute(ARRIVAL, new Arrival(account.get(), webhook(request, body)));
        chain.doFilter(new Blank(request), response);
    }

    private static boolean expectedContentType(
            Provider provider, HttpServletRequest request, byte[] body) {
        if (request.getMethod().equals("GET")) {
            return body.length == 0;
        }
        String contentType = request.getContentType();
        if (contentType == null) {
            return false;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String charset = contentType.toLowerCase(Locale.ROOT).replaceAll("[\"' ]", "");
        boolean utf8 = !charset.contains("charset=") || charset.contains("charset=utf-8");
        return utf8 && provider.contentTypes.contains(type);
    }

    private WebhookRequest webhook(HttpServletRequest request, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : HEADERS) {
            Enumeration<String> values = request.getHeaders(name);
            if (values.hasMoreElements()) {
                String value = values.nextElement();
                // Two values of a header that authenticates would leave it to chance which one
                // counts.
                headers.put(name, values.hasMoreElements() ? "" : value);
            }
        }
        String query = request.getQueryString();
        String url = publicUrl + request.getRequestURI() + (query == null ? "" : "?" + query);
        return new WebhookRequest(
                request.getMethod(),
                url,
                query,
                request.getContentType(),
                headers,
                body,
                clock.instant());
    }

    private void refuse(HttpServletResponse response, int status, String provider, String reason) {
        meters.counter("jawort.webhooks.rejected", "provider", provider, "reason", reason)
                .increment();
        response.setStatus(status);
        response.setContentLength(0);
    }

    /** What the gate hands to the route. */
    record Arrival(Account account, WebhookRequest request) {}

    /**
     * A request with nothing in it: its parts were taken out, and nobody behind the gate may look
     * for them.
     */
    private static final class Blank extends HttpServletRequestWrapper {

        Blank(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() {
            InputStream nothing = InputStream.nullInputStream();
            return new ServletInputStream() {
                @Override
                public boolean isFinished() {
                    return true;
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    throw new IllegalStateException("the body was read before the route");
                }

                @Override
                public int read() throws IOException {
                    return nothing.read();
                }
            };
        }

        @Override
        public BufferedReader getReader() {
            return new BufferedReader(Reader.nullReader());
        }

        @Override
        public int getContentLength() {
            return 0;
        }

        @Override
        public long getContentLengthLong() {
            return 0;
        }

        @Override
        public String getContentType() {
            return null;
        }

        @Override
        public String getQueryString() {
            return null;
        }

        @Override
        public String getHeader(String name) {
            return null;
        }

        @Override
        public Enumeration<String> getHeaders(String name) {
            return Collections.emptyEnumeration();
        }

        @Override
        public Enumeration<String> getHeaderNames() {
            return Collections.emptyEnumeration();
        }

        @Override
        public String getParameter(String name) {
            return null;
        }

        @Override
        public Map<String, String[]> getParameterMap() {
            return Map.of();
        }

        @Override
        public Enumeration<String> getParameterNames() {
            return Collections.emptyEnumeration();
        }

        @Override
        public String[] getParameterValues(String name) {
            return null;
        }
    }
}
