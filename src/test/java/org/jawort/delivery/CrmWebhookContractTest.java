package org.jawort.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
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
        return new Crm();
    }

    /** Keeps what it answers with 2xx, or would have if the line had held. */
    private static final class Crm implements Receiver {

        private final List<Taken> taken = new ArrayList<>();
        private volatile Behaviour behaviour = Behaviour.TAKE;
        private final StubbornServer server = new StubbornServer(this::answer);

        private Answer answer(Request request) {
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
            return Map.of("url", server.url() + "/hooks", "secret", "whsec_" + KEY);
        }

        @Override
        public Set<String> secrets() {
            return Set.of(KEY);
        }

        @Override
        public Set<Behaviour> faults() {
            return Set.of(Behaviour.REFUSE, Behaviour.UNAVAILABLE, Behaviour.HANG, Behaviour.CUT);
        }

        @Override
        public void behave(Behaviour next) {
            behaviour = next;
        }

        @Override
        public List<String> asked() {
            return server.requests().stream().map(it -> it.header("webhook-id")).toList();
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
