package org.jawort.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jawort.archive.ArchiveSettings;
import org.jawort.delivery.ArchiveDuty;
import org.jawort.delivery.WebhookSigner;
import org.jawort.http.HttpDestinations;
import org.jawort.objects.Buckets;
import org.jawort.retention.RetentionRules;
import org.jawort.sending.ApiUrls;
import org.jawort.tenant.Account;
import org.jawort.tenant.Destination;
import org.jawort.tenant.SecretSettings;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantFileInvalid;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.Tenants;
import org.jawort.topics.TopicClients;

/** Tenant files load, and each destination's route template and mapping are there. */
final class TenantCheck {

    private static final Pattern PLACE = Pattern.compile("^(\\S+?\\.yaml)(?::([0-9]+))?: (.*)$");
    private static final Pattern SECRET_REFERENCE =
            Pattern.compile("(\\$\\{[A-Z][A-Z0-9_]*(:[^}]*)?}\\s*)*|file:/.+");
    private static final Pattern SETTING = Pattern.compile("settings\\.([A-Za-z]+)");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)}");

    /** A variable that is not set here may be set where the hub runs; this suits every pattern. */
    static final String UNSET = "0".repeat(64);

    /** Parameters of a destination's template that the hub fills in itself. */
    private static final Set<String> GIVEN = Set.of("tenant", "destination");

    private final Path home;
    private final List<RouteFile> routes;
    private final MappingCheck mappings;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> notes = new ArrayList<>();
    private final List<Destination> destinations = new ArrayList<>();
    private final List<Account> accounts = new ArrayList<>();
    private final AccountCheck accountCheck;
    private int count;

    TenantCheck(Path home, List<RouteFile> routes, MappingCheck mappings) {
        this.home = home;
        this.routes = routes;
        this.mappings = mappings;
        this.accountCheck = new AccountCheck(routes);
        Set<String> required = referencesWithoutDefault(home.resolve("tenants"));
        TenantFiles files =
                new TenantFiles(
                        home.resolve("tenants"),
                        name -> {
                            String value = System.getenv(name);
                            return value == null && required.contains(name) ? UNSET : value;
                        });
        try {
            Tenants tenants = files.load();
            for (Tenant tenant : tenants.all()) {
                count++;
                destinations.addAll(tenant.destinations().values());
                check(tenant);
            }
            RetentionRules.check(tenants);
        } catch (TenantFileInvalid invalid) {
            findings.add(finding(invalid));
        }
        findings.addAll(accountCheck.findings());
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** What is allowed, and may not be meant. */
    List<Finding> notes() {
        return List.copyOf(notes);
    }

    int count() {
        return count;
    }

    /** The destinations of all tenants; none if a tenant file cannot be used. */
    List<Destination> destinations() {
        return List.copyOf(destinations);
    }

    /** The accounts of all tenants; none if a tenant file cannot be used. */
    List<Account> accounts() {
        return List.copyOf(accounts);
    }

    private void check(Tenant tenant) {
        String file = "tenants/" + tenant.id() + ".yaml";
        YamlTree yaml = yaml(file);
        JsonNode list = yaml.root().path("accounts");
        for (int i = 0; i < list.size(); i++) {
            Account account = tenant.accounts().get(list.get(i).path("id").asText());
            accounts.add(account);
            accountCheck.check(file, yaml, "/accounts/" + i, account);
        }
        list = yaml.root().path("destinations");
        for (int i = 0; i < list.size(); i++) {
            Destination destination = tenant.destinations().get(list.get(i).path("id").asText());
            String at = "/destinations/" + i;
            checkRoute(file, yaml, at, destination);
            checkProvider(file, yaml, at, destination);
            checkSecrets(file, yaml, at, destination);
            checkSettings(file, yaml, at, destination);
            if (!list.get(i).has("profile") && !list.get(i).has("fields")) {
                notes.add(
                        new Finding(
                                file,
                                yaml.line(at),
                                "destination " + destination.id() + " gets every field of an event",
                                "write profile: full if it needs them, else no-content, metadata or fields"));
            }
            mappings.compile(destination.mapping())
                    .ifPresent(
                            wrong ->
                                    findings.add(
                                            new Finding(
                                                    file,
                                                    yaml.line(at + "/mapping"),
                                                    "destination "
                                                            + destination.id()
                                                            + " cannot use its mapping",
                                                    wrong.toString())));
        }
    }

    private void checkProvider(String file, YamlTree yaml, String at, Destination destination) {
        destination
                .settings()
                .forEach(
                        (name, value) -> {
                            if (ApiUrls.nameAProvider(value)) {
                                findings.add(
                                        new Finding(
                                                file,
                                                yaml.line(at + "/settings/" + name),
                                                "destination "
                                                        + destination.id()
                                                        + " would reach a provider past the consent filter",
                                                "send messages over an account"));
                            }
                        });
    }

    private void checkSecrets(String file, YamlTree yaml, String at, Destination destination) {
        yaml.root()
                .at(at + "/settings")
                .properties()
                .forEach(
                        setting -> {
                            String value = setting.getValue().asText("");
                            if (SecretSettings.named(setting.getKey())
                                    && !SECRET_REFERENCE.matcher(value).matches()) {
                                findings.add(
                                        new Finding(
                                                file,
                                                yaml.line(at + "/settings/" + setting.getKey()),
                                                "destination "
                                                        + destination.id()
                                                        + ": settings."
                                                        + setting.getKey()
                                                        + " holds a secret",
                                                "write ${NAME} or file:/path and keep the value there"));
                            }
                        });
    }

    /** What each kind of destination says of its settings. */
    private void checkSettings(String file, YamlTree yaml, String at, Destination destination) {
        boolean elsewhere =
                destination.settings().values().stream()
                        .anyMatch(value -> value.equals(UNSET) || value.startsWith("file:"));
        if (elsewhere) {
            return; // known only where the hub runs
        }
        try {
            WebhookSigner.check(destination);
            ArchiveSettings.check(destination);
            HttpDestinations.check(destination);
            Buckets.check(destination);
            TopicClients.check(destination);
            ArchiveDuty.check(destination);
        } catch (IllegalArgumentException unusable) {
            Matcher setting = SETTING.matcher(unusable.getMessage());
            String place = setting.find() ? at + "/settings/" + setting.group(1) : at;
            findings.add(
                    new Finding(
                            file,
                            yaml.line(place),
                            unusable.getMessage().replaceFirst("^tenants/[^:]+: ", ""),
                            ""));
        }
    }

    private void checkRoute(String file, YamlTree yaml, String at, Destination destination) {
        List<RouteFile> templates = routes.stream().filter(RouteFile::isTemplate).toList();
        RouteFile template =
                templates.stream()
                        .filter(found -> found.id().equals(destination.route()))
                        .findFirst()
                        .orElse(null);
        if (template == null) {
            findings.add(
                    new Finding(
                            file,
                            yaml.line(at + "/route"),
                            "there is no route template '" + destination.route() + "'",
                            "use one of "
                                    + String.join(
                                            ", ",
                                            templates.stream()
                                                    .filter(
                                                            found ->
                                                                    found.path()
                                                                            .contains(
                                                                                    "/destinations/"))
                                                    .map(RouteFile::id)
                                                    .sorted()
                                                    .toList())));
            return;
        }
        for (JsonNode parameter : template.body().path("parameters")) {
            String name = parameter.path("name").asText();
            boolean needed =
                    !parameter.has("defaultValue")
                            && parameter.path("required").asBoolean(true)
                            && !GIVEN.contains(name);
            if (needed && !destination.settings().containsKey(name)) {
                findings.add(
                        new Finding(
                                file,
                                yaml.line(at),
                                "destination "
                                        + destination.id()
                                        + " has no setting '"
                                        + name
                                        + "'",
                                "route " + destination.route() + " needs it under settings"));
            }
        }
    }

    private YamlTree yaml(String file) {
        try {
            return YamlTree.parse(Files.readString(home.resolve(file)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (YamlTree.Broken impossible) {
            throw new IllegalStateException(file + " was loaded before", impossible);
        }
    }

    static Set<String> referencesWithoutDefault(Path folder) {
        Set<String> names = new HashSet<>();
        if (!Files.isDirectory(folder)) {
            return names;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
                // Latin-1 reads any bytes; a file that is not UTF-8 is told of when it is loaded.
                Matcher reference =
                        REFERENCE.matcher(
                                Files.readString(
                                        file, java.nio.charset.StandardCharsets.ISO_8859_1));
                while (reference.find()) {
                    names.add(reference.group(1));
                }
            }
            return names;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Finding finding(TenantFileInvalid invalid) {
        Matcher place = PLACE.matcher(invalid.getMessage());
        if (!place.matches()) {
            return new Finding("tenants", 1, invalid.getMessage(), "");
        }
        int line = place.group(2) == null ? 1 : Integer.parseInt(place.group(2));
        return new Finding(place.group(1), line, place.group(3), "");
    }
}
