package org.jawort;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Webhooks of Twilio about invented people: WhatsApp messages to the demo tenant, and what became
 * of messages sent from it.
 */
public final class TwilioForm {

    public static final String TYPE = "application/x-www-form-urlencoded";

    private final Map<String, String> fields = new LinkedHashMap<>();

    private TwilioForm() {
        fields.put("AccountSid", "ACf00df00df00df00df00df00df00df00d");
        fields.put("ApiVersion", "2010-04-01");
    }

    /**
     * @param number of the person, E.164
     */
    public static TwilioForm text(String sid, String number, String text) {
        TwilioForm form = new TwilioForm();
        form.fields.put("MessageSid", sid);
        form.fields.put("SmsMessageSid", sid);
        form.fields.put("SmsSid", sid);
        form.fields.put("SmsStatus", "received");
        form.fields.put("MessageType", "text");
        form.fields.put("From", "whatsapp:" + number);
        form.fields.put("WaId", number.substring(1));
        form.fields.put("ProfileName", "Jana Beispiel");
        form.fields.put("To", "whatsapp:+493023125010");
        form.fields.put("Body", text);
        form.fields.put("NumMedia", "0");
        form.fields.put("NumSegments", "1");
        return form;
    }

    /**
     * In a conversation of Twilio Conversations.
     *
     * @param number of the person, E.164
     */
    static TwilioForm inConversation(String conversation, String sid, String number, String text) {
        TwilioForm form = new TwilioForm();
        form.fields.put("EventType", "onMessageAdded");
        form.fields.put("ChatServiceSid", "ISbeefbeefbeefbeefbeefbeefbeefbeef");
        form.fields.put("ConversationSid", conversation);
        form.fields.put("MessageSid", sid);
        form.fields.put("Author", "whatsapp:" + number);
        form.fields.put("Source", "WHATSAPP");
        form.fields.put("Body", text);
        return form;
    }

    public static TwilioForm status(String sid, String number, String status) {
        TwilioForm form = new TwilioForm();
        form.fields.put("MessageSid", sid);
        form.fields.put("SmsSid", sid);
        form.fields.put("ChannelPrefix", "whatsapp");
        form.fields.put("MessageStatus", status);
        form.fields.put("SmsStatus", status);
        form.fields.put("From", "whatsapp:+493023125010");
        form.fields.put("To", "whatsapp:" + number);
        return form;
    }

    public TwilioForm with(String field, String value) {
        fields.put(field, value);
        return this;
    }

    TwilioForm without(String field) {
        fields.remove(field);
        return this;
    }

    public byte[] bytes() {
        return fields.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
