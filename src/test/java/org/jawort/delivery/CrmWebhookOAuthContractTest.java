package org.jawort.delivery;

import java.util.Base64;
import java.util.Map;
import java.util.Set;

/** The same with an access token on each request. */
class CrmWebhookOAuthContractTest extends CrmWebhookContractTest {

    private static final String SECRET = "client-secret-81c4";

    @Override
    protected Receiver receiver() {
        return new Crm(
                Map.of(
                        "tokenUrl", "{url}/token",
                        "clientId", "jawort",
                        "clientSecret", SECRET),
                Set.of(
                        SECRET,
                        "granted-5f2e",
                        Base64.getEncoder().encodeToString(("jawort:" + SECRET).getBytes())));
    }
}
