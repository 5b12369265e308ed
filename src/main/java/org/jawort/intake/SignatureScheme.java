package org.jawort.intake;

import java.time.Instant;
import org.jawort.tenant.Account;

/**
 * How a provider proves that a webhook is its own. Implementations compare in constant time and
 * never parse the body first.
 */
public interface SignatureScheme {

    SignatureCheck check(WebhookRequest request, Account account, Instant now);
}
