package org.jawort.media;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.jawort.HubProperties;
import org.jawort.TenantRoutes;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.LateFiles;
import org.jawort.delivery.MessageMedia;
import org.jawort.delivery.Share;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKeys;
import org.jawort.vault.TenantKeys;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(MediaProperties.class)
class MediaConfiguration {

    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    @Bean
    PieceStore pieceStore(MediaProperties properties, TenantScope scope, JdbcTemplate jdbc) {
        return switch (properties.store()) {
            case "postgres" -> new PostgresPieces(scope, jdbc);
            case "s3" -> new S3Pieces(client(properties.s3()), properties.s3().bucket());
            default ->
                    throw new IllegalStateException(
                            "jawort.media.store is " + properties.store() + ": say postgres or s3");
        };
    }

    static S3Client client(MediaProperties.S3 settings) {
        S3ClientBuilder client =
                S3Client.builder()
                        .region(Region.of(settings.region()))
                        .forcePathStyle(settings.pathStyle())
                        // What not every store that speaks S3 understands; the ciphertext is
                        // authenticated anyway.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .serviceConfiguration(more -> more.chunkedEncodingEnabled(false))
                        .httpClientBuilder(UrlConnectionHttpClient.builder());
        if (settings.endpoint() != null && !settings.endpoint().toString().isEmpty()) {
            client.endpointOverride(settings.endpoint());
        }
        if (!settings.accessKey().isEmpty()) {
            client.credentialsProvider(
                    StaticCredentialsProvider.create(
                            AwsBasicCredentials.create(
                                    settings.accessKey(), settings.secretKey())));
        }
        return client.build();
    }

    @Bean
    MediaFiles mediaFiles(
            JdbcTemplate jdbc,
            SubjectKeys keys,
            LateFiles lateFiles,
            Tenants tenants,
            MediaProperties properties) {
        return new MediaFiles(
                jdbc,
                keys,
                lateFiles,
                new TypedMessages(jdbc, tenants),
                properties.deliveriesWait());
    }

    @Bean
    MediaLinks mediaLinks(
            TenantKeys keys, HubProperties hub, MediaProperties properties, InstantSource clock) {
        return new MediaLinks(keys, hub.publicUrl(), properties.linkLife(), clock);
    }

    @Bean
    MessageMedia messageMedia(JdbcTemplate jdbc, MediaLinks links) {
        return new MessageMediaRows(jdbc, links);
    }

    @Bean
    MediaReader mediaReader(
            TenantScope scope, JdbcTemplate jdbc, SubjectKeys keys, PieceStore store) {
        return new MediaReader(scope, jdbc, keys, store);
    }

    /** What archives attach, as far as it may be read now. */
    @Bean
    Attachments attachments(Share share, JdbcTemplate jdbc, SubjectKeys keys, PieceStore store) {
        PieceStore shared =
                store instanceof PostgresPieces ? new PostgresPieces(share.scope(), jdbc) : store;
        MediaReader reader = new MediaReader(share.scope(), jdbc, keys, shared);
        return (tenant, file) ->
                reader.open(tenant, file)
                        .map(
                                open ->
                                        new Attachments.Attachment(
                                                open.contentType(),
                                                open.name(),
                                                open.size(),
                                                open.content()));
    }

    @Bean
    MediaViews mediaViews(JdbcTemplate jdbc) {
        return new MediaViews(jdbc);
    }

    @Bean
    FileIntake fileIntake(
            TenantScope scope, JdbcTemplate jdbc, PieceStore store, InstantSource clock) {
        return new FileIntake(scope, jdbc, store, clock);
    }

    @Bean
    MediaFetches mediaFetches(
            TenantScope scope,
            MediaFiles files,
            FileIntake intake,
            Tenants tenants,
            MediaProperties properties,
            InstantSource clock,
            MeterRegistry meters) {
        return new MediaFetches(scope, files, intake, tenants, properties, clock, meters);
    }

    @Bean
    FetchHops mediaHops(
            Tenants tenants,
            FileIntake intake,
            InstantSource clock,
            HubProperties hub,
            MediaProperties properties) {
        return new FetchHops(tenants, intake, clock, standIn(hub, properties));
    }

    @Bean(destroyMethod = "close")
    FetchConnections fetchConnections(HubProperties hub, MediaProperties properties) {
        URI standIn = standIn(hub, properties);
        return new FetchConnections(
                SystemDefaultDnsResolver.INSTANCE,
                standIn == null ? null : address(standIn),
                properties.timeCap());
    }

    @Bean
    FetchHttpClient mediaHttpClient(FetchConnections connections) {
        return new FetchHttpClient(connections);
    }

    @Bean
    MediaDisposal mediaDisposal(
            TenantScope scope,
            JdbcTemplate jdbc,
            PieceStore store,
            Tenants tenants,
            InstantSource clock,
            MeterRegistry meters) {
        return new MediaDisposal(scope, jdbc, store, tenants, clock, meters);
    }

    /**
     * Who plays the providers' hosts on a machine that nobody outside can call; {@code null} where
     * nobody does.
     *
     * @throws IllegalStateException if it is set on a hub that is more than that: it would let URLs
     *     reach this machine
     */
    static URI standIn(HubProperties hub, MediaProperties properties) {
        URI standIn = properties.standIn();
        if (standIn == null || standIn.toString().isEmpty()) {
            return null;
        }
        boolean isTrial =
                THIS_MACHINE.contains(hub.publicUrl().getHost())
                        && "http".equals(standIn.getScheme())
                        && "127.0.0.1".equals(standIn.getHost())
                        && standIn.getPort() > 0;
        if (!isTrial) {
            throw new IllegalStateException(
                    "jawort.media.stand-in is for trying the hub out: it must be http://127.0.0.1:<port>/…, and jawort.public-url this machine too");
        }
        return standIn;
    }

    private static InetSocketAddress address(URI standIn) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByName(standIn.getHost()), standIn.getPort());
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Starts, per account, the route that fetches from its provider. */
    @Bean
    CamelContextConfiguration fetchRoutes(Tenants tenants, TenantRoutes routes) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                // How many there are at once says fetches-at-once.
                context.getRegistry()
                        .bind(
                                "mediaThreads",
                                Executors.newThreadPerTaskExecutor(
                                        Thread.ofVirtual().name("media-", 0).factory()));
            }

            @Override
            public void afterApplicationStart(CamelContext context) {
                tenants.all().stream()
                        .flatMap(tenant -> tenant.accounts().values().stream())
                        .forEach(account -> routes.start(() -> start(context, account)));
            }
        };
    }

    /** Makes {@code direct:fetch-<provider>-<tenant>-<account>}. */
    static void start(CamelContext context, Account account) {
        String template = "fetch-" + account.provider();
        try {
            context.addRouteFromTemplate(
                    template + "-" + account.tenant() + "-" + account.id(),
                    template,
                    Map.of("tenant", account.tenant(), "account", account.id()));
        } catch (Exception unusable) {
            throw new IllegalStateException(
                    "tenants/%s.yaml: account %s cannot use route %s: %s"
                            .formatted(
                                    account.tenant(),
                                    account.id(),
                                    template,
                                    unusable.getMessage()),
                    unusable);
        }
    }
}
