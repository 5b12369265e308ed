package org.jawort.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jawort.message.Channel;
import org.jawort.tenant.Account.AccountChannel;
import org.jawort.tenant.Account.Sending;

/** Reads {@code tenants/*.yaml}: one tenant per file, named by its id. */
public final class TenantFiles {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(:([^}]*))?}");
    private static final FileSchema SCHEMA = new FileSchema("/schema/tenant-v1.json");

    private final Path directory;
    private final Function<String, String> environment;

    /**
     * @param environment value of a variable, {@code null} if it has none
     */
    public TenantFiles(Path directory, Function<String, String> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    /**
     * @throws TenantFileInvalid naming the first file and line that cannot be used
     */
    public Tenants load() {
        Map<String, TextVersion> texts = texts();
        Map<String, Tenant> tenants = new LinkedHashMap<>();
        JoinedNames names = new JoinedNames();
        for (Path file : files()) {
            YamlDocument document = document(file, read(file));
            Tenant tenant = parse(file, document, texts);
            names.take(shown(file), document);
            tenants.put(tenant.id(), tenant);
        }
        if (tenants.isEmpty()) {
            throw new TenantFileInvalid(
                    directory.toString(),
                    0,
                    "holds no tenant file (*.yaml); the hub needs at least one");
        }
        return new Tenants(tenants, List.copyOf(texts.values()));
    }

    /** In order of their names. */
    List<Path> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        } catch (NoSuchFileException missing) {
            throw new TenantFileInvalid(
                    directory.toString(),
                    0,
                    "directory not found; set JAWORT_HOME to the folder that holds tenants/");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    byte[] read(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException unreadable) {
            throw new TenantFileInvalid(
                    shown(path), 0, "cannot be read: " + unreadable.getMessage());
        }
    }

    /**
     * @param bytes of the file, as {@link #read} gave them
     */
    Tenant parse(Path path, byte[] bytes) {
        return parse(path, document(path, bytes), texts());
    }

    private Map<String, TextVersion> texts() {
        return new TextFiles(directory.resolve("texts")).load();
    }

    private YamlDocument document(Path path, byte[] bytes) {
        String file = shown(path);
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new TenantFileInvalid(file, 0, "is not UTF-8 text");
        }
        return YamlDocument.parse(file, text, this::resolve);
    }

    private Tenant parse(Path path, YamlDocument document, Map<String, TextVersion> texts) {
        String file = shown(path);
        SCHEMA.check(file, document);
        DeliveryPolicy.check(file, document);
        DataProfiles.check(file, document);
        ClearText.check(file, document);
        Map<String, ProcessorRegion> regions = ProcessorRegion.of(file, document);
        JsonNode json = document.json();
        String id = json.get("tenant").asText();
        if (!path.getFileName().toString().equals(id + ".yaml")) {
            throw new TenantFileInvalid(
                    file,
                    document.line("/tenant"),
                    "tenant '" + id + "' must stand in a file named " + id + ".yaml");
        }
        Controller controller = controller(json);
        String language = json.path("texts").path("language").asText("de");
        TextChoice choice = new TextChoice(file, document, controller, language);
        Map<TextKind, List<TextVersion>> chosen = choice.of(texts);
        return new Tenant(
                id,
                json.get("name").asText(),
                controller,
                json.path("residency").asText(ProcessorRegion.NOT_LIMITED),
                regions,
                json.path("consent").path("mode").asText("open").equals("strict")
                        ? Tenant.ConsentMode.STRICT
                        : Tenant.ConsentMode.OPEN,
                ConsentPeriods.parse(file, document),
                language,
                chosen,
                choice.templates(chosen),
                byId(file, document, "account", one -> account(id, one)),
                strings(json.path("purposes")),
                sendingPolicy(file, document),
                Set.copyOf(words(json.path("consent").path("stopWords"))),
                byId(file, document, "destination", one -> destination(id, one)),
                byId(file, document, "template", Template::parse),
                TenantRetention.parse(file, document),
                apiKeys(file, document, chosen),
                json.path("key").isTextual()
                        ? List.of(json.get("key").asText())
                        : words(json.path("key")),
                LabelRules.parse(file, document));
    }

    private static SendingPolicy sendingPolicy(String file, YamlDocument document) {
        SendingPolicy policy;
        try {
            policy = SendingPolicy.parse(document.json());
        } catch (DateTimeException noDay) {
            throw new TenantFileInvalid(
                    file, document.line("/marketing/approvedOn"), "approvedOn is no day");
        }
        String basis = document.json().path("purposes").path("MARKETING").asText("off");
        if (!basis.equals("off") && policy.marketing() == null) {
            throw new TenantFileInvalid(
                    file,
                    document.line("/purposes/MARKETING"),
                    "advertising needs somebody who approved it: write marketing: { approvedBy: …, approvedOn: … }");
        }
        return policy;
    }

    /** How messages name a file. */
    static String shown(Path path) {
        return path.getParent().getFileName() + "/" + path.getFileName();
    }

    private String resolve(String value) {
        if (REFERENCE.matcher(value).replaceAll("$3").contains("${")) {
            throw new YamlDocument.Problem(
                    "${ begins a reference, written ${NAME} or ${NAME:default}, the name in capitals");
        }
        Matcher reference = REFERENCE.matcher(value);
        StringBuilder resolved = new StringBuilder();
        while (reference.find()) {
            String found = environment.apply(reference.group(1));
            if (found == null && reference.group(2) == null) {
                throw new YamlDocument.Problem(
                        "environment variable "
                                + reference.group(1)
                                + " is not set; set it, or write ${"
                                + reference.group(1)
                                + ":default}");
            }
            reference.appendReplacement(
                    resolved, Matcher.quoteReplacement(found == null ? reference.group(3) : found));
        }
        return reference.appendTail(resolved).toString();
    }

    private static Controller controller(JsonNode tenant) {
        JsonNode json = tenant.path("controller");
        return new Controller(
                json.path("name").asText(tenant.get("name").asText()),
                json.path("address").asText(null),
                json.path("contact").asText(null),
                json.path("rightsUrl").asText(null),
                json.path("jurisdiction").asText(null),
                words(json.path("storageLocations")));
    }

    /**
     * The elements of a list by their {@code id}, in their order.
     *
     * @param kind what one element is; the list is called by its plural
     */
    private static <T> Map<String, T> byId(
            String file, YamlDocument document, String kind, Function<JsonNode, T> read) {
        Map<String, T> byId = new LinkedHashMap<>();
        JsonNode elements = document.json().path(kind + "s");
        for (int i = 0; i < elements.size(); i++) {
            String id = elements.get(i).get("id").asText();
            if (byId.put(id, read.apply(elements.get(i))) != null) {
                throw new TenantFileInvalid(
                        file,
                        document.line("/" + kind + "s/" + i),
                        kind + " id '" + id + "' is used twice");
            }
        }
        return byId;
    }

    private static Account account(String tenant, JsonNode json) {
        return new Account(
                tenant,
                json.get("id").asText(),
                json.get("provider").asText(),
                json.path("processor").asText(null),
                json.path("api").asText(null),
                channels(json.get("channels")),
                credentials(json.path("credentials")),
                strings(json.path("settings")),
                sending(json.path("sending")));
    }

    private static List<AccountChannel> channels(JsonNode list) {
        List<AccountChannel> channels = new ArrayList<>();
        for (JsonNode json : list) {
            String providerId = json.path("providerChannelId").asText("");
            channels.add(
                    new AccountChannel(
                            Channel.of(json.get("channel").asText()),
                            json.path("address").asText(null),
                            providerId.isEmpty() ? null : providerId));
        }
        return List.copyOf(channels);
    }

    private static Sending sending(JsonNode json) {
        if (!json.isObject()) {
            return null;
        }
        String cap = json.path("monthlyCap").asText("");
        return new Sending(
                Double.parseDouble(json.path("ratePerSecond").asText("10")),
                cap.isEmpty() ? null : Integer.valueOf(cap),
                Integer.parseInt(json.path("order").asText("100")));
    }

    private static Map<String, List<Secret>> credentials(JsonNode json) {
        Map<String, List<Secret>> credentials = new LinkedHashMap<>();
        json.properties()
                .forEach(
                        entry -> {
                            List<Secret> values = new ArrayList<>();
                            if (entry.getValue().isArray()) {
                                entry.getValue()
                                        .forEach(value -> values.add(new Secret(value.asText())));
                            } else {
                                values.add(new Secret(entry.getValue().asText()));
                            }
                            values.removeIf(Secret::isEmpty);
                            credentials.put(entry.getKey(), List.copyOf(values));
                        });
        return credentials;
    }

    private static Destination destination(String tenant, JsonNode json) {
        return new Destination(
                tenant,
                json.get("id").asText(),
                json.get("route").asText(),
                json.path("mapping").asText("destinations/canonical.jslt"),
                words(json.get("events")),
                json.path("consumed").asText("exclude").equals("include"),
                json.path("processor").asText(null),
                strings(json.path("settings")),
                DataProfiles.of(json),
                words(json.path("labelsFromAnswers")),
                DeliveryPolicy.parse(json.path("delivery")));
    }

    /** A bot's key is refused without the words that tell of it (FLT-7). */
    private static List<Tenant.ApiKey> apiKeys(
            String file, YamlDocument document, Map<TextKind, List<TextVersion>> texts) {
        Map<String, Tenant.ApiKey> keys = new LinkedHashMap<>();
        JsonNode list = document.json().path("apiKeys");
        for (int i = 0; i < list.size(); i++) {
            JsonNode json = list.get(i);
            Tenant.ApiKey key =
                    new Tenant.ApiKey(
                            json.get("id").asText(),
                            json.get("sha256").asText(),
                            writer(json),
                            json.path("restricted").asBoolean());
            if (keys.put(key.id(), key) != null) {
                throw new TenantFileInvalid(
                        file,
                        document.line("/apiKeys/" + i),
                        "API key id '" + key.id() + "' is used twice");
            }
            if (json.path("human").asBoolean() && json.path("bot").asBoolean()) {
                throw new TenantFileInvalid(
                        file,
                        document.line("/apiKeys/" + i),
                        "a key is for people or for a bot, not for both");
            }
            for (TextKind kind : List.of(TextKind.BOT_WRITES, TextKind.HUMAN_WRITES)) {
                if (key.writer() == Writer.BOT && !texts.containsKey(kind)) {
                    throw new TenantFileInvalid(
                            file,
                            document.line("/apiKeys/" + i),
                            "a bot writes with this key, and texts names no " + kind.wireName());
                }
            }
        }
        return List.copyOf(keys.values());
    }

    private static Writer writer(JsonNode key) {
        return key.path("human").asBoolean()
                ? Writer.HUMAN
                : key.path("bot").asBoolean() ? Writer.BOT : Writer.SYSTEM;
    }

    private static Map<String, String> strings(JsonNode json) {
        Map<String, String> strings = new LinkedHashMap<>();
        json.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
        return Map.copyOf(strings);
    }

    private static List<String> words(JsonNode json) {
        List<String> values = new ArrayList<>();
        json.forEach(value -> values.add(value.asText()));
        return values.stream().distinct().toList();
    }
}
