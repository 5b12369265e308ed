package org.jawort.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** All checks of one folder with {@code routes/}, {@code mappings/} and {@code tenants/}. */
public final class RepositoryCheck {

    private final RouteFiles routes;
    private final MappingCheck mappings;
    private final TenantCheck tenants;
    private final List<Finding> findings;

    public RepositoryCheck(Path home) {
        Path absolute = home.toAbsolutePath().normalize();
        routes = new RouteFiles(absolute);
        mappings = new MappingCheck(absolute);
        tenants = new TenantCheck(absolute, routes.files(), mappings);
        List<Finding> all = new ArrayList<>(routes.findings());
        all.addAll(new RouteForm(routes.files(), new HubBeans()).findings());
        all.addAll(new RouteSafety(routes.files()).findings());
        all.addAll(new SendingGate(routes.files(), tenants.accounts()).findings());
        all.addAll(
                new RouteLinks(routes.files(), tenants.destinations(), tenants.accounts())
                        .findings());
        all.addAll(mappings.findings());
        routes.files().forEach(file -> all.addAll(mappingsOf(file)));
        all.addAll(tenants.findings());
        findings = all.stream().distinct().sorted().toList();
    }

    /** The mappings a route names for its requests compile. */
    private List<Finding> mappingsOf(RouteFile file) {
        List<Finding> wrong = new ArrayList<>();
        for (RouteFile.Place step : file.all("setProperty")) {
            String name = step.value().path("name").asText("");
            String mapping = step.value().at("/expression/constant/expression").asText("");
            if (Set.of("jawort.call", "jawort.answers", "jawort.labels").contains(name)) {
                mappings.compile(mapping)
                        .ifPresent(
                                finding ->
                                        wrong.add(
                                                file.finding(
                                                        step.pointer(),
                                                        "cannot use its mapping " + mapping,
                                                        finding.toString())));
            }
        }
        return wrong;
    }

    /** By file and line; empty if everything is as it should be. */
    public List<Finding> findings() {
        return findings;
    }

    /** What need not be mended, but should be meant; by file and line. */
    public List<Finding> notes() {
        return tenants.notes().stream().sorted().toList();
    }

    public String summary() {
        return "checked %d routes, %d providers' mappings and %d tenants: nothing to mend"
                .formatted(routes.files().size(), mappings.providers(), tenants.count());
    }
}
