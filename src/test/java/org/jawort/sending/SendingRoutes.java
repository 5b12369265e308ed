package org.jawort.sending;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jawort.mapping.Mappings;
import org.jawort.mapping.RepositoryMappings;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.Tenants;
import org.springframework.util.FileSystemUtils;

/** The real routes of {@code routes/sending} with their real steps, for a few accounts. */
final class SendingRoutes implements AutoCloseable {

    static final String TENANT = "autohaus-muster";
    private static final String MESSAGE_ID = "019ab3c2-7d4e-7c11-9a55-1f6f0f6f2b10";
    private static final JsonMapper JSON = new JsonMapper();

    final DefaultCamelContext camel = new DefaultCamelContext();
    final DecisionGate gate;
    private final ProducerTemplate producer;
    private final InstantSource clock;

    /**
     * @param environment the variables of the demo tenant's file that differ from its defaults
     * @param api {@code classic}, {@code channels} or {@code platform}
     */
    SendingRoutes(
            Map<String, String> environment,
            String api,
            InstantSource clock,
            int responseTimeoutMillis)
            throws Exception {
        this.clock = clock;
        this.gate = new DecisionGate(clock);
        Mappings mappings = RepositoryMappings.ALL;
        SendingAccounts sending = new SendingAccounts(tenants(environment, api));
        camel.getRegistry().bind("decisionGate", gate);
        camel.getRegistry().bind("providerRequest", new ProviderRequest(mappings, sending, clock));
        camel.getRegistry().bind("providerAnswer", new ProviderAnswer(mappings, clock));
        camel.getRegistry().bind("sendingHttpClient", new SendingHttpClient());
        Properties properties = new Properties();
        properties.setProperty("jawort.sending.connect-timeout-millis", "2000");
        properties.setProperty(
                "jawort.sending.response-timeout-millis", String.valueOf(responseTimeoutMillis));
        camel.getPropertiesComponent().setInitialProperties(properties);
        for (String provider : List.of("twilio", "messagebird", "vonage", "smooch")) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(
                            ResourceHelper.resolveResource(
                                    camel,
                                    "file:"
                                            + Path.of(
                                                            "routes/sending/send-"
                                                                    + provider
                                                                    + ".camel.yaml")
                                                    .toAbsolutePath()));
        }
        camel.start();
        sending.all().forEach(account -> AccountRoutes.start(camel, account));
        producer = camel.createProducerTemplate();
    }

    /** Decided this very moment, and sent. */
    SendResult send(ObjectNode document) {
        SendRequest request = request(document);
        return send(request, gate.mint(request, clock.instant()))
                .getMessage()
                .getBody(SendResult.class);
    }

    Exchange send(SendRequest request, DecisionToken token) {
        return producer.send(
                "direct:send-" + request.provider() + "-" + TENANT + "-" + request.account(),
                exchange -> {
                    exchange.setProperty(SendRequest.PROPERTY, request);
                    exchange.setProperty(DecisionToken.PROPERTY, token);
                    exchange.getMessage()
                            .setHeader(Exchange.HTTP_URI, "http://localhost:1/steered");
                    exchange.getMessage().setHeader("X-Left-Over", "of an earlier step");
                });
    }

    static SendRequest request(ObjectNode document) {
        return new SendRequest(TENANT, document.get("account").asText(), document);
    }

    /** A message to send from {@code mappings/<provider>/examples}. */
    static ObjectNode example(String provider, String name) {
        return example(provider, name, MESSAGE_ID);
    }

    /** The same with another id. */
    static ObjectNode example(String provider, String name, String messageId) {
        Path file = Path.of("mappings", provider, "examples", "send-" + name + ".json");
        try {
            return JSON.readValue(
                    Files.readString(file).replace(MESSAGE_ID, messageId), ObjectNode.class);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    /** The tenant's own file, with another environment and perhaps another API of MessageBird. */
    private static Tenants tenants(Map<String, String> environment, String api) throws IOException {
        Path folder = Files.createTempDirectory("tenants");
        String file = Files.readString(Path.of("tenants", TENANT + ".yaml"));
        Files.writeString(
                folder.resolve(TENANT + ".yaml"),
                file.replace("api: classic ", "api: " + api + " "));
        FileSystemUtils.copyRecursively(Path.of("tenants", "texts"), folder.resolve("texts"));
        return new TenantFiles(folder, environment::get).load();
    }

    @Override
    public void close() {
        camel.stop();
    }
}
