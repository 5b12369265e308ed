package org.jawort.notice;

import java.util.Map;
import org.jawort.message.Channel;

/** Words of the hub's own that texts are filled in with, by language. */
final class Wording {

    /**
     * The answers to a prompt, the way out and the way to a person; each is a word the hub
     * understands as just that.
     */
    record Answers(String yes, String no, String stop, String human, String operator) {}

    private static final Map<String, Answers> BY_LANGUAGE =
            Map.of(
                    "de", new Answers("Ja", "Nein", "STOPP", "MENSCH", "Ihr Mobilfunkanbieter"),
                    "en", new Answers("YES", "NO", "STOP", "HUMAN", "Your mobile operator"),
                    "fr", new Answers("OUI", "NON", "STOP", "CONSEILLER", "Votre opérateur mobile"),
                    "it", new Answers("SÌ", "NO", "STOP", "OPERATORE", "Il Suo operatore mobile"),
                    "es", new Answers("SÍ", "NO", "BAJA", "AGENTE", "Su operador móvil"),
                    "nl", new Answers("JA", "NEE", "STOP", "MEDEWERKER", "Uw mobiele provider"),
                    "pl",
                            new Answers(
                                    "TAK",
                                    "NIE",
                                    "STOP",
                                    "KONSULTANT",
                                    "Państwa operator komórkowy"),
                    "tr", new Answers("EVET", "Hayır", "DUR", "TEMSİLCİ", "Mobil operatörünüz"));

    private Wording() {}

    /**
     * @throws IllegalArgumentException if the hub does not speak the language
     */
    static Answers answers(String language) {
        Answers answers = BY_LANGUAGE.get(language);
        if (answers == null) {
            throw new IllegalArgumentException("no words in language " + language);
        }
        return answers;
    }

    /** How the right to object begins in a language, lower case. */
    static String objection(String language) {
        return switch (language) {
            case "de" -> "widersp";
            case "en" -> "object";
            case "fr" -> "oppos";
            case "it" -> "oppo";
            case "es" -> "opo";
            case "nl" -> "bezwaar";
            case "pl" -> "sprzeciw";
            case "tr" -> "itiraz";
            default -> throw new IllegalArgumentException("no words in language " + language);
        };
    }

    static String name(Channel channel) {
        return switch (channel) {
            case WHATSAPP -> "WhatsApp";
            case SMS -> "SMS";
            case MMS -> "MMS";
            case MESSENGER -> "Facebook Messenger";
            case INSTAGRAM -> "Instagram";
            case TELEGRAM -> "Telegram";
            case APPLE -> "Apple Messages";
            case VIBER -> "Viber";
            case RCS -> "RCS";
            case LINE -> "LINE";
            case WEB -> "Web-Chat";
        };
    }

    /** Who carries messages of a channel to the person (INF-2). */
    static String transport(Channel channel, String language) {
        return switch (channel) {
            case WHATSAPP, MESSENGER, INSTAGRAM -> "Meta";
            case TELEGRAM -> "Telegram";
            case APPLE -> "Apple";
            case VIBER -> "Rakuten Viber";
            case LINE -> "LINE";
            case RCS -> "Google";
            case SMS, MMS -> answers(language).operator();
            case WEB -> "Zendesk";
        };
    }
}
