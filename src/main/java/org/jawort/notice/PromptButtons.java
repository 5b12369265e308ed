package org.jawort.notice;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jawort.consent.Prompt;
import org.jawort.message.Channel;
import org.jawort.tenant.Account;
import org.jawort.tenant.Template;
import org.jawort.tenant.Tenant;

/**
 * How a prompt asks: with a button for each answer where the account has them, else with words
 * alone. A button is the better question, its payload is nobody's guess (CON-11).
 */
final class PromptButtons {

    /** What WhatsApp takes beside buttons; the others take more. */
    private static final int LONGEST_TEXT = 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private PromptButtons() {}

    /** The tenant's accounts that can send on a channel, in their order of preference. */
    static List<Account> senders(Tenant tenant, Channel channel) {
        return tenant.accounts().values().stream()
                .filter(account -> account.sending() != null)
                .filter(
                        account ->
                                account.channels().stream()
                                        .anyMatch(one -> one.channel() == channel))
                .sorted(Comparator.comparing(account -> account.sending().order()))
                .toList();
    }

    /**
     * @param account over which it goes, {@code null} if that is chosen later, so that whichever is
     *     chosen must have them
     */
    static boolean available(Tenant tenant, String account, Channel channel) {
        return all(tenant, account, channel, one -> has(one, channel));
    }

    private static boolean all(
            Tenant tenant, String account, Channel channel, Predicate<Account> can) {
        List<Account> possible =
                senders(tenant, channel).stream()
                        .filter(one -> account == null || one.id().equals(account))
                        .toList();
        return !possible.isEmpty() && possible.stream().allMatch(can);
    }

    /**
     * What {@code mappings/<provider>/send.jslt} takes; Twilio's buttons stand in its templates.
     */
    private static boolean has(Account account, Channel channel) {
        return switch (account.provider()) {
            case "vonage" -> Set.of(Channel.WHATSAPP, Channel.RCS).contains(channel);
            case "messagebird" -> channel == Channel.WHATSAPP && !"platform".equals(account.api());
            case "smooch" ->
                    Set.of(
                                    Channel.WHATSAPP,
                                    Channel.MESSENGER,
                                    Channel.TELEGRAM,
                                    Channel.VIBER,
                                    Channel.WEB)
                            .contains(channel);
            default -> false;
        };
    }

    static ObjectNode text(String words) {
        return JSON.createObjectNode().put("type", "text").put("text", words);
    }

    /**
     * A question as it is sent.
     *
     * @param template that carries it, {@code null} for free text
     */
    record Question(ObjectNode content, String template) {}

    /**
     * Over a registered template, whose own buttons answer for this prompt alone where whoever
     * sends can tell them what to answer.
     *
     * @param account over which it goes, {@code null} if that is chosen later
     */
    static Question inTemplate(
            Tenant tenant,
            String account,
            Channel channel,
            Text text,
            String words,
            Prompt prompt) {
        String id = tenant.textTemplates().get(text.reference());
        ObjectNode content = template(id, text.language(), words);
        if (hasButtons(tenant, account, channel, text)) {
            ArrayNode buttons = ((ObjectNode) content.get("template")).putArray("buttons");
            for (Template.Button button : buttons(tenant, text)) {
                buttons.addObject()
                        .put(
                                "payload",
                                switch (button) {
                                    case GRANT -> prompt.grantPayload();
                                    case DECLINE -> prompt.denyPayload();
                                });
            }
        }
        return new Question(content, id);
    }

    /** Whether the text's template has buttons that can be told what to answer. */
    static boolean hasButtons(Tenant tenant, String account, Channel channel, Text text) {
        return channel == Channel.WHATSAPP
                && !buttons(tenant, text).isEmpty()
                && all(tenant, account, channel, PromptButtons::tellsButtons);
    }

    private static List<Template.Button> buttons(Tenant tenant, Text text) {
        String id = tenant.textTemplates().get(text.reference());
        Template template = id == null ? null : tenant.templates().get(id);
        Template.Variant variant =
                template == null ? null : template.languages().get(text.language());
        return variant == null ? List.of() : variant.buttons();
    }

    private static boolean tellsButtons(Account account) {
        return switch (account.provider()) {
            case "twilio", "vonage", "smooch" -> true;
            case "messagebird" -> account.api() == null || account.api().equals("classic");
            default -> false;
        };
    }

    /** A registered template, and its words for channels that have none. */
    static ObjectNode template(String id, String language, String words) {
        ObjectNode content = JSON.createObjectNode().put("type", "template").put("text", words);
        content.putObject("template")
                .put("name", id)
                .put("language", language)
                .putArray("parameters");
        return content;
    }

    /** Whether the words are not too long to stand beside buttons. */
    static boolean fit(String words) {
        return words.length() <= LONGEST_TEXT;
    }

    static ObjectNode question(String words, Prompt prompt, Wording.Answers answers) {
        ObjectNode content = JSON.createObjectNode().put("type", "buttons").put("text", words);
        ArrayNode buttons = content.putArray("buttons");
        buttons.addObject().put("payload", prompt.grantPayload()).put("title", answers.yes());
        buttons.addObject().put("payload", prompt.denyPayload()).put("title", answers.no());
        return content;
    }
}
