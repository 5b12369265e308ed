package org.jawort.delivery;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;

/**
 * Waits so long for an answer to begin and no longer: then the connection is closed. As a response
 * timeout of the client does, without a wait of the socket's that has a limit ({@link Alarms}). How
 * long the whole of an answer may take is up to {@link Deadline}.
 */
final class PunctualAnswers extends HttpRequestExecutor {

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
        Future<?> alarm = alarms.after(limit, () -> connection.close(CloseMode.IMMEDIATE));
        try {
            return super.execute(request, connection, informed, context);
        } catch (IOException broken) {
            if (alarm.isDone()) {
                var late = new SocketTimeoutException("no answer within " + limit);
                late.initCause(broken);
                throw late;
            }
            throw broken;
        } finally {
            alarm.cancel(false);
        }
    }
}
