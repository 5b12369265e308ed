package org.jawort.sending;

import java.io.IOException;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * The HTTP client messages are sent with: one request per attempt, nothing repeated, followed,
 * remembered or unpacked, and of a failure it is known whether it came before or after the request
 * was written. Registered as {@code sendingHttpClient}.
 */
public final class SendingHttpClient implements HttpClientConfigurer {

    /** The request may have reached the provider before this happened. */
    static final class Written extends IOException {

        private static final long serialVersionUID = 1L;

        Written(Exception cause) {
            super(cause);
        }
    }

    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        client.disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .setRequestExecutor(new Executor());
    }

    /** Begins when the connection stands, TLS included. */
    private static final class Executor extends HttpRequestExecutor {

        @Override
        public ClassicHttpResponse execute(
                ClassicHttpRequest request,
                HttpClientConnection connection,
                HttpResponseInformationCallback informed,
                HttpContext context)
                throws IOException, HttpException {
            try {
                return super.execute(request, connection, informed, context);
            } catch (IOException | HttpException | RuntimeException broken) {
                throw new Written(broken);
            }
        }
    }
}
