package org.jawort.intake;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.jawort.Failures;
import org.jawort.KafkaRecords;
import org.jawort.tenant.Account;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of an intake route: verify, seal, answer. Registered as {@code webhookIntake}. */
public final class WebhookIntake {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookIntake.class);
    static final String PROVIDER = "jawort.provider";
    static final String TENANT = "jawort.tenant";
    static final String ACCOUNT = "jawort.account";

    private final SignatureSchemes schemes;
    private final WebhookSeal seal;
    private final InstantSource clock;
    private final MeterRegistry meters;

    public WebhookIntake(
            SignatureSchemes schemes, WebhookSeal seal, InstantSource clock, MeterRegistry meters) {
        this.schemes = schemes;
        this.seal = seal;
        this.clock = clock;
        this.meters = meters;
    }

    /**
     * Verifies the signature over what the gate took, then makes the message a sealed record for
     * the topic.
     *
     * @throws WebhookRejected 401, or 503 where the provider sends an unsigned webhook again,
     *     signed
     */
    public void verify(Exchange exchange) {
        WebhookGate.Arrival arrival =
                exchange.getProperty(WebhookRoutes.ARRIVAL, WebhookGate.Arrival.class);
        Account account = arrival.account();
        exchange.setProperty(PROVIDER, account.provider());
        exchange.setProperty(TENANT, account.tenant());
        exchange.setProperty(ACCOUNT, account.id());
        switch (schemes.of(account).check(arrival.request(), account, clock.instant())) {
            case SignatureCheck.Authentic authentic -> {}
            case SignatureCheck.Forged forged -> throw new WebhookRejected(401, forged.reason());
            case SignatureCheck.Unsigned unsigned -> throw new WebhookRejected(503, "unsigned");
        }
        KafkaRecords.send(
                exchange,
                account.tenant() + "/" + account.id(),
                seal.seal(account.tenant(), account.id(), arrival.request()));
    }

    /** 200 with what the provider expects. */
    public void answerTwiml(Exchange exchange) {
        accept(exchange, WebhookAnswer.TWIML);
    }

    public void answerOk(Exchange exchange) {
        accept(exchange, WebhookAnswer.OK);
    }

    public void answerEmpty(Exchange exchange) {
        accept(exchange, WebhookAnswer.EMPTY);
    }

    /** The answer to a webhook that was rejected. */
    public void refuse(Exchange exchange) {
        WebhookRejected rejected =
                exchange.getProperty(Exchange.EXCEPTION_CAUGHT, WebhookRejected.class);
        count("rejected", exchange, rejected.reason());
        exchange.setProperty(WebhookAnswer.NAME, WebhookAnswer.empty(rejected.status()));
    }

    /**
     * The answer when nothing could be stored, or anything else failed: come again. Never 500,
     * never a false 200.
     */
    public void unavailable(Exchange exchange) {
        count("unavailable", exchange, "not_durable");
        LOG.warn(
                "intake.unavailable provider={} cause={}",
                exchange.getProperty(PROVIDER),
                Failures.describe(
                        exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)));
        exchange.setProperty(WebhookAnswer.NAME, WebhookAnswer.UNAVAILABLE);
    }

    private void accept(Exchange exchange, WebhookAnswer answer) {
        boolean overtakes = exchange.getProperty(WebhookSpool.OVERTAKES, false, Boolean.class);
        count("accepted", exchange, overtakes ? "out_of_order" : "durable");
        exchange.setProperty(WebhookAnswer.NAME, answer);
    }

    private void count(String outcome, Exchange exchange, String reason) {
        meters.counter(
                        "jawort.webhooks." + outcome,
                        "provider",
                        exchange.getProperty(PROVIDER, "unknown", String.class),
                        "reason",
                        reason)
                .increment();
    }
}
