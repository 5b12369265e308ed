package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a route must not do with headers, secrets and redirects. */
final class RouteSafety {

    private static final Pattern SECRET_NAME =
            Pattern.compile(
                    "(?i).*(password|passphrase|passwd|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key|credential|authorization|jaas).*");
    private static final Pattern SECRET_IN_URI =
            Pattern.compile(
                    "(?i)([?&][a-z.-]*(password|passphrase|secret|token|api-?key|access-?key|private-?key)[a-z.-]*=(?!(RAW\\()?\\{\\{)[^&]+)|(://[^/@:\\s]+:(?!\\{\\{)[^/@\\s]+@)");
    private static final Pattern PLACEHOLDER =
            Pattern.compile("(RAW\\()?\\{\\{[^{}:]+(:)?}}\\)?|#[a-zA-Z:]+");
    private static final Pattern KAFKA_HEADER =
            Pattern.compile(
                    "(?i)^kafka\\.[A-Z_]+$|^CamelKafka\\w+$|headers?[.\\[(]+['\"]?(kafka\\.|CamelKafka)");

    private final List<RouteFile> files;
    private final List<Finding> findings = new ArrayList<>();

    RouteSafety(List<RouteFile> files) {
        this.files = files;
    }

    List<Finding> findings() {
        for (RouteFile file : files) {
            checkKafkaHeaders(file);
            checkSecrets(file);
            checkIngress(file);
            checkHttp(file);
        }
        return findings;
    }

    private void checkKafkaHeaders(RouteFile file) {
        for (RouteFile.Place place : file.everything()) {
            if (place.value().isTextual() && KAFKA_HEADER.matcher(place.value().asText()).find()) {
                findings.add(
                        file.finding(
                                place.pointer(),
                                "names a header of Kafka, which Camel renames between versions",
                                "set topic and key in Java, in KafkaRecords"));
            }
        }
    }

    private void checkSecrets(RouteFile file) {
        for (RouteFile.Place place : file.everything()) {
            if (!place.value().isValueNode()) {
                continue;
            }
            String text = place.value().asText();
            boolean named =
                    place.pointer().contains("/parameters/")
                            && SECRET_NAME.matcher(place.key()).matches()
                            && !place.value().isBoolean()
                            && !PLACEHOLDER.matcher(text).matches();
            if (named || SECRET_IN_URI.matcher(text).find()) {
                findings.add(
                        file.finding(
                                place.pointer(),
                                "holds a secret",
                                "write a placeholder {{…}} and keep the value in the environment"));
            }
        }
        Stream.of("setHeader", "setProperty")
                .flatMap(step -> file.all(step).stream())
                .forEach(place -> checkSecretStep(file, place));
    }

    private void checkSecretStep(RouteFile file, RouteFile.Place step) {
        JsonNode constant = step.value().at("/expression/constant/expression");
        JsonNode value = constant.isMissingNode() ? step.value().path("constant") : constant;
        if (SECRET_NAME.matcher(step.value().path("name").asText("")).matches()
                && value.isTextual()
                && !PLACEHOLDER.matcher(value.asText()).matches()) {
            findings.add(
                    file.finding(
                            step.pointer(),
                            "holds a secret",
                            "write a placeholder {{…}} and keep the value in the environment"));
        }
    }

    private void checkIngress(RouteFile file) {
        String from = file.route() + "/from";
        JsonNode endpoint = file.yaml().root().at(from);
        if (!RouteFile.scheme(endpoint).equals("platform-http")) {
            return;
        }
        if (!stripsHeaders(endpoint.path("steps").path(0))) {
            findings.add(
                    file.finding(
                            from + "/steps/0",
                            "does not begin with dropping the headers that came in",
                            "let the first step be removeHeaders with pattern \"*\""));
        }
        if (endpoint.at("/parameters/httpMethodRestrict").asText("").isBlank()
                && !endpoint.path("uri").asText("").contains("httpMethodRestrict=")) {
            findings.add(
                    file.finding(
                            from, "takes every HTTP method", "name them in httpMethodRestrict"));
        }
    }

    private void checkHttp(RouteFile file) {
        Stream.of("to", "toD")
                .flatMap(step -> file.all(step).stream())
                .filter(
                        place -> {
                            String scheme = RouteFile.scheme(place.value());
                            return scheme.equals("http") || scheme.equals("https");
                        })
                .forEach(
                        place -> {
                            JsonNode follow = place.value().at("/parameters/followRedirects");
                            if (!follow.asText("").equals("false")) {
                                findings.add(
                                        file.finding(
                                                place.pointer(),
                                                "may follow a redirect with what it signed",
                                                "set followRedirects: false"));
                            }
                            if (!headersStrippedBefore(file, place.pointer())) {
                                findings.add(
                                        file.finding(
                                                place.pointer(),
                                                "calls out with the headers that came in",
                                                "put removeHeaders with pattern \"*\" before it"));
                            }
                        });
    }

    /** Whether an earlier step, in the same list or in one around it, drops the headers. */
    private static boolean headersStrippedBefore(RouteFile file, String step) {
        int end = step.length();
        while (true) {
            int steps = step.lastIndexOf("/steps/", end - 1);
            if (steps < 0) {
                return false;
            }
            String list = step.substring(0, steps + "/steps".length());
            int index = Integer.parseInt(step.substring(list.length() + 1).split("/", 2)[0]);
            for (int i = 0; i < index; i++) {
                if (stripsHeaders(file.yaml().root().at(list + "/" + i))) {
                    return true;
                }
            }
            end = steps;
        }
    }

    /** All headers, or all but some that are named and none of Camel's. */
    private static boolean stripsHeaders(JsonNode step) {
        JsonNode remove = step.path("removeHeaders");
        String kept = remove.path("excludePattern").asText("");
        return remove.path("pattern").asText("").equals("*")
                && !kept.contains("*")
                && !kept.toLowerCase(java.util.Locale.ROOT).contains("camel");
    }
}
