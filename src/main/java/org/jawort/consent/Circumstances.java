package org.jawort.consent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jawort.message.Channel;

/** What is configured around a declaration and becomes part of its proof (CON-20). */
public interface Circumstances {

    /**
     * Controller, recipients, retention and the like, as they are now. Of strings, lists and
     * objects only, and of nothing personal.
     */
    ObjectNode terms(String tenant, Channel channel, Purpose purpose);

    /**
     * SHA-256 of a text as the hub keeps it.
     *
     * @return {@code null} for a text the hub does not have
     */
    byte[] textSha256(String tenant, String textVersion, String language);

    /** The privacy notice in force, {@code null} if the tenant has none. */
    String noticeVersion(String tenant);
}
