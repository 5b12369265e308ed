package org.jawort.consent;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jawort.consent.InboundMessage.ProviderPreference;
import org.jawort.message.Channel;

/**
 * Words an SMS provider acts on by itself (CON-15): at one it answers and blocks the pair of
 * numbers, at another it lifts that block. None does so on another channel. That it lifted one
 * nobody tells, so it is read here; whether it blocks depends on the account, and a refusal to send
 * says so (T9). Its help words are not here: what it answers to them is not the privacy text and
 * contact of CON-14.
 *
 * @see <a href="https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out">Twilio, opt-out
 *     keywords</a>
 * @see <a href="https://developer.vonage.com/en/opt-out-assist/technical-details">Vonage, Opt-Out
 *     Assist</a>
 */
public final class ProviderWords {
    private ProviderWords() {}

    /**
     * At which Twilio, MessageBird or both block. Vonage does so in North America only, at words
     * each business registers.
     */
    static final Set<String> STOPS =
            Set.of(
                    "stop",
                    "stopall",
                    "unsubscribe",
                    "cancel",
                    "end",
                    "quit",
                    "revoke",
                    "optout",
                    "arret",
                    "halt",
                    "detener",
                    "parar",
                    "ferma",
                    "остановить",
                    "zatrzymaj");

    /** Of Smooch what both providers beneath it have. */
    private static final Map<String, Set<String>> START =
            Map.of(
                    "twilio",
                    Set.of("start", "yes", "unstop"),
                    "messagebird",
                    Set.of("start", "begin", "resume", "revert", "unstop"),
                    "vonage",
                    Set.of("start", "unstop"),
                    "smooch",
                    Set.of("start", "unstop"));

    /**
     * Strict, as the providers are: case and what is blank around it are all that may differ. A
     * word written in another way is no word of theirs, whatever it is to us.
     *
     * @param provider as accounts name it
     * @param text a whole message a person typed
     * @return what the provider took it for; null if for nothing
     */
    public static ProviderPreference read(String provider, Channel channel, String text) {
        if (channel.consentChannel() != Channel.SMS) {
            return null;
        }
        var word = text.strip().toLowerCase(Locale.ROOT);
        return START.getOrDefault(provider, Set.of()).contains(word)
                ? ProviderPreference.START
                : null;
    }
}
