package org.jawort.sending;

import java.util.Set;
import org.jawort.message.Channel;
import org.jawort.tenant.Account;
import org.jawort.tenant.ProcessorRegion;
import org.jawort.tenant.Tenant;

/**
 * Whether a tenant's residency permits a channel over an account (RES-4). What passes an operator
 * of its own, such as Meta or Telegram, is processed outside the EU whatever the provider, and
 * stored there unless the operator can be told otherwise: of them only WhatsApp can, by {@code
 * settings.whatsappStorage} of the account ({@code EEA}: local storage, {@code none}: no storage).
 */
final class Residency {

    private static final Set<String> WHATSAPP_AT_HOME = Set.of("EEA", "none");

    private Residency() {}

    static boolean allows(Tenant tenant, Account account, Channel channel) {
        String residency = tenant.residency();
        if (!residency.equals("EU_ONLY") && !residency.equals("EU_AT_REST")) {
            return true;
        }
        ProcessorRegion region =
                account.processor() == null ? null : tenant.regions().get(account.processor());
        return region != null
                && region.suits(residency)
                && switch (channel) {
                    case SMS, WEB -> true;
                    case WHATSAPP ->
                            residency.equals("EU_AT_REST")
                                    && WHATSAPP_AT_HOME.contains(
                                            account.settings().getOrDefault("whatsappStorage", ""));
                    case MMS, MESSENGER, INSTAGRAM, TELEGRAM, APPLE, VIBER, RCS, LINE -> false;
                };
    }
}
