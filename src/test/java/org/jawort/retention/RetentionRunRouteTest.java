package org.jawort.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;

/** The order of a retention run, as {@code routes/retention/retention-run.camel.yaml} has it. */
class RetentionRunRouteTest extends CamelTestSupport {

    private static final List<String> STEPS =
            List.of(
                    "retention-close-idle",
                    "retention-waiting",
                    "retention-plan",
                    "retention-batches-media",
                    "retention-batches-text",
                    "retention-batches-restrict",
                    "retention-batches-metadata",
                    "retention-batches-retained",
                    "retention-batches-prompts",
                    "retention-batches-proof",
                    "retention-batches-relationships",
                    "retention-batches-notices",
                    "retention-batches-people",
                    "retention-batches-buffers",
                    "retention-batches-keys",
                    "retention-holds",
                    "retention-evidence");

    /** Takes the place of {@link RetentionRuns}; the route knows it by name and methods. */
    public static final class Runs {

        /** As the real one: the header arrives, and leaves typed. */
        public void begin(Exchange exchange) {
            exchange.getMessage()
                    .setHeader(
                            "dryRun",
                            exchange.getMessage().getHeader("dryRun", false, Boolean.class));
            exchange.setProperty(
                    "jawort.retention.ahead",
                    exchange.getMessage().getHeader("dryRun", Boolean.class)
                            || exchange.getMessage().getHeader("planHash") != null);
        }

        public void decide(Exchange exchange) {
            exchange.setProperty("decided", true);
        }

        public void finish(Exchange exchange) {
            exchange.getMessage().setBody("finished");
        }
    }

    @Override
    protected RoutesBuilder[] createRouteBuilders() throws Exception {
        context.getRegistry().bind("retentionRuns", new Runs());
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(
                        ResourceHelper.resolveResource(
                                context,
                                "file:"
                                        + Path.of("routes/retention/retention-run.camel.yaml")
                                                .toAbsolutePath()));
        return new RoutesBuilder[] {
            new RouteBuilder() {
                @Override
                public void configure() {
                    for (String step : STEPS) {
                        from("direct:" + step)
                                .setProperty("step", constant("mock://" + step))
                                .to("mock:" + step, "mock:all");
                    }
                }
            }
        };
    }

    @Test
    void deletesMediaBeforeTextAndThenWhatWaitsForThat() throws InterruptedException {
        MockEndpoint all = getMockEndpoint("mock:all");
        all.expectedMessageCount(STEPS.size());
        for (int i = 0; i < STEPS.size(); i++) {
            getMockEndpoint("mock:" + STEPS.get(i)).expectedMessageCount(1);
        }

        template.sendBodyAndHeader("direct:retention-run", "autohaus-muster", "planHash", "9f86");

        MockEndpoint.assertIsSatisfied(context);
        for (int i = 1; i < STEPS.size(); i++) {
            long before = arrival(STEPS.get(i - 1));
            long after = arrival(STEPS.get(i));
            assertThat(before).isLessThan(after);
        }
    }

    @Test
    void countsNothingBeforehandWhereThereIsNoPlan() throws InterruptedException {
        STEPS.forEach(
                step ->
                        getMockEndpoint("mock:" + step)
                                .expectedMessageCount(step.equals("retention-plan") ? 0 : 1));

        template.sendBodyAndHeader("direct:retention-run", "autohaus-muster", "dryRun", false);

        MockEndpoint.assertIsSatisfied(context);
    }

    @Test
    void stopsAfterThePlanWhenItIsOnlyTried() throws InterruptedException {
        getMockEndpoint("mock:retention-plan").expectedMessageCount(1);
        STEPS.stream()
                .filter(step -> STEPS.indexOf(step) > STEPS.indexOf("retention-plan"))
                .forEach(step -> getMockEndpoint("mock:" + step).expectedMessageCount(0));

        Object report =
                template.requestBodyAndHeader(
                        "direct:retention-run", "autohaus-muster", "dryRun", true);

        MockEndpoint.assertIsSatisfied(context);
        assertThat(report).isEqualTo("finished");
    }

    /** The place of a step's only message among all messages of the run. */
    private long arrival(String step) {
        String mine = "mock://" + step;
        List<Exchange> all = getMockEndpoint("mock:all").getExchanges();
        for (int i = 0; i < all.size(); i++) {
            if (mine.equals(all.get(i).getProperty("step"))) {
                return i;
            }
        }
        throw new AssertionError(step + " never ran");
    }
}
