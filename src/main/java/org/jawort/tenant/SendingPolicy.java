package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a tenant decided about the messages it sends.
 *
 * @param sensitiveWords that have no place in a chat, beside the numbers the hub knows (FLT-8); a
 *     word that ends in {@code *} is a beginning
 * @param withoutContentGuard who switched the guard off, and why; {@code null} while it is on
 * @param monthlyCap how many messages a calendar month at most over all accounts, {@code null} for
 *     no limit
 * @param marketing who approved advertising (CON-24); {@code null} if nobody did
 */
public record SendingPolicy(
        Set<String> sensitiveWords,
        Waiver withoutContentGuard,
        Integer monthlyCap,
        Approval marketing) {

    /** The guard is on, advertising is not. */
    public static final SendingPolicy DEFAULT = new SendingPolicy(Set.of(), null, null, null);

    /**
     * @param by a name
     */
    public record Waiver(String by, String reason) {}

    /**
     * @param by a name
     */
    public record Approval(String by, LocalDate on) {}

    public SendingPolicy {
        sensitiveWords = Set.copyOf(sensitiveWords);
    }

    static SendingPolicy parse(JsonNode tenant) {
        Set<String> words = new TreeSet<>();
        tenant.path("contentGuard").path("words").forEach(word -> words.add(word.asText()));
        String cap = tenant.path("sending").path("monthlyCap").asText("");
        JsonNode off = tenant.path("contentGuard").path("off");
        JsonNode marketing = tenant.path("marketing");
        return new SendingPolicy(
                words,
                off.isObject()
                        ? new Waiver(off.get("by").asText(), off.get("reason").asText())
                        : null,
                cap.isEmpty() ? null : Integer.valueOf(cap),
                marketing.isObject()
                        ? new Approval(
                                marketing.get("approvedBy").asText(),
                                LocalDate.parse(marketing.get("approvedOn").asText()))
                        : null);
    }

    public boolean isContentGuarded() {
        return withoutContentGuard == null;
    }

    /** Names nobody. */
    @Override
    public String toString() {
        return "SendingPolicy[contentGuard=" + isContentGuarded() + "]";
    }
}
