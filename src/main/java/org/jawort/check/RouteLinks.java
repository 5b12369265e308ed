package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jawort.http.HttpDestinations;
import org.jawort.tenant.Account;
import org.jawort.tenant.Destination;

/** Every {@code direct} that is called has a route that answers, templates filled in included. */
final class RouteLinks {

    private static final String FEEDER = "deliver";

    /** How a route is called that must end in time. */
    private static final Pattern WITHIN_DEADLINE =
            Pattern.compile("(?:attempt|call)\\(\\$\\{exchange}, 'direct:([^']+)'\\)");

    /** What each HTTP destination has, whatever its route. */
    private static final String CALLS = "routes/http/";

    private final List<RouteFile> files;
    private final List<Destination> destinations;
    private final List<Account> accounts;

    RouteLinks(List<RouteFile> files, List<Destination> destinations, List<Account> accounts) {
        this.files = files;
        this.destinations = destinations;
        this.accounts = accounts;
    }

    List<Finding> findings() {
        Set<String> consumed = new HashSet<>();
        for (RouteFile file : files) {
            JsonNode from = file.yaml().root().at(file.route() + "/from");
            if (RouteFile.scheme(from).equals("direct")) {
                fillings(file)
                        .forEach(
                                filling -> consumed.add(fill(RouteFile.directName(from), filling)));
            }
        }
        List<Finding> findings = new ArrayList<>();
        for (RouteFile file : files) {
            Stream.of("to", "toD", "wireTap", "enrich")
                    .flatMap(step -> file.all(step).stream())
                    .filter(place -> RouteFile.scheme(place.value()).equals("direct"))
                    .forEach(
                            place ->
                                    check(
                                            file,
                                            place,
                                            RouteFile.directName(place.value()),
                                            consumed,
                                            findings));
            for (RouteFile.Place place : file.all("bean")) {
                Matcher call = WITHIN_DEADLINE.matcher(place.value().path("method").asText());
                if (place.value().path("ref").asText().equals("deadline") && call.matches()) {
                    check(file, place, call.group(1), consumed, findings);
                }
            }
        }
        return findings;
    }

    private void check(
            RouteFile file,
            RouteFile.Place place,
            String name,
            Set<String> consumed,
            List<Finding> findings) {
        for (Map<String, String> filling : fillings(file)) {
            String filled = fill(name, filling);
            if (!isConsumed(filled, consumed)) {
                findings.add(
                        file.finding(
                                place.pointer(),
                                "no route begins with direct " + filled,
                                "name one that does"));
            }
        }
    }

    /** Of a name that a message completes, as far as it stands there. */
    private static boolean isConsumed(String name, Set<String> consumed) {
        int open = name.indexOf("${");
        return open < 0
                ? consumed.contains(name)
                : consumed.stream().anyMatch(one -> one.startsWith(name.substring(0, open)));
    }

    /**
     * What the parameters of a file stand for: once for a route; for a template per destination, or
     * per account that gets files over it or sends.
     */
    private List<Map<String, String>> fillings(RouteFile file) {
        if (!file.isTemplate()) {
            return List.of(Map.of());
        }
        if (SendingGate.isSending(file) || file.path().startsWith("routes/media/")) {
            return accounts.stream()
                    .filter(
                            account ->
                                    account.sending() != null
                                                    && file.id()
                                                            .equals("send-" + account.provider())
                                            || file.id().equals("fetch-" + account.provider()))
                    .map(account -> Map.of("tenant", account.tenant(), "account", account.id()))
                    .toList();
        }
        return destinations.stream()
                .filter(
                        destination ->
                                file.id().equals(FEEDER)
                                        || file.id().equals(destination.route())
                                        || file.path().startsWith(CALLS)
                                                && HttpDestinations.has(destination))
                .map(
                        destination ->
                                Map.of(
                                        "tenant", destination.tenant(),
                                        "destination", destination.id(),
                                        "route", destination.route()))
                .toList();
    }

    private static String fill(String name, Map<String, String> filling) {
        String filled = name;
        for (Map.Entry<String, String> parameter : filling.entrySet()) {
            filled = filled.replace("{{" + parameter.getKey() + "}}", parameter.getValue());
        }
        return filled;
    }
}
