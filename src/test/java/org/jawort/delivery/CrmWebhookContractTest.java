package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.spi.Registry;
import org.jawort.delivery.StubbornServer.Answer;
import org.jawort.delivery.StubbornServer.Request;
import org.jawort.tenant.Tenants;

class CrmWebhookContractTest extends DestinationContract {

    private static final String KEY = "amF3b3J0LWRlbW8tY3JtLXNlY3JldC0zMi1ieXRlcyE=";

    @Override
    protected String route() {
        return "crm-webhook";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        InstantSource clock = InstantSource.system();
        registry.bind("webhookSigner", new WebhookSigner(tenants, clock));
        registry.bind("httpOutcome", new HttpOutcome(clock));
    }

    @Override
    protected Receiver receiver() {
        return new Crm(Map.of(), Set.of());
    }

    /** Keeps what it answers with 2xx, or would have if the line had held. */
    static final class Crm implements Receiver {

        private final List<Taken> taken = Collections.synchronizedList(new ArrayList<>());
        private volatile Behaviour behaviour = Behaviour.TAKE;
        private final StubbornServer server = new StubbornServer(this::answer);
        private final Map<String, String> more;
        private final Set<String> secrets;

        /**
         * @param more settings; {@code {url}} in them is this server's
         */
        Crm(Map<String, String> more, Set<String> secrets) {
            this.more = more;
            this.secrets = secrets;
        }

        private Answer answer(Request request) {
            if (request.target().equals("/token")) {
                return Answer.json(
                        200,
                        """
                        { "access_token": "granted-5f2e", "token_type": "Bearer", "expires_in": 3600 }""");
            }
            return switch (behaviour) {
                case TAKE -> keep(request, Answer.status(204));
                case REFUSE -> Answer.json(422, "{}");
                case UNAVAILABLE -> Answer.status(503);
                case HANG -> keep(request, Answer.Fault.HANG);
                case DRIP -> Answer.Fault.DRIP_HEAD;
                case CUT -> keep(request, Answer.Fault.CUT);
            };
        }

        private Answer keep(Request request, Answer answer) {
            try {
                JsonNode event = new ObjectMapper().readTree(request.body());
                taken.add(
                        new Taken(
                                request.header("webhook-id"),
                                event.at("/data/content/text").textValue()));
                return answer;
            } catch (IOException | RuntimeException noEvent) {
                return Answer.status(400);
            }
        }

        @Override
        public Map<String, String> settings() {
            Map<String, String> settings = new HashMap<>();
            settings.put("url", server.url() + "/hooks");
            settings.put("secret", "whsec_" + KEY);
            more.forEach((name, value) -> settings.put(name, value.replace("{url}", server.url())));
            return settings;
        }

        @Override
        public Set<String> secrets() {
            Set<String> all = new HashSet<>(secrets);
            all.add(KEY);
            return all;
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
            return server.requests().stream()
                    .filter(it -> it.target().equals("/hooks"))
                    .map(it -> it.header("webhook-id"))
                    .toList();
        }

        @Override
        public List<Taken> taken() {
            return List.copyOf(taken);
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
