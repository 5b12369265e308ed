package org.jawort.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Plays a provider: sends one of its recorded webhooks, signed as the provider would, to the hub.
 */
public final class Simulate {

    private static final String USAGE =
            """
            Usage: ./hub simulate --list [provider]
                   ./hub simulate <provider> <sample> [options]

              --fresh          new message ids and the present time, so that the hub does not take it for a repetition
              --text TEXT      another text
              --from ADDRESS   another sender, for example +4915112345678
              --repeat N       send it N times (with --fresh: N different messages)
              --account ID     the account of tenant autohaus-muster it is for (the provider's name)
              --url URL        where the hub is (JAWORT_PUBLIC_URL, else http://localhost:PORT)
            """;

    private final LocalSettings settings;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private Simulate(LocalSettings settings) {
        this.settings = settings;
    }

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    /** 0 if the hub took everything, 1 if not, 2 for a command nobody understands. */
    private static int run(List<String> arguments) {
        try {
            var settings = LocalSettings.from(System::getenv);
            if (arguments.contains("--help") || arguments.isEmpty()) {
                System.out.print(USAGE);
                return arguments.isEmpty() ? 2 : 0;
            }
            if (arguments.getFirst().equals("--list")) {
                list(settings.home().resolve("mappings"), arguments.subList(1, arguments.size()));
                return 0;
            }
            return new Simulate(settings).send(SimulateCommand.parse(arguments)) ? 0 : 1;
        } catch (SimulateCommand.NotUnderstood wrong) {
            System.err.println("jawort: " + wrong.getMessage());
            System.err.print(USAGE);
            return 2;
        } catch (LocalStartFailed failure) {
            System.err.println("jawort: " + failure.getMessage());
            return 1;
        }
    }

    private static void list(Path mappings, List<String> providers) {
        for (Sample sample : Sample.all(mappings)) {
            if (providers.isEmpty() || providers.contains(sample.provider())) {
                System.out.println(sample.provider() + " " + sample.name());
            }
        }
    }

    private boolean send(SimulateCommand command) {
        Sample sample =
                Sample.find(
                        settings.home().resolve("mappings"), command.provider(), command.sample());
        boolean allTaken = true;
        for (int i = 0; i < command.repeat(); i++) {
            String seed = command.fresh() ? UUID.randomUUID().toString() : null;
            Instant at = command.fresh() ? settings.clock().instant() : null;
            var webhook =
                    sample.webhook(new SampleChange(seed, command.text(), command.from(), at));
            allTaken &= post(command, webhook, i == 0);
        }
        return allTaken;
    }

    private boolean post(SimulateCommand command, Sample.Webhook webhook, boolean inFull) {
        String base = command.url() == null ? settings.publicUrl() : command.url();
        String path =
                "/webhooks/%s/%s/%s"
                        .formatted(command.provider(), DemoTenant.ID, command.account());
        String query = webhook.query() == null ? "" : "?" + webhook.query();
        SignedWebhook signed =
                new ProviderSigner()
                        .sign(
                                command.provider(),
                                null,
                                webhook.method(),
                                settings.publicUrl(command.url()) + path + query,
                                webhook.contentType(),
                                webhook.body(),
                                DemoTenant.signing(command.provider(), System::getenv),
                                settings.clock().instant());
        String signedTail = signed.url().substring(signed.url().indexOf(path));
        URI target = URI.create(withoutSlash(base) + signedTail);
        var request =
                HttpRequest.newBuilder(target)
                        .timeout(Duration.ofSeconds(60))
                        .method(
                                signed.method(),
                                HttpRequest.BodyPublishers.ofByteArray(signed.body()));
        signed.headers().forEach(request::header);
        if (webhook.contentType() != null) {
            request.header("Content-Type", webhook.contentType());
        }
        if (inFull) {
            show(request.build(), signed.body());
        }
        return show(answer(request.build()));
    }

    private HttpResponse<String> answer(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException notThere) {
            throw new LocalStartFailed(
                    "no hub answers at %s; start it with ./hub run"
                            .formatted(request.uri().resolve("/")),
                    notThere);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LocalStartFailed("interrupted", interrupted);
        }
    }

    private static void show(HttpRequest request, byte[] body) {
        System.out.println("> " + request.method() + " " + request.uri());
        request.headers()
                .map()
                .forEach(
                        (name, values) ->
                                System.out.println("> " + name + ": " + String.join(", ", values)));
        System.out.println(">");
        if (body.length > 0) {
            System.out.println(indented("> ", new String(body, StandardCharsets.UTF_8)));
        }
    }

    private static boolean show(HttpResponse<String> answer) {
        System.out.println("< " + answer.statusCode());
        if (!answer.body().isBlank()) {
            System.out.println(indented("< ", answer.body()));
        }
        return answer.statusCode() / 100 == 2;
    }

    private static String indented(String prefix, String text) {
        return text.lines().map(line -> prefix + line).collect(Collectors.joining("\n"));
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
}
