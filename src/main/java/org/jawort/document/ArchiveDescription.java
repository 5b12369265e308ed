package org.jawort.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jawort.retention.RetentionRule;
import org.jawort.tenant.Tenant;

/**
 * How a tenant's archives are fed, as it is configured: what a description of the procedure has to
 * say under GoBD (RET-11), as JSON that is equal for equal configurations. Read once from the files
 * of {@code tenants/}, {@code routes/} and {@code mappings/}, which take effect when the hub
 * starts; API keys are the tenant's at present. No secret and no person stands in it: settings from
 * the environment stay references.
 */
final class ArchiveDescription {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final Pattern IMPORT = Pattern.compile("(?m)^\\s*import\\s+\"([^\"]+)\"");
    private static final Pattern SECRET =
            Pattern.compile(
                    "(?i).*(secret|password|passphrase|token|credential|privatekey|accesskey|apikey).*");
    private static final Pattern USER = Pattern.compile("//[^/@\\s]*@");

    private static final Set<String> ARCHIVED_BY_RULE =
            Set.of("conversation-text", "media", "commercial-letter", "voucher");

    private final Path home;
    private final Tenant tenant;
    private final JsonNode file;

    private ArchiveDescription(Path home, Tenant tenant) {
        this.home = home;
        this.tenant = tenant;
        this.file = yaml("tenants/" + tenant.id() + ".yaml");
    }

    /** Whether a destination keeps what it gets, by the name of its route. */
    static boolean isArchive(String route) {
        return route.startsWith("archive-") || route.startsWith("dms-");
    }

    /**
     * @param home the folder that holds tenants/, routes/ and mappings/
     * @param rules those in force for the tenant
     */
    static ObjectNode of(Path home, Tenant tenant, Iterable<RetentionRule> rules) {
        return new ArchiveDescription(home, tenant).describe(rules);
    }

    /** The same of a tenant whose keys changed since. */
    static ObjectNode withKeys(ObjectNode description, Tenant tenant) {
        ObjectNode now = description.deepCopy();
        now.set("access", access(tenant));
        return now;
    }

    private ObjectNode describe(Iterable<RetentionRule> rules) {
        ObjectNode all = NODES.objectNode();
        all.put("tenant", tenant.id());
        all.put("name", tenant.name());
        all.put("hub", version());
        all.set("accounts", accounts());
        ArrayNode archives = all.putArray("archives");
        for (JsonNode destination : file.path("destinations")) {
            if (isArchive(destination.path("route").asText())) {
                archives.add(archive(destination));
            }
        }
        all.set("rules", rules(rules));
        all.set("unclassified", file.at("/retention/unknown").deepCopy());
        all.set("categories", list(file.at("/retention/categories")));
        all.set("labels", list(file.path("labels")));
        ObjectNode answers = all.putObject("labelsFromAnswers");
        for (JsonNode destination : file.path("destinations")) {
            if (destination.has("labelsFromAnswers")) {
                answers.set(
                        destination.get("id").asText(), list(destination.get("labelsFromAnswers")));
            }
        }
        all.set("access", access(tenant));
        if (all.get("unclassified").isMissingNode()) {
            all.putObject("unclassified");
        }
        return all;
    }

    private static JsonNode list(JsonNode list) {
        return list.isArray() ? list.deepCopy() : NODES.arrayNode();
    }

    private ArrayNode accounts() {
        ArrayNode accounts = NODES.arrayNode();
        tenant.accounts()
                .values()
                .forEach(
                        account -> {
                            ObjectNode one = accounts.addObject();
                            one.put("id", account.id());
                            one.put("provider", account.provider());
                            Set<String> channels = new TreeSet<>();
                            account.channels()
                                    .forEach(channel -> channels.add(channel.channel().wireName()));
                            channels.forEach(one.putArray("channels")::add);
                        });
        return accounts;
    }

    /** A destination as the file has it, with what its route and mapping are. */
    private ObjectNode archive(JsonNode destination) {
        ObjectNode archive = destination.deepCopy();
        archive.remove("labelsFromAnswers");
        archive.put(
                "original",
                tenant.destinations().get(destination.get("id").asText()).takesOriginals());
        String route = "routes/destinations/" + destination.get("route").asText() + ".camel.yaml";
        archive.put("routeSha256", sha256(List.of(route)));
        archive.put("routeDescription", yaml(route).at("/0/routeTemplate/description").asText());
        String mapping = destination.path("mapping").asText("destinations/canonical.jslt");
        archive.put("mapping", mapping);
        archive.put("mappingSha256", sha256(withImports(mapping)));
        ObjectNode settings = archive.putObject("settings");
        Map<String, JsonNode> sorted = new TreeMap<>();
        destination
                .path("settings")
                .properties()
                .forEach(setting -> sorted.put(setting.getKey(), setting.getValue()));
        sorted.forEach(
                (name, value) -> {
                    if (!SECRET.matcher(name).matches()) {
                        settings.put(name, USER.matcher(value.asText()).replaceAll("//"));
                    }
                });
        return archive;
    }

    private static ArrayNode rules(Iterable<RetentionRule> rules) {
        List<RetentionRule> sorted = new ArrayList<>();
        rules.forEach(
                rule -> {
                    if (ARCHIVED_BY_RULE.contains(rule.dataType())) {
                        sorted.add(rule);
                    }
                });
        sorted.sort(Comparator.comparing(RetentionRule::dataType).thenComparing(RetentionRule::id));
        ArrayNode list = NODES.arrayNode();
        for (RetentionRule rule : sorted) {
            ObjectNode one = list.addObject();
            one.put("id", rule.id());
            one.put("version", rule.version());
            one.put("dataType", rule.dataType());
            one.put("startEvent", rule.startEvent());
            one.put("period", rule.period().toString());
            one.put("rounding", rule.rounding().name());
            one.put("action", rule.action().name());
            one.put("basis", rule.basis());
            one.put("validFrom", rule.validFrom().toString());
            ObjectNode criteria = one.putObject("criteria");
            new TreeMap<>(rule.criteria()).forEach(criteria::put);
        }
        return list;
    }

    private static ArrayNode access(Tenant tenant) {
        ArrayNode access = NODES.arrayNode();
        tenant.apiKeys().stream()
                .sorted(Comparator.comparing(Tenant.ApiKey::id))
                .forEach(
                        key ->
                                access.addObject()
                                        .put("key", key.id())
                                        .put("writer", key.writer().wireName())
                                        .put("restricted", key.restricted()));
        return access;
    }

    /** Of the hub's jar, as the build named it. */
    static String version() {
        try (InputStream build =
                ArchiveDescription.class.getResourceAsStream("/application-build.properties")) {
            Properties properties = new Properties();
            properties.load(build);
            return properties.getProperty("version");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** A mapping and what it imports, as deep as that goes. */
    private List<String> withImports(String mapping) {
        Set<String> files = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(mapping));
        while (!open.isEmpty()) {
            String file = open.pop();
            if (files.add("mappings/" + file)) {
                Matcher imported =
                        IMPORT.matcher(
                                new String(bytes("mappings/" + file), StandardCharsets.UTF_8));
                while (imported.find()) {
                    open.push(imported.group(1));
                }
            }
        }
        return List.copyOf(files);
    }

    /** Over the files one after the other, each with its name and length before it. */
    private String sha256(List<String> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String file : files) {
                byte[] bytes = bytes(file);
                if (files.size() > 1) {
                    digest.update(
                            (file + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
                }
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private JsonNode yaml(String file) {
        try {
            return YAML.readTree(bytes(file));
        } catch (IOException notYaml) {
            throw new UncheckedIOException(notYaml);
        }
    }

    private byte[] bytes(String file) {
        try {
            return Files.readAllBytes(home.resolve(file));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
