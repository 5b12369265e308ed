package org.jawort.sending;

import org.jawort.message.Channel;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenant;

/**
 * Whether a tenant's residency permits a channel over an account (RES-4). WhatsApp, Messenger,
 * Instagram, Telegram and the like pass their operators outside the EU whatever the provider, so a
 * tenant that is {@code EU_ONLY} has the network operators' channels, over a processor in the EU.
 */
final class Residency {

    private Residency() {}

    static boolean allows(Tenant tenant, Account account, Channel channel) {
        if (!"EU_ONLY".equals(tenant.residency())) {
            return true;
        }
        boolean inEurope =
                account.processor() != null && account.processor().matches(".*-(eu|ie|nl|de)");
        return switch (channel) {
            case SMS, WEB -> inEurope;
            case WHATSAPP, MMS, MESSENGER, INSTAGRAM, TELEGRAM, APPLE, VIBER, RCS, LINE -> false;
        };
    }
}
