package org.jawort.local;

import java.util.Set;

/**
 * Where a provider's webhooks carry what the simulator can replace; paths as in {@link
 * SampleBody.Value}.
 *
 * @param ids what makes a webhook another one for the hub
 * @param text what the person wrote, or the caption
 * @param keyword the text's first word in capitals
 * @param sender the address of the person
 * @param person further ids that belong to the person and the conversation with them
 * @param notFromAPerson paths, or paths with {@code =} and a value: one of these and the webhook
 *     reports on a message of the business
 * @param times when it happened, as the provider says
 */
record ProviderFields(
        Set<String> ids,
        Set<String> text,
        Set<String> keyword,
        Set<String> sender,
        Set<String> person,
        Set<String> notFromAPerson,
        Set<String> times) {

    private static final ProviderFields TWILIO =
            new ProviderFields(
                    Set.of(
                            "/MessageSid",
                            "/SmsMessageSid",
                            "/SmsSid",
                            "/DeliveryReceiptSid",
                            "/ChannelMessageSid"),
                    Set.of("/Body", "/ButtonText"),
                    Set.of(),
                    Set.of("/From", "/Author"),
                    Set.of(
                            "/ExternalUserId",
                            "/ParentExternalUserId",
                            "/ConversationSid",
                            "/ParticipantSid"),
                    Set.of("/MessageStatus", "/DeliveryReceiptSid"),
                    Set.of("/DateCreated"));

    private static final ProviderFields MESSAGEBIRD =
            new ProviderFields(
                    Set.of("/message/id", "/id", "/payload/id"),
                    Set.of(
                            "/message/content/text",
                            "/message/content/image/caption",
                            "/message/content/video/caption",
                            "/message/content/file/caption",
                            "/body",
                            "/payload/body/text/text"),
                    Set.of(),
                    Set.of(
                            "/message/from",
                            "/originator",
                            "/payload/sender/contact/identifierValue"),
                    Set.of("/contact/id", "/conversation/id", "/payload/sender/contact/id"),
                    Set.of("/status", "/message/direction=sent", "/payload/direction=outgoing"),
                    Set.of(
                            "/message/createdDatetime",
                            "/message/updatedDatetime",
                            "/createdDatetime",
                            "/date_utc",
                            "/payload/createdAt",
                            "/payload/updatedAt",
                            "/payload/meta/extraInformation/timestamp",
                            "/timestamp"));

    private static final ProviderFields VONAGE =
            new ProviderFields(
                    Set.of("/message_uuid", "/messageId"),
                    Set.of(
                            "/text",
                            "/image/caption",
                            "/video/caption",
                            "/file/caption",
                            "/button/text",
                            "/reply/title"),
                    Set.of("/keyword", "/sms/keyword"),
                    Set.of("/from", "/msisdn"),
                    Set.of("/whatsapp/sender/user_id", "/whatsapp/sender/parent_user_id"),
                    Set.of("/status"),
                    Set.of("/timestamp", "/message-timestamp"));

    private static final ProviderFields SMOOCH =
            new ProviderFields(
                    Set.of(
                            "/events/*/id",
                            "/events/*/payload/message/id",
                            "/events/*/payload/message/source/originalMessageId",
                            "/messages/*/_id",
                            "/messages/*/source/originalMessageId"),
                    Set.of("/events/*/payload/message/content/text", "/messages/*/text"),
                    Set.of(),
                    Set.of(
                            "/events/*/payload/message/source/client/externalId",
                            "/client/externalId"),
                    Set.of(
                            "/events/*/payload/message/author/userId",
                            "/events/*/payload/message/source/client/id",
                            "/events/*/payload/conversation/id",
                            "/appUser/_id",
                            "/client/_id",
                            "/conversation/_id"),
                    Set.of("/events/*/payload/message/author/type=business"),
                    Set.of(
                            "/events/*/createdAt",
                            "/events/*/payload/message/received",
                            "/events/*/payload/message/source/originalMessageTimestamp",
                            "/messages/*/received",
                            "/messages/*/source/originalMessageTimestamp",
                            "/timestamp"));

    /**
     * @throws LocalStartFailed if the simulator does not know the provider
     */
    static ProviderFields of(String provider) {
        return switch (provider) {
            case "twilio" -> TWILIO;
            case "messagebird" -> MESSAGEBIRD;
            case "vonage" -> VONAGE;
            case "smooch" -> SMOOCH;
            default ->
                    throw new LocalStartFailed(
                            "the simulator cannot change a webhook of provider \""
                                    + provider
                                    + "\"; send the sample as it is");
        };
    }
}
