package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.LocalS3;
import org.jawort.delivery.DestinationContract.Behaviour;
import org.jawort.delivery.DestinationContract.Receiver;
import org.jawort.delivery.DestinationContract.Taken;
import org.jawort.delivery.StubbornServer.Answer;
import org.jawort.delivery.StubbornServer.Request;

/** A bucket of S3Mock behind a server that may stand in the way of what is answered. */
final class BucketReceiver implements Receiver {

    static final String SECRET = "s3-secret-key-0123456789abcdef";

    private static final Set<String> OURS =
            Set.of("host", "content-length", "connection", "expect", "transfer-encoding");

    private final LocalS3 s3 = LocalS3.shared();
    final String bucket = s3.newBucket();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> asked = new ArrayList<>();
    private final String text;
    private volatile Behaviour behaviour = Behaviour.TAKE;
    private final StubbornServer server = new StubbornServer(this::answer);

    /**
     * @param text where in an object the words of the message stand
     */
    BucketReceiver(String text) {
        this.text = text;
    }

    private Answer answer(Request request) {
        if (request.method().equals("PUT") && !request.target().contains("?")) {
            synchronized (asked) {
                asked.add(key(request.target()));
            }
        }
        return switch (behaviour) {
            case TAKE -> forward(request);
            case REFUSE -> error(403, "AccessDenied");
            case UNAVAILABLE -> error(503, "SlowDown");
            case HANG -> {
                forward(request);
                yield Answer.Fault.HANG;
            }
            case DRIP -> Answer.Fault.DRIP_HEAD;
            case CUT -> {
                forward(request);
                yield Answer.Fault.CUT;
            }
        };
    }

    private Answer forward(Request request) {
        HttpRequest.Builder on =
                HttpRequest.newBuilder(URI.create(s3.url() + request.target()))
                        .method(
                                request.method(),
                                HttpRequest.BodyPublishers.ofByteArray(request.body()));
        request.headers()
                .forEach(
                        (name, value) -> {
                            if (!OURS.contains(name)) {
                                on.header(name, value);
                            }
                        });
        try {
            HttpResponse<String> answer =
                    http.send(on.build(), HttpResponse.BodyHandlers.ofString());
            Map<String, String> headers = new HashMap<>();
            answer.headers()
                    .map()
                    .forEach(
                            (name, values) -> {
                                if (!OURS.contains(name) && !name.startsWith(":")) {
                                    headers.put(name, values.getFirst());
                                }
                            });
            return new Answer.Http(answer.statusCode(), headers, answer.body());
        } catch (IOException | InterruptedException unreachable) {
            throw new IllegalStateException(unreachable);
        }
    }

    private static Answer error(int status, String code) {
        return new Answer.Http(
                status,
                Map.of("Content-Type", "application/xml"),
                "<Error><Code>" + code + "</Code><Message>said +4915100000011</Message></Error>");
    }

    /** Of the last event, its id. */
    private static String key(String path) {
        return path.replaceFirst("^.*/[0-9]{19}-", "").replaceFirst("(\\.metadata)?\\.json$", "");
    }

    @Override
    public Map<String, String> settings() {
        return Map.of(
                "endpoint",
                server.url(),
                "bucket",
                bucket,
                "prefix",
                "hub/",
                "lock",
                "COMPLIANCE",
                "accessKeyId",
                "AKIDEXAMPLE",
                "secretAccessKey",
                SECRET);
    }

    @Override
    public Set<String> secrets() {
        return Set.of(SECRET);
    }

    @Override
    public Set<Behaviour> faults() {
        return Set.of(
                Behaviour.REFUSE,
                Behaviour.UNAVAILABLE,
                Behaviour.HANG,
                Behaviour.DRIP,
                Behaviour.CUT);
    }

    @Override
    public void behave(Behaviour next) {
        behaviour = next;
    }

    @Override
    public List<String> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    /** By key, which is the order of the sequence within one conversation. */
    @Override
    public List<Taken> taken() {
        List<Taken> taken = new ArrayList<>();
        s3.client
                .listObjectsV2Paginator(list -> list.bucket(bucket))
                .contents()
                .forEach(
                        object -> {
                            if (!object.key().endsWith(".metadata.json")) {
                                byte[] bytes =
                                        s3.client
                                                .getObjectAsBytes(
                                                        get -> get.bucket(bucket).key(object.key()))
                                                .asByteArray();
                                try {
                                    taken.add(
                                            new Taken(
                                                    key(object.key()),
                                                    new ObjectMapper()
                                                            .readTree(new String(bytes, UTF_8))
                                                            .at(text)
                                                            .textValue()));
                                } catch (IOException noJson) {
                                    throw new IllegalStateException(noJson);
                                }
                            }
                        });
        return taken;
    }

    @Override
    public void close() {
        server.close();
    }
}
