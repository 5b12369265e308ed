package org.jawort;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of a failed run in one line: route, kinds of error, SQL state. Messages of foreign
 * exceptions are left out, because drivers and parsers put values into them (LOG-1). Registered as
 * {@code failures}.
 */
public final class Failures implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private final MeterRegistry meters;

    public Failures(MeterRegistry meters) {
        this.meters = meters;
    }

    /** For {@code onExceptionOccurred}, on each try. */
    @Override
    public void process(Exchange exchange) {
        report(exchange);
    }

    public void report(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        meters.counter("jawort.runs.failed", "route", String.valueOf(exchange.getFromRouteId()))
                .increment();
        LOG.warn("run.failed route={} cause={}", exchange.getFromRouteId(), describe(cause));
    }

    /**
     * Class names from the outermost to the root cause, with SQL state and the messages of the
     * hub's own exceptions.
     */
    public static String describe(Throwable throwable) {
        StringBuilder chain = new StringBuilder();
        int depth = 0;
        for (Throwable at = throwable; at != null && depth < 6; at = at.getCause(), depth++) {
            chain.append(chain.isEmpty() ? "" : " < ").append(at.getClass().getSimpleName());
            if (at instanceof SQLException sql) {
                chain.append('[').append(sql.getSQLState()).append(']');
            }
            if (at.getClass().getName().startsWith("org.jawort.")) {
                chain.append('(').append(at.getMessage()).append(')');
            } else if (at.getStackTrace().length > 0) {
                chain.append(" at ").append(place(at.getStackTrace()));
            }
        }
        return chain.toString();
    }

    /** The innermost frame of the hub's own code, else the innermost at all. */
    private static StackTraceElement place(StackTraceElement[] frames) {
        for (StackTraceElement frame : frames) {
            if (frame.getClassName().startsWith("org.jawort.")) {
                return frame;
            }
        }
        return frames[0];
    }
}
