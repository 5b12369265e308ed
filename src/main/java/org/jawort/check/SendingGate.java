package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jawort.sending.ApiUrls;
import org.jawort.tenant.Account;

/**
 * No route reaches a provider but through the consent filter's decision (FLT-2): one that could
 * begins with {@code decisionGate.check}. What stands in {@code routes/erasing} begins with {@code
 * providerErasures.claim} instead: it can erase and has no way to say anything; and what stands in
 * {@code routes/media} and calls out with {@code mediaFetches.claim}: it only asks for files.
 */
final class SendingGate {

    private static final List<String> CALLS =
            List.of("to", "toD", "wireTap", "enrich", "pollEnrich", "poll");
    private static final List<String> WHERE_THE_MESSAGE_SAYS =
            List.of("recipientList", "routingSlip", "dynamicRouter");
    private static final Set<String> URL_PARAMETERS =
            Set.of("{{apiUrl}}", "{{smsApiUrl}}", "{{eraseApiUrl}}");

    private final List<RouteFile> files;
    private final List<String> accountUrls;

    SendingGate(List<RouteFile> files, List<Account> accounts) {
        this.files = files;
        this.accountUrls =
                accounts.stream()
                        .flatMap(
                                account ->
                                        Stream.of(
                                                account.setting("apiUrl", ""),
                                                account.setting("smsApiUrl", ""),
                                                account.setting("eraseApiUrl", "")))
                        .filter(url -> !url.isEmpty())
                        .toList();
    }

    static boolean isSending(RouteFile file) {
        return file.path().startsWith("routes/sending/");
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        for (RouteFile file : files) {
            if (file.kind().equals("routeConfiguration") || begins(file)) {
                continue;
            }
            if (isSending(file)) {
                findings.add(
                        ungated(file, file.route() + "/from/steps/0", "is a route to a provider"));
            }
            if (isFetching(file)) {
                findings.add(
                        file.finding(
                                file.route() + "/from/steps/0",
                                "fetches and does not begin with mediaFetches.claim",
                                "let the first step be bean mediaFetches, method claim(${exchange}, '{{tenant}}', '{{account}}')"));
            }
            CALLS.stream()
                    .flatMap(step -> file.all(step).stream())
                    .filter(this::reachesAProvider)
                    .forEach(
                            place ->
                                    findings.add(
                                            ungated(file, place.pointer(), "reaches a provider")));
            WHERE_THE_MESSAGE_SAYS.stream()
                    .flatMap(step -> file.all(step).stream())
                    .forEach(
                            place ->
                                    findings.add(
                                            ungated(
                                                    file,
                                                    place.pointer(),
                                                    "goes where a message says, which may be a provider")));
        }
        return findings;
    }

    private static Finding ungated(RouteFile file, String pointer, String problem) {
        return file.finding(
                pointer,
                problem + " and does not begin with decisionGate.check",
                "let the first step be bean decisionGate, method check(${exchange}, '{{tenant}}', '{{account}}')");
    }

    private static boolean begins(RouteFile file) {
        return beginsWith(file, "decisionGate", "check")
                || file.path().startsWith("routes/erasing/")
                        && beginsWith(file, "providerErasures", "claim")
                || file.path().startsWith("routes/media/")
                        && beginsWith(file, "mediaFetches", "claim");
    }

    private static boolean beginsWith(RouteFile file, String bean, String method) {
        JsonNode first = file.yaml().root().at(file.route() + "/from/steps/0/bean");
        return first.path("ref").asText().equals(bean)
                && first.path("method")
                        .asText()
                        .equals(method + "(${exchange}, '{{tenant}}', '{{account}}')");
    }

    /** By what stands there, or because what stands there is only known when a message comes. */
    private boolean reachesAProvider(RouteFile.Place call) {
        String uri = uri(call);
        if (call.key().equals("toD")
                && (uri.startsWith("$") || uri.startsWith("{{") || isHttp(uri))) {
            return true;
        }
        if (!isHttp(uri)) {
            return false;
        }
        String everything = call.value().toString();
        return ApiUrls.nameAProvider(everything)
                || URL_PARAMETERS.stream().anyMatch(everything::contains)
                || accountUrls.stream().anyMatch(everything::contains);
    }

    /** Where a file lies is only known when its message comes. */
    private static boolean isFetching(RouteFile file) {
        return file.path().startsWith("routes/media/")
                && CALLS.stream()
                        .flatMap(step -> file.all(step).stream())
                        .anyMatch(call -> isHttp(uri(call)));
    }

    private static String uri(RouteFile.Place call) {
        return call.value().isTextual()
                ? call.value().asText()
                : call.value().path("uri").asText("");
    }

    private static boolean isHttp(String uri) {
        return uri.matches("(http|https|vertx-http|netty-http|undertow|jetty|rest|cxf.*)([:?].*)?");
    }
}
