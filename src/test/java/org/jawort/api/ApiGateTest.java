package org.jawort.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Instant;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TenantInTest;
import org.jawort.tenant.Writer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

@DisplayName("S17: wrong keys slow down those who have none, and nobody else")
class ApiGateTest {

    private static final String KEY = "autohaus-beispiel-key-0123456789";

    private final ApiGate gate =
            new ApiGate(
                    new ApiKeys(
                            TenantInTest.of("muster")
                                    .apiKey(
                                            new Tenant.ApiKey(
                                                    "crm",
                                                    "dd8d17e7365ed1264fab7fa97a0f8046f3f5af26bbba67f0bf12b44f6a6e47ce",
                                                    Writer.HUMAN,
                                                    false))
                                    .alone()),
                    new FailedKeys(3, () -> Instant.parse("2026-11-23T10:00:00Z")),
                    1000,
                    new Answers(new ObjectMapper(), 30),
                    new SimpleMeterRegistry());

    @Test
    void opensToTheRightKeyFromAnAddressThatOthersCallFromToo() throws Exception {
        for (int wrong = 0; wrong < 3; wrong++) {
            assertThat(status("Bearer no" + wrong)).isEqualTo(401);
        }

        assertThat(status("Bearer no")).isEqualTo(429);
        assertThat(status(null)).isEqualTo(429);
        assertThat(status("Bearer " + KEY)).isEqualTo(200);
    }

    /** All from one address, as from behind a proxy. */
    private int status(String authorization) throws ServletException, IOException {
        var request = new MockHttpServletRequest("GET", "/api/v1/tenants/muster/conversations");
        if (authorization != null) {
            request.addHeader("Authorization", authorization);
        }
        var response = new MockHttpServletResponse();
        gate.doFilter(request, response, new MockFilterChain());
        return response.getStatus();
    }
}
