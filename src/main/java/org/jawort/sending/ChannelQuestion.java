package org.jawort.sending;

import java.time.Instant;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;

/**
 * What the rules of a channel want to know of a message.
 *
 * @param lastInboundAt the person's last message to this very sender; {@code null} if they never
 *     wrote
 * @param adClickAt when they last came by an advertisement; {@code null} if never
 * @param template whether a template carries it
 * @param category what the provider says the template is; {@code null} if it said nothing, or
 *     without template
 * @param tag of the platform, {@code null} for none
 * @param carrier who would hand it on: a provider, or where it has several APIs provider and API,
 *     as {@code messagebird/classic}
 * @param writtenByHuman a person of the tenant wrote these very words
 */
record ChannelQuestion(
        Channel channel,
        Purpose purpose,
        Instant lastInboundAt,
        Instant adClickAt,
        boolean template,
        TemplateCategory category,
        String tag,
        boolean writtenByHuman,
        String carrier) {}
