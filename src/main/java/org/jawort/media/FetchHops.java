package org.jawort.media;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.hc.core5.http.io.EofSensorInputStream;
import org.jawort.delivery.RetryAfter;
import org.jawort.sending.Authentication;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;

/**
 * The requests of a fetch, hop by hop. A URL is what a webhook or a redirect says, so each is
 * checked before it is asked: HTTPS on its own port, a name among the hosts the route lists, the
 * account's credentials for the provider's own hosts alone (S10, S11). Registered as {@code
 * mediaHops}.
 */
public final class FetchHops {

    /** Set by the route: hosts of the provider, which get the credentials. */
    static final String HOSTS = "jawort.media.hosts";

    /** Set by the route: hosts a redirect may lead to, which get none. */
    static final String FOLLOWED = "jawort.media.followed";

    /** Set by the route: how long the provider keeps a file, ISO 8601. */
    static final String KEEPS = "jawort.media.keeps";

    /** Set by the route: hosts that answer with JSON in which the link to the file stands. */
    static final String LINKING = "jawort.media.linking";

    /** Set by the route with {@link #LINKING}: where in it, a JSON pointer. */
    static final String LINK = "jawort.media.link";

    private static final Pattern NAME =
            Pattern.compile(
                    "(?!.{254})([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}");

    /** Scheme and authority, if there are any; path and query; what nobody is asked for. */
    private static final Pattern PARTS =
            Pattern.compile(
                    "((?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?([^#]*)(?:#.*)?", Pattern.DOTALL);

    private static final Pattern FORBIDDEN =
            Pattern.compile("[^A-Za-z0-9._~:/?@!$&'()*+,;=%-]|%(?![0-9A-Fa-f]{2})");
    private static final int HTTPS = 443;
    private static final int LARGEST_JSON = 64 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileIntake intake;
    private final InstantSource clock;
    private final URI standIn;
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, Optional<Authentication>> authentications = new HashMap<>();

    /**
     * @param standIn asked instead of every host, {@code null} for none
     */
    FetchHops(Tenants tenants, FileIntake intake, InstantSource clock, URI standIn) {
        this.intake = intake;
        this.clock = clock;
        this.standIn = standIn;
        tenants.all().stream()
                .flatMap(tenant -> tenant.accounts().values().stream())
                .forEach(
                        account -> {
                            String key = account.tenant() + "/" + account.id();
                            accounts.put(key, account);
                            authentications.put(key, Authentication.of(account));
                        });
    }

    /**
     * Makes body and headers of the exchange the next request's; all other headers are gone.
     *
     * @throws FetchFailed if the URL is none that may be asked
     */
    public void prepare(Exchange exchange) throws FetchFailed {
        Fetch fetch = exchange.getProperty(Fetch.PROPERTY, Fetch.class);
        String key = fetch.claim.tenant() + "/" + fetch.claim.account();
        fetch.keeps = Duration.parse(exchange.getProperty(KEEPS, String.class));
        URI url = url(fetch.hop());
        String host = url.getHost();
        boolean isProviders =
                lists(exchange, HOSTS, host)
                        || Arrays.asList(
                                        accounts.get(key)
                                                .setting("mediaHosts", "")
                                                .trim()
                                                .split("\\s+"))
                                .contains(host);
        if (!isProviders && (fetch.isFirstHop() || !lists(exchange, FOLLOWED, host))) {
            throw new FetchFailed(FetchFault.HOST_NOT_ALLOWED);
        }
        if (!isProviders) {
            fetch.dropCredentials();
        }
        fetch.at = url;
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setBody(null);
        message.setHeader(Exchange.HTTP_METHOD, "GET");
        message.setHeader(Exchange.HTTP_URI, asked(url));
        message.setHeader("Accept", "*/*");
        if (isProviders && fetch.hasCredentials()) {
            authentications
                    .get(key)
                    .ifPresent(
                            one -> message.setHeader("Authorization", one.header(clock.instant())));
        }
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true); // we did not ask for any
    }

    /** What a URL must be, whoever told it: no address instead of a name, in whatever notation. */
    private static URI url(String told) throws FetchFailed {
        URI url;
        try {
            url = told == null ? null : new URI(written(told));
        } catch (java.net.URISyntaxException unreadable) {
            throw FetchFailed.forGood(FetchFault.HOST_NOT_ALLOWED);
        }
        if (url == null) {
            throw new FetchFailed(FetchFault.NO_URL);
        }
        boolean isAskable =
                "https".equals(url.getScheme())
                        && url.getHost() != null
                        && url.getRawUserInfo() == null
                        && (url.getPort() == -1 || url.getPort() == HTTPS)
                        && NAME.matcher(url.getHost()).matches();
        if (!isAskable) {
            throw FetchFailed.forGood(FetchFault.HOST_NOT_ALLOWED);
        }
        return url;
    }

    /**
     * The URL as RFC 3986 has it, as browsers would ask for it too: the host in small letters, and
     * in path and query what may not stand there as UTF-8, percent-encoded. Scheme and authority
     * are otherwise as they were told; what is wrong with them stays wrong.
     */
    private static String written(String told) {
        Matcher parts = PARTS.matcher(told);
        if (!parts.matches()) {
            throw new IllegalStateException("every text has parts");
        }
        String authority = parts.group(1) == null ? "" : parts.group(1).toLowerCase(Locale.ROOT);
        return authority
                + FORBIDDEN
                        .matcher(parts.group(2))
                        .replaceAll(
                                one -> URLEncoder.encode(one.group(), UTF_8).replace("+", "%20"));
    }

    /** In a list of names and of {@code *.name} for what lies below one. */
    private static boolean lists(Exchange exchange, String property, String host) {
        return Arrays.stream(exchange.getProperty(property, "", String.class).trim().split("\\s+"))
                .anyMatch(
                        one ->
                                one.startsWith("*.")
                                        ? host.endsWith(one.substring(1))
                                        : host.equals(one));
    }

    private String asked(URI url) {
        String path =
                (url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath())
                        + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
        return standIn == null
                ? "https://" + url.getHost() + path
                : standIn.toString().replaceAll("/$", "") + "/" + url.getHost() + path;
    }

    /** The host answered: with the file, with where it is, or with why it is not there. */
    public void read(Exchange exchange) throws IOException {
        Fetch fetch = exchange.getProperty(Fetch.PROPERTY, Fetch.class);
        Message message = exchange.getMessage();
        InputStream body = message.getBody(InputStream.class);
        try {
            answered(exchange, fetch, message, body);
        } finally {
            abort(body);
            message.removeHeaders("*"); // the request's credentials among them
            message.setBody(null);
        }
        exchange.setProperty(Fetch.MORE, fetch.hasNext());
    }

    private void answered(Exchange exchange, Fetch fetch, Message message, InputStream body)
            throws IOException {
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        Duration retryAfter =
                RetryAfter.parse(message.getHeader("Retry-After", String.class), clock.instant());
        switch (status) {
            case 200 -> taken(exchange, fetch, message, body);
            case 301, 302, 303, 307, 308 ->
                    fetch.redirect(resolved(fetch.at, message.getHeader("Location", String.class)));
            case 401, 403 -> throw new FetchFailed(FetchFault.UNAUTHORIZED, retryAfter);
            case 404 -> throw new FetchFailed(FetchFault.NOT_FOUND, retryAfter);
            case 410 -> throw new FetchFailed(FetchFault.GONE);
            case 429 -> throw new FetchFailed(FetchFault.RATE_LIMITED, retryAfter);
            default ->
                    throw new FetchFailed(
                            status >= 500 ? FetchFault.PROVIDER_FAULT : FetchFault.REFUSED,
                            retryAfter);
        }
    }

    private void taken(Exchange exchange, Fetch fetch, Message message, InputStream body)
            throws IOException {
        String encoding = message.getHeader(Exchange.CONTENT_ENCODING, String.class);
        if (encoding != null && !encoding.equals("identity")) {
            throw new FetchFailed(FetchFault.PACKED);
        }
        if (body == null) {
            throw new FetchFailed(FetchFault.EMPTY);
        }
        if (lists(exchange, LINKING, fetch.at.getHost())) {
            fetch.redirect(link(body, exchange.getProperty(LINK, String.class)));
            return;
        }
        Long length = length(message.getHeader("Content-Length", String.class));
        if (length != null && length > fetch.maxBytes) {
            throw new FetchFailed(FetchFault.TOO_LARGE);
        }
        fetch.stored = intake.take(fetch, body);
    }

    private static String link(InputStream body, String pointer) throws IOException {
        byte[] bytes = body.readNBytes(LARGEST_JSON);
        try {
            JsonNode link = JSON.readTree(bytes).at(pointer);
            if (link.isTextual()) {
                return link.textValue();
            }
        } catch (IOException noJson) {
            throw new FetchFailed(FetchFault.REFUSED);
        }
        throw new FetchFailed(FetchFault.NOT_FOUND); // not yet
    }

    /** {@code null} where a redirect says nothing one could ask. */
    private static String resolved(URI at, String location) throws FetchFailed {
        try {
            return at.resolve(new URI(location == null ? "" : written(location))).toString();
        } catch (java.net.URISyntaxException unreadable) {
            throw FetchFailed.forGood(FetchFault.HOST_NOT_ALLOWED);
        }
    }

    private static Long length(String header) {
        return header != null && header.matches("[0-9]{1,18}") ? Long.valueOf(header) : null;
    }

    /** Closing would first read to the end, and the end may never come. */
    private static void abort(InputStream body) {
        try {
            if (body instanceof EofSensorInputStream open) {
                open.abort();
            } else if (body != null) {
                body.close();
            }
        } catch (IOException broken) {
            // it is
        }
    }

    /** There was no request, no answer, or none to go on with. */
    public void failed(Exchange exchange) {
        Fetch fetch = exchange.getProperty(Fetch.PROPERTY, Fetch.class);
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        fetch.failed = fault(fetch, cause);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(null);
        exchange.setProperty(Fetch.MORE, false);
    }

    private static FetchFailed fault(Fetch fetch, Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            switch (at) {
                case FetchFailed failed -> {
                    return failed;
                }
                case FetchConnections.AddressRefused refused -> {
                    return new FetchFailed(FetchFault.ADDRESS_REFUSED);
                }
                case SocketTimeoutException slow -> {
                    return new FetchFailed(FetchFault.TIMEOUT);
                }
                default -> {}
            }
        }
        return new FetchFailed(fetch.isLate() ? FetchFault.TIMEOUT : FetchFault.CONNECTION);
    }
}
