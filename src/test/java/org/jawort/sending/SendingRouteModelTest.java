package org.jawort.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * FLT-2, on Camel's own model of all routes: a route that reaches a provider, or stands in {@code
 * routes/sending}, has the decision gate as its first step. {@code ./hub check} finds the same in
 * the files.
 */
class SendingRouteModelTest {

    private static final String GATE = "check(${exchange}, '{{tenant}}', '{{account}}')";

    @TempDir Path folder;

    @Test
    @DisplayName("FLT-2: no route of the repository passes by the consent filter")
    void noRoutePassesByTheFilter() {
        List<Path> files = yaml(Path.of("routes"));

        List<String> passing = passing(files);

        assertThat(files).hasSizeGreaterThan(30);
        assertThat(passing).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "to: { uri: http, parameters: { httpUri: 'https://api.twilio.com/2010-04-01' } }",
                "to: { uri: 'https://api-eu.nexmo.com/v1/messages' }",
                "to: { uri: 'vertx-http:https://conversations.messagebird.com/v1/send' }",
                "to: { uri: http, parameters: { httpUri: '{{apiUrl}}' } }",
                "toD: { uri: 'http:${header.where}' }",
                "toD: { uri: '${header.where}' }",
                "wireTap: { uri: 'https://api.bird.com' }",
                "enrich: { expression: { constant: { expression: 'https://muster.zendesk.com/sc' } } }",
                "recipientList: { expression: { simple: { expression: '${header.where}' } } }",
                "filter: { expression: { simple: { expression: '${body} != null' } }, steps: [ { to: { uri: 'https://api.smooch.io' } } ] }"
            })
    @DisplayName("FLT-2: whatever way a route takes to a provider, it is found")
    void findsARouteThatPassesBy(String step) throws IOException {
        Path file = folder.resolve("sneaky.camel.yaml");
        Files.writeString(
                file,
                """
                - route:
                    id: sneaky
                    from:
                      uri: direct
                      parameters: { name: sneaky }
                      steps:
                        - log: { message: on the way }
                        - %s
                """
                        .formatted(step));

        assertThat(passing(List.of(file))).containsExactly("sneaky");
    }

    @Test
    @DisplayName("FLT-2: a gate that is not the first step is none")
    void findsAGateThatComesTooLate() throws IOException {
        Path sending = Files.createDirectories(folder.resolve("routes/sending"));
        for (Path file : yaml(Path.of("routes/sending"))) {
            String text = Files.readString(file);
            int gate = text.indexOf("          - bean:\n              ref: decisionGate");
            int end = text.indexOf("          - doTry:");
            Files.writeString(
                    sending.resolve(file.getFileName()),
                    text.substring(0, gate)
                            + "          - log: { message: early }\n"
                            + text.substring(gate, end)
                            + text.substring(end));
        }

        assertThat(passing(yaml(sending)))
                .containsExactlyInAnyOrder(
                        "send-twilio", "send-messagebird", "send-vonage", "send-smooch");
    }

    /** Ids of the routes and templates that could reach a provider without a decision. */
    private static List<String> passing(List<Path> files) {
        List<String> passing = new ArrayList<>();
        for (Path file : files) {
            for (RouteDefinition route : routes(file)) {
                boolean sending = file.toString().replace('\\', '/').contains("routes/sending/");
                if ((sending || reachesAProvider(route.getOutputs())) && !isGated(route)) {
                    passing.add(route.getId());
                }
            }
        }
        return passing;
    }

    private static List<RouteDefinition> routes(Path file) {
        try (var camel = new DefaultCamelContext()) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(
                            ResourceHelper.resolveResource(camel, "file:" + file.toAbsolutePath()));
            List<RouteDefinition> routes = new ArrayList<>(camel.getRouteDefinitions());
            for (RouteTemplateDefinition template : camel.getRouteTemplateDefinitions()) {
                template.getRoute().setId(template.getId());
                routes.add(template.getRoute());
            }
            return routes;
        } catch (Exception unreadable) {
            throw new IllegalStateException(file + " cannot be loaded", unreadable);
        }
    }

    private static boolean isGated(RouteDefinition route) {
        return route.getOutputs().getFirst() instanceof BeanDefinition first
                && ("decisionGate".equals(first.getRef()) && GATE.equals(first.getMethod())
                        || "erase-at-provider".equals(route.getId())
                                && "providerErasures".equals(first.getRef())
                                && GATE.replace("check", "claim").equals(first.getMethod()));
    }

    private static boolean reachesAProvider(List<ProcessorDefinition<?>> steps) {
        return all(steps, ToDefinition.class).stream().anyMatch(to -> isProvider(to.getUri()))
                || all(steps, ToDynamicDefinition.class).stream()
                        .filter(to -> !(to instanceof WireTapDefinition))
                        .anyMatch(to -> !to.getUri().matches("(direct|log|mock):.*"))
                || all(steps, WireTapDefinition.class).stream()
                        .anyMatch(to -> isProvider(to.getUri()))
                || all(steps, EnrichDefinition.class).stream()
                        .anyMatch(to -> isProvider(to.getExpression().getExpression()))
                || !all(steps, RecipientListDefinition.class).isEmpty()
                || !all(steps, RoutingSlipDefinition.class).isEmpty()
                || !all(steps, DynamicRouterDefinition.class).isEmpty();
    }

    private static boolean isProvider(String uri) {
        return ApiUrls.nameAProvider(uri)
                || uri.contains("{{apiUrl}}")
                || uri.contains("{{smsApiUrl}}")
                || uri.contains("{{eraseApiUrl}}");
    }

    private static <T> Collection<T> all(List<ProcessorDefinition<?>> steps, Class<T> type) {
        return ProcessorDefinitionHelper.filterTypeInOutputs(steps, type);
    }

    private static List<Path> yaml(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml")).sorted().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
