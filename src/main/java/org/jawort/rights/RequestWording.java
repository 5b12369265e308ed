package org.jawort.rights;

import java.text.Normalizer;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which rights the words of a message use. Read only of a message that the filter took for such a
 * request ({@code IN_DSR}); what says nothing nearer asks for access, which takes nothing away.
 */
final class RequestWording {

    /**
     * @param language of the words, {@code null} if they do not tell
     */
    record Wanted(Set<RequestType> types, String language) {}

    private static final Map<RequestType, List<String>> STEMS = new LinkedHashMap<>();

    /** The nearest first: a word of one language may be part of another's. */
    private static final Map<String, List<String>> LANGUAGES = new LinkedHashMap<>();

    static {
        STEMS.put(
                RequestType.ERASE,
                List.of(
                        "lösch",
                        "loesch",
                        "delete",
                        "erase",
                        "supprim",
                        "cancell",
                        "borrar",
                        "eliminar",
                        "verwijder",
                        "usuń",
                        "usuną",
                        "verilerimi sil"));
        STEMS.put(RequestType.RECTIFY, List.of("berichtig", "korrigier", "rectif", "correct"));
        STEMS.put(RequestType.RESTRICT, List.of("einschränk", "einschraenk", "restrict"));
        STEMS.put(RequestType.PORTABILITY, List.of("übertragbar", "uebertragbar", "portabil"));
        STEMS.put(RequestType.ACCESS, List.of("auskunft", "kopie", "copy of", "access"));
        LANGUAGES.put("de", List.of("daten", "auskunft", "dsgvo"));
        LANGUAGES.put(
                "en",
                List.of(
                        "my data",
                        "my personal data",
                        "my contact data",
                        "gdpr",
                        "access request",
                        "all my",
                        "restrict",
                        "portability"));
        LANGUAGES.put("fr", List.of("données"));
        LANGUAGES.put("it", List.of("miei dati"));
        LANGUAGES.put("es", List.of("mis datos"));
        LANGUAGES.put("nl", List.of("gegevens"));
        LANGUAGES.put("pl", List.of("dane"));
        LANGUAGES.put("tr", List.of("verilerimi"));
    }

    private RequestWording() {}

    static Wanted read(String words) {
        String text =
                Normalizer.normalize(words == null ? "" : words, Normalizer.Form.NFKC)
                        .toLowerCase(Locale.ROOT);
        Set<RequestType> types = EnumSet.noneOf(RequestType.class);
        STEMS.forEach(
                (type, stems) -> {
                    if (stems.stream().anyMatch(text::contains)) {
                        types.add(type);
                    }
                });
        String language =
                LANGUAGES.entrySet().stream()
                        .filter(one -> one.getValue().stream().anyMatch(text::contains))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElse(null);
        return new Wanted(types.isEmpty() ? EnumSet.of(RequestType.ACCESS) : types, language);
    }
}
