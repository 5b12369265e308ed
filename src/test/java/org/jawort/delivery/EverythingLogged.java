package org.jawort.delivery;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What is logged while it is open; of the hub and of Camel, what they log when they debug too. */
final class EverythingLogged implements AutoCloseable {

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = logger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger hub = logger("org.jawort");
    private final Logger camel = logger("org.apache.camel");
    private final Level hubLevel = hub.getLevel();
    private final Level camelLevel = camel.getLevel();

    EverythingLogged() {
        hub.setLevel(Level.DEBUG);
        camel.setLevel(Level.DEBUG);
        log.start();
        root.addAppender(log);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (ILoggingEvent event : events()) {
            text.append(event.getFormattedMessage()).append('\n');
            if (event.getThrowableProxy() != null) {
                text.append(ThrowableProxyUtil.asString(event.getThrowableProxy())).append('\n');
            }
        }
        return text.toString();
    }

    /** Others may be at logging, which holds this lock as well. */
    private List<ILoggingEvent> events() {
        synchronized (log) {
            return List.copyOf(log.list);
        }
    }

    static String trace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Override
    public void close() {
        root.detachAppender(log);
        hub.setLevel(hubLevel);
        camel.setLevel(camelLevel);
    }
}
