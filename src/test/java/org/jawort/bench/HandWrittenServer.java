package org.jawort.bench;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.http.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.web.embedded.EmbeddedWebServerFactoryCustomizerAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.DispatcherServletAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.ServletWebServerFactoryAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.WebMvcAutoConfiguration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Spring Boot with Spring MVC on virtual threads, and one handler for Twilio's webhooks: what the
 * hand-written programs have in common. Named part by part and without stereotype annotations,
 * because the hub, on the same class path, would otherwise find these and these would find the
 * hub's libraries.
 */
final class HandWrittenServer {

    private static final byte[] EMPTY_TWIML = "<Response/>".getBytes();

    /** What a program does with an authentic webhook before it answers 200. */
    @FunctionalInterface
    interface Acceptance {
        void accept(byte[] body) throws Exception;
    }

    @ImportAutoConfiguration({
        ServletWebServerFactoryAutoConfiguration.class,
        EmbeddedWebServerFactoryCustomizerAutoConfiguration.class,
        DispatcherServletAutoConfiguration.class,
        WebMvcAutoConfiguration.class,
        HttpMessageConvertersAutoConfiguration.class,
        JacksonAutoConfiguration.class,
        TaskExecutionAutoConfiguration.class
    })
    static final class Parts {}

    /** The handler as one would write it, but for {@code @RestController}. */
    public static final class WebhookHandler {

        private final String publicUrl;
        private final HandWrittenTwilioCheck check;
        private final Acceptance acceptance;

        WebhookHandler(String publicUrl, HandWrittenTwilioCheck check, Acceptance acceptance) {
            this.publicUrl = publicUrl;
            this.check = check;
            this.acceptance = acceptance;
        }

        public void receive(
                @PathVariable("tenant") String tenant,
                @PathVariable("account") String account,
                HttpServletRequest request,
                HttpServletResponse response)
                throws Exception {
            byte[] body = request.getInputStream().readAllBytes();
            String url = publicUrl + request.getRequestURI();
            if (!check.accepts(request.getHeader("X-Twilio-Signature"), url, body)) {
                response.setStatus(401);
                return;
            }
            acceptance.accept(body);
            answer(response);
        }

        private static void answer(HttpServletResponse response) throws IOException {
            response.setContentType("application/xml");
            response.setContentLength(EMPTY_TWIML.length);
            response.getOutputStream().write(EMPTY_TWIML);
        }
    }

    private HandWrittenServer() {}

    /** Serves until the process ends. Configured by the variables {@link Candidate} sets. */
    static void serve(Acceptance acceptance) {
        var spring = new SpringApplication(Parts.class);
        Map<String, Object> properties = new HashMap<>();
        properties.put("spring.config.name", "hand-written"); // not the hub's application.yaml
        properties.put("server.port", environment("PORT"));
        properties.put("server.address", "127.0.0.1");
        properties.put("spring.threads.virtual.enabled", "true");
        properties.put("spring.main.banner-mode", "off");
        properties.put("logging.level.org.apache.kafka", "WARN");
        spring.setDefaultProperties(properties);
        var handler =
                new WebhookHandler(
                        environment("BENCH_PUBLIC_URL"),
                        new HandWrittenTwilioCheck(environment("TWILIO_TOKEN")),
                        acceptance);
        spring.addInitializers(
                context ->
                        ((GenericApplicationContext) context)
                                .registerBean(
                                        "webhookMapping",
                                        InitializingBean.class,
                                        () -> () -> register(context.getBean(mapping()), handler)));
        spring.run();
    }

    static String environment(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException("the bench sets " + name);
        }
        return value;
    }

    private static Class<RequestMappingHandlerMapping> mapping() {
        return RequestMappingHandlerMapping.class;
    }

    private static void register(RequestMappingHandlerMapping mapping, WebhookHandler handler)
            throws NoSuchMethodException {
        mapping.registerMapping(
                RequestMappingInfo.paths("/webhooks/twilio/{tenant}/{account}")
                        .methods(RequestMethod.POST)
                        .options(mapping.getBuilderConfiguration())
                        .build(),
                handler,
                WebhookHandler.class.getMethod(
                        "receive",
                        String.class,
                        String.class,
                        HttpServletRequest.class,
                        HttpServletResponse.class));
    }
}
