package org.jawort;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The hub with a fault point, which is in no jar: it ends as by kill -9 before a step of a route is
 * taken for the n-th time. {@code HALT_BEFORE} names the step as {@code <route>/<id>}, or {@code
 * <route>/<bean>.<method>} where it has no id of its own; {@code HALT_AT} says which time.
 */
public final class HaltingHub {

    static final String STEP = "HALT_BEFORE";
    static final String TIME = "HALT_AT";

    /** What a process that was killed ends with. */
    static final int KILLED = 137;

    private HaltingHub() {}

    public static void main(String[] arguments) {
        String step = System.getenv(STEP);
        int time = Integer.parseInt(System.getenv().getOrDefault(TIME, "1"));
        new SpringApplicationBuilder(JawortApplication.class)
                .initializers(
                        application ->
                                ((GenericApplicationContext) application)
                                        .registerBean(
                                                "haltBefore",
                                                InterceptStrategy.class,
                                                () -> new HaltBefore(step, time)))
                .run(arguments);
    }

    private record HaltBefore(String step, int time, AtomicInteger times)
            implements InterceptStrategy {

        HaltBefore(String step, int time) {
            this(step, time, new AtomicInteger());
        }

        @Override
        public Processor wrapProcessorInInterceptors(
                CamelContext context, NamedNode node, Processor target, Processor next) {
            if (!(node instanceof ProcessorDefinition<?> definition) || !name(definition)) {
                return target;
            }
            return new DelegateAsyncProcessor(target) {
                @Override
                public boolean process(Exchange exchange, AsyncCallback callback) {
                    if (times.incrementAndGet() == time) {
                        Runtime.getRuntime().halt(KILLED);
                    }
                    return super.process(exchange, callback);
                }
            };
        }

        private boolean name(ProcessorDefinition<?> definition) {
            String route = ProcessorDefinitionHelper.getRouteId(definition);
            String id =
                    definition instanceof BeanDefinition bean
                            ? bean.getRef() + "." + bean.getMethod()
                            : definition.getId();
            return step.equals(route + "/" + id);
        }
    }
}
