package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.BiConsumer;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Registry;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jawort.TenantRoutes;
import org.jawort.http.AccessTokens;
import org.jawort.http.HttpCalls;
import org.jawort.http.HttpDestinations;
import org.jawort.http.HttpRoutes;
import org.jawort.mapping.Mapping;
import org.jawort.mapping.Mappings;
import org.jawort.mapping.RepositoryMappings;
import org.jawort.tenant.DeliveryPolicy;
import org.jawort.tenant.Destination;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Tenants;

/**
 * As much of the hub as one destination needs: its route, started as the hub starts it, and the
 * step of {@code routes/pipeline/deliver} that hands it one event.
 */
final class DestinationHub implements AutoCloseable {

    static final String TENANT = "muster";
    static final String DESTINATION = "recipient";
    private static final Path REPOSITORY = Path.of("");

    /** In place of the bean that stores them; what was said last. */
    public static final class SaidLabels {

        private final HttpCalls calls;
        private volatile JsonNode said = NullNode.getInstance();

        SaidLabels(HttpCalls calls) {
            this.calls = calls;
        }

        public void read(Exchange answered, String tenant, String destination) {
            said = calls.labels(answered, tenant, destination).orElse(NullNode.getInstance());
        }
    }

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final ProducerTemplate producer;
    private final SaidLabels labels;
    private final Mapping mapping;
    private volatile Destination destination;
    private volatile Map<String, Object> left = Map.of();

    /**
     * @param folder of {@code routes/destinations} and {@code mappings}
     * @param clock of access tokens
     */
    DestinationHub(
            Path folder,
            String route,
            String mapping,
            Map<String, String> settings,
            BiConsumer<Registry, Tenants> beans,
            InstantSource clock) {
        Mappings mappings =
                folder.equals(REPOSITORY)
                        ? RepositoryMappings.ALL
                        : new Mappings(folder.resolve("mappings"));
        this.mapping = mappings.compile(mapping);
        Tenants tenants = tenants(route, mapping, settings);
        TenantRoutes started = new TenantRoutes();
        CamelContextConfiguration routes =
                new DeliveryConfiguration()
                        .destinationRoutes(tenants, new DeliveryTopics("deliveries"), started);
        HttpDestinations reached = new HttpDestinations(tenants);
        HttpRoutes http = new HttpRoutes(reached, started);
        AccessTokens tokens = new AccessTokens(reached, clock);
        camel.getRegistry().bind("accessTokens", tokens);
        HttpCalls calls = new HttpCalls(reached, tokens, mappings);
        labels = new SaidLabels(calls);
        camel.getRegistry().bind("labelAnswers", labels);
        camel.getRegistry().bind("archiveDuty", new ArchiveDuty(tenants, null));
        camel.getRegistry().bind("httpCalls", calls);
        Properties properties = new Properties();
        properties.setProperty("jawort.delivery.connect-timeout-millis", "1000");
        properties.setProperty("jawort.delivery.response-timeout-millis", "20000");
        camel.getPropertiesComponent().setInitialProperties(properties);
        camel.getShutdownStrategy().setTimeout(1);
        destination = tenants.get(TENANT).destinations().get(DESTINATION);
        var alarms = new Alarms();
        CamelContextConfiguration clients =
                new DeliveryConfiguration().destinationClients(20_000, alarms);
        Deadline deadline =
                new Deadline(
                        camel.createProducerTemplate(),
                        100,
                        InstantSource.system(),
                        new SimpleMeterRegistry(),
                        alarms);
        beans.accept(camel.getRegistry(), tenants);
        try {
            for (Path each :
                    List.of(
                            folder.resolve("routes/destinations").resolve(route + ".camel.yaml"),
                            Path.of("routes/http/http-call.camel.yaml"),
                            Path.of("routes/http/http-token.camel.yaml"))) {
                PluginHelper.getRoutesLoader(camel)
                        .loadRoutes(
                                ResourceHelper.resolveResource(
                                        camel, "file:" + each.toAbsolutePath()));
            }
            camel.addRoutes(
                    new HandOver(deadline, "direct:" + route + "-" + TENANT + "-" + DESTINATION));
            http.beforeApplicationStart(camel);
            clients.beforeApplicationStart(camel);
            routes.beforeApplicationStart(camel);
            camel.start();
            http.afterApplicationStart(camel);
            routes.afterApplicationStart(camel);
            started.run(null);
        } catch (Exception unusable) {
            throw new IllegalStateException(unusable);
        }
        producer = camel.createProducerTemplate();
    }

    DestinationHub(
            String route,
            String mapping,
            Map<String, String> settings,
            BiConsumer<Registry, Tenants> beans) {
        this(REPOSITORY, route, mapping, settings, beans, InstantSource.system());
    }

    /** From now on attempts may take so long, instead of the usual 30 s. */
    void endsAfter(Duration deadline) {
        destination =
                destination.called(
                        new DeliveryPolicy(deadline, null, Duration.ofDays(5), List.of()));
    }

    /** In place of the topic: whoever calls is the consumer. */
    private static final class HandOver extends RouteBuilder {

        private final Deadline deadline;
        private final String uri;

        HandOver(Deadline deadline, String uri) {
            this.deadline = deadline;
            this.uri = uri;
        }

        @Override
        public void configure() {
            routeTemplate("deliver")
                    .templateParameter("tenant")
                    .templateParameter("destination")
                    .templateParameter("route")
                    .templateParameter("topic")
                    .from("direct:deliver-{{tenant}}-{{destination}}")
                    .errorHandler(noErrorHandler())
                    .process(exchange -> deadline.attempt(exchange, uri));
        }
    }

    /**
     * Empty if the event was delivered. As in the loop of the route, what an attempt leaves on its
     * exchange is there in the next, but for what Deliveries.prepare removes.
     */
    Optional<Throwable> attempt(DestinationEvent event) {
        Exchange ended =
                producer.send(
                        "direct:deliver-" + TENANT + "-" + DESTINATION,
                        exchange -> {
                            left.forEach(exchange::setProperty);
                            exchange.removeProperties("jawort.call*");
                            exchange.setProperty(Deliveries.DESTINATION, destination);
                            exchange.setProperty(Deliveries.EVENT_ID, event.id().toString());
                            exchange.setProperty(Deliveries.EVENT, event.json());
                            exchange.getMessage().setHeader("Content-Type", "application/json");
                            JsonNode shaped = mapping.apply(event.json());
                            exchange.getMessage()
                                    .setBody(shaped.toString().getBytes(StandardCharsets.UTF_8));
                        });
        left = Map.copyOf(ended.getProperties());
        return Optional.ofNullable(ended.getException());
    }

    /** What the answers to the last event it took said of labels, through the route's mapping. */
    JsonNode labels() {
        return labels.said;
    }

    /** What the running hub says about itself: endpoints, routes, template parameters, JMX. */
    String description() {
        StringBuilder text = new StringBuilder();
        camel.getEndpoints().forEach(it -> text.append(it.getEndpointUri()).append('\n'));
        camel.getEndpoints().forEach(it -> text.append(it).append('\n'));
        try {
            for (RouteDefinition route : camel.getRouteDefinitions()) {
                text.append(route).append(route.getTemplateParameters()).append('\n');
                for (boolean resolved : List.of(false, true)) {
                    text.append(
                            PluginHelper.getModelToXMLDumper(camel)
                                    .dumpModelAsXml(camel, route, resolved, true, false));
                }
            }
            MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
            Set<ObjectName> names =
                    beans.queryNames(
                            new ObjectName("org.apache.camel:context=" + camel.getName() + ",*"),
                            null);
            if (names.isEmpty()) {
                throw new IllegalStateException("JMX is off, so that nothing can be said of it");
            }
            for (ObjectName name : names) {
                text.append(name).append('\n');
                for (MBeanAttributeInfo attribute : beans.getMBeanInfo(name).getAttributes()) {
                    text.append(value(beans, name, attribute.getName())).append('\n');
                }
            }
        } catch (Exception undescribed) {
            throw new IllegalStateException(undescribed);
        }
        return text.toString();
    }

    private static Object value(MBeanServer beans, ObjectName bean, String attribute) {
        try {
            return beans.getAttribute(bean, attribute);
        } catch (JMException | RuntimeException unreadable) {
            return "";
        }
    }

    private static Tenants tenants(String route, String mapping, Map<String, String> settings) {
        var destination =
                new Destination(
                        TENANT, DESTINATION, route, mapping, List.of("*"), true, null, settings);
        return TenantInTest.with(destination);
    }

    @Override
    public void close() {
        camel.stop();
    }
}
