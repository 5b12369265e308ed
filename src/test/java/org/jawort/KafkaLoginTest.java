package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Endpoint;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.jawort.archive.SelfSigned;
import org.jawort.local.KafkaGuard;
import org.jawort.local.LocalKafka;
import org.jawort.tenant.Tenants;
import org.jawort.topics.TopicClients;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;

/** A real broker that lets nobody in without TLS and a login, and the hub's own clients. */
@DisplayName("SEC-6: every client of the hub reaches its brokers over TLS, with a login")
class KafkaLoginTest {

    private static final String PASSWORD = "kafka-pass-4711";

    @TempDir static Path folder;
    private static LocalKafka kafka;
    private static SelfSigned broker;

    @BeforeAll
    static void start() {
        broker = SelfSigned.of("localhost");
        kafka =
                LocalKafka.onFreePorts(folder.resolve("kafka"))
                        .guarded(
                                new KafkaGuard(
                                        broker.file(),
                                        SelfSigned.PASSWORD,
                                        broker.pem(),
                                        "hub",
                                        PASSWORD))
                        .endWithJvm()
                        .start();
    }

    @AfterAll
    static void stop() {
        kafka.kill();
    }

    @Test
    void makesTopicsWritesAndReads() throws Exception {
        Map<String, String> access = access();
        BlockingQueue<String> read = new LinkedBlockingQueue<>();
        topics(access);
        try (var camel = new DefaultCamelContext()) {
            camel.getRegistry()
                    .bind(
                            "topicClients",
                            new TopicClients(new Tenants(Map.of()), access, () -> false));
            camel.addRoutes(
                    new RouteBuilder() {
                        @Override
                        public void configure() {
                            String topic = "kafka:webhooks?brokers=" + kafka.brokers();
                            from("direct:write").to(topic);
                            from(topic + "&groupId=readers&autoOffsetReset=earliest")
                                    .process(
                                            exchange ->
                                                    read.add(
                                                            exchange.getMessage()
                                                                    .getBody(String.class)));
                        }
                    });
            camel.start();

            camel.createProducerTemplate().sendBody("direct:write", "over TLS".getBytes(UTF_8));

            assertThat(read.poll(30, TimeUnit.SECONDS)).isEqualTo("over TLS");
            assertThat(camel.getEndpoints())
                    .extracting(Endpoint::getEndpointUri)
                    .noneMatch(uri -> uri.contains(PASSWORD));
        }
    }

    @Test
    void saysWhatToMendWhereTheBrokerLetsItNotIn() throws Exception {
        Map<String, String> stranger = new HashMap<>(access());
        stranger.computeIfPresent("sasl.jaas.config", (name, login) -> login.replace("47", "08"));
        Map<String, String> distrustful = new HashMap<>(access());
        distrustful.put("ssl.truststore.certificates", SelfSigned.of("localhost").pem());
        Map<String, String> broken = new HashMap<>(access());
        broken.put("ssl.truststore.certificates", "no certificate");

        assertThatThrownBy(() -> topics(stranger))
                .hasMessageContaining("refuses the hub's login; check JAWORT_KAFKA_SASL_MECHANISM");
        assertThatThrownBy(() -> topics(distrustful))
                .hasMessageContaining("check JAWORT_KAFKA_TRUSTED_CERTIFICATES");
        assertThatThrownBy(() -> topics(broken))
                .hasMessageContaining("each must be PEM, the key PKCS #8");
    }

    /** From the variables an operator sets, by the hub's application.yaml. */
    private static Map<String, String> access() throws Exception {
        Path secret = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        Path trusted = Files.writeString(folder.resolve("ca.pem"), broker.pem());
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(
                        new MapPropertySource(
                                "operator",
                                Map.of(
                                        "JAWORT_KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
                                        "JAWORT_KAFKA_SASL_MECHANISM", "PLAIN",
                                        "JAWORT_KAFKA_SASL_USERNAME", "hub",
                                        "JAWORT_KAFKA_SASL_PASSWORD_FILE", secret.toString(),
                                        "JAWORT_KAFKA_TRUSTED_CERTIFICATES_FILE",
                                                trusted.toString())));
        new YamlPropertySourceLoader()
                .load("hub", new ClassPathResource("application.yaml"))
                .forEach(environment.getPropertySources()::addLast);
        return Binder.get(environment)
                .bind("jawort.kafka.security", Bindable.of(KafkaAccess.class))
                .get()
                .client();
    }

    private static void topics(Map<String, String> access) {
        new KafkaTopics(
                        new HubProperties.Kafka(
                                kafka.brokers(),
                                1,
                                (short) 1,
                                1,
                                "jawort",
                                1,
                                1,
                                32 << 20,
                                new HubProperties.Topics("webhooks", "deliveries"),
                                Duration.ofHours(72),
                                Duration.ofDays(7)),
                        access,
                        List.of("deliveries"),
                        1 << 20)
                .afterPropertiesSet();
    }
}
