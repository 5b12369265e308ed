package org.jawort.delivery;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/**
 * Waits so long for an answer to begin and no longer: then the connection is closed. As a response
 * timeout of the client does, without a wait of the socket's that has a limit ({@link Alarms}); a
 * request that takes time to send keeps that one, as the time is the answer's, and so does the rest
 * of an answer. How long the whole of it may take is up to {@link Deadline}.
 */
final class PunctualAnswers extends HttpRequestExecutor {

    /** What a socket takes at once, however slow who reads it. */
    private static final int SENT_AT_ONCE = 64 * 1024;

    private final Alarms alarms;
    private final Duration limit;

    PunctualAnswers(Alarms alarms, Duration limit) {
        this.alarms = alarms;
        this.limit = limit;
    }

    /**
     * @throws SocketTimeoutException if no answer began in time
     */
    @Override
    public ClassicHttpResponse execute(
            ClassicHttpRequest request,
            HttpClientConnection connection,
            HttpResponseInformationCallback informed,
            HttpContext context)
            throws IOException, HttpException {
        Timeout ofTheSocket = Timeout.of(limit);
        if (!isSentAtOnce(request.getEntity())) {
            connection.setSocketTimeout(ofTheSocket);
            return super.execute(request, connection, informed, context);
        }
        connection.setSocketTimeout(Timeout.DISABLED);
        var over = new AtomicBoolean();
        Future<?> alarm =
                alarms.after(
                        limit,
                        () -> {
                            if (over.compareAndSet(false, true)) {
                                connection.close(CloseMode.IMMEDIATE);
                            }
                        });
        try {
            ClassicHttpResponse answer = super.execute(request, connection, informed, context);
            if (over.compareAndSet(false, true)) {
                connection.setSocketTimeout(ofTheSocket); // for what is not there yet
                return answer;
            }
        } catch (IOException broken) {
            if (over.compareAndSet(false, true)) {
                throw broken;
            }
        } finally {
            over.set(true);
            alarm.cancel(false);
        }
        throw new SocketTimeoutException("no answer within " + limit);
    }

    private static boolean isSentAtOnce(HttpEntity entity) {
        return entity == null
                || entity.getContentLength() >= 0 && entity.getContentLength() <= SENT_AT_ONCE;
    }
}
