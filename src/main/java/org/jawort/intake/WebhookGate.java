package org.jawort.intake;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;

/**
 * Takes everything under {@code /webhooks/}: finds the account by path alone, takes the exact bytes
 * and eleven headers, and hands these to the provider's intake route. Nothing else of a request
 * gets any further, so that no header, query or form parameter can become identity, topic or URL
 * (C1, C2, S1, S2).
 *
 * <p>Answers 404 for an unknown account, 405, 413 beyond the size cap and 415 for an encoding or
 * content type the provider does not use, 503 while its route does not run, where there is no room
 * for the body and where it broke off, all without a body.
 */
final class WebhookGate extends HttpFilter {

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

    private final Tenants tenants;
    private final String publicUrl;
    private final int maxBodyBytes;
    private final long maxWebhookBytes;
    private final BodyRoom room;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final WebhookRoutes routes;
    private final String retryAfter;

    /**
     * @param publicUrl scheme, host and perhaps port as the providers call it, without a trailing
     *     slash
     */
    WebhookGate(
            Tenants tenants,
            String publicUrl,
            int maxBodyBytes,
            long maxWebhookBytes,
            BodyRoom room,
            InstantSource clock,
            MeterRegistry meters,
            WebhookRoutes routes,
            int retryAfterSeconds) {
        this.tenants = tenants;
        this.publicUrl = publicUrl;
        this.maxBodyBytes = maxBodyBytes;
        this.maxWebhookBytes = maxWebhookBytes;
        this.room = room;
        this.clock = clock;
        this.meters = meters;
        this.routes = routes;
        this.retryAfter = String.valueOf(retryAfterSeconds);
    }

    @Override
    protected void doFilter(
            HttpServletRequest request, HttpServletResponse response, FilterChain others)
            throws IOException, ServletException {
        if (request.getDispatcherType() != DispatcherType.ERROR) {
            take(request, response);
        } else if (String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI))
                .startsWith("/webhooks/")) {
            // the web server gave up on a webhook and wants a page of words for it
            answer(
                    response,
                    WebhookAnswer.empty(response.getStatus() < 500 ? response.getStatus() : 503));
        } else {
            others.doFilter(request, response);
        }
    }

    private void take(HttpServletRequest request, HttpServletResponse response) throws IOException {
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
        Optional<WebhookRoutes.Route> route = routes.of(path[2]);
        if (route.isEmpty()) {
            // The web server listens before the routes start and after they stop; a 404 would lose
            // the webhook.
            refuse(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, path[2], "not_ready");
            return;
        }
        if (!route.get().methods().contains(request.getMethod())) {
            response.setHeader("Allow", String.join(", ", new TreeSet<>(route.get().methods())));
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
        try (BodyRoom.Body body = room.read(request.getInputStream(), request.getContentLength())) {
            answer(response, answer(route.get(), account.get(), request, body.bytes()));
        } catch (BodyRoom.Unread unread) {
            // Whoever still listens shall send it again, whole. Where it broke off, the web server
            // has decided on 400 and takes only another error instead.
            count(path[2], unread.reason());
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
    }

    private WebhookAnswer answer(
            WebhookRoutes.Route route, Account account, HttpServletRequest request, byte[] body) {
        if (body.length > maxBodyBytes) {
            count(account.provider(), "size");
            return WebhookAnswer.empty(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
        }
        if (!expectedContentType(route, request, body)) {
            count(account.provider(), "content_type");
            return WebhookAnswer.empty(HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE);
        }
        WebhookRequest webhook = webhook(request, body);
        if (webhook.bytes() > maxWebhookBytes) {
            count(account.provider(), "size");
            return WebhookAnswer.empty(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
        }
        return route.run(new Arrival(account, webhook));
    }

    private static boolean expectedContentType(
            WebhookRoutes.Route route, HttpServletRequest request, byte[] body) {
        if (request.getMethod().equals("GET")) {
            return body.length == 0;
        }
        String contentType = request.getContentType();
        if (contentType == null) {
            return false;
        }
        if (route.contentTypes().contains(contentType)) {
            return true;
        }
        String type = FormPairs.mediaType(contentType);
        String charset = contentType.toLowerCase(Locale.ROOT).replaceAll("[\"' ]", "");
        boolean utf8 = !charset.contains("charset=") || charset.contains("charset=utf-8");
        return utf8 && route.contentTypes().contains(type);
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

    private void refuse(HttpServletResponse response, int status, String provider, String reason)
            throws IOException {
        count(provider, reason);
        answer(response, WebhookAnswer.empty(status));
    }

    private void count(String provider, String reason) {
        meters.counter("jawort.webhooks.rejected", "provider", provider, "reason", reason)
                .increment();
    }

    private void answer(HttpServletResponse response, WebhookAnswer answer) throws IOException {
        response.setStatus(answer.status());
        if (answer.status() == HttpServletResponse.SC_SERVICE_UNAVAILABLE) {
            response.setHeader("Retry-After", retryAfter);
        }
        if (answer.contentType() != null) {
            response.setContentType(answer.contentType());
        }
        response.setContentLength(answer.body().length);
        response.getOutputStream().write(answer.body());
    }

    /** What the gate hands to the route. */
    record Arrival(Account account, WebhookRequest request) {}
}
