package org.jawort.sending;

import java.util.Optional;
import java.util.UUID;
import org.jawort.message.Channel;
import org.jawort.tenant.Writer;

/** The words that tell people who writes to them (FLT-7). Inside the caller's transaction. */
public interface Disclosing {

    /**
     * @param textVersion as {@code bot-writes-v1}
     * @param language ISO 639-1
     */
    record Words(String textVersion, String language, String text) {}

    /**
     * In the language of the conversation, else the tenant's.
     *
     * @param writer a bot, or a person after a bot
     * @return empty if the tenant has no such text in force
     */
    Optional<Words> words(String tenant, UUID subject, Channel channel, Writer writer);
}
