package org.jawort;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Words of one person that stand nowhere by chance, and the search for them in every spelling. */
public final class Canaries {

    /** By what they are; long enough that none turns up by chance. */
    public static final Map<String, String> CANARIES = new LinkedHashMap<>();

    static {
        CANARIES.put("phone number", "4915199887766");
        CANARIES.put("name", "Kanarella Vogelsang");
        CANARIES.put("text", "Kanarienvögel singen im Morgengrauen");
        CANARIES.put("file name", "kanarien-vertrag-4711.pdf");
        CANARIES.put("media URL", "https://media.example/kanarien/8c1f77aa");
        CANARIES.put("location name", "Kanarienplatz Nordseite");
        CANARIES.put("button payload", "kanarien-payload-55aa77");
        CANARIES.put("quarantined text", "Kanarienschwarm im Nebel");
        CANARIES.put("spooled text", "Kanarienflug am Abend");
        CANARIES.put("withdrawal", "bitte keine Kanarien-Nachrichten mehr");
        CANARIES.put("rejected text", "Kanarienfeder ohne Unterschrift");
    }

    private static final Map<String, List<String>> WANTED = wanted();

    private Canaries() {}

    public static String of(String what) {
        return CANARIES.get(what);
    }

    private static Map<String, List<String>> wanted() {
        Map<String, List<String>> wanted = new LinkedHashMap<>();
        CANARIES.forEach(
                (what, canary) ->
                        wanted.put(
                                what,
                                spellings(canary).stream()
                                        .map(spelling -> new String(spelling, ISO_8859_1))
                                        .toList()));
        return wanted;
    }

    /** Which canary stands in which file. A file is looked at in one piece. */
    public static Set<String> found(List<Path> files) throws IOException {
        Set<String> found = new LinkedHashSet<>();
        for (Path file : files) {
            for (String canary : in(new String(Files.readAllBytes(file), ISO_8859_1))) {
                found.add(canary + " in " + file);
            }
        }
        return found;
    }

    /** Which canaries stand in bytes that were read as Latin-1, in whichever spelling. */
    public static Set<String> in(String bytes) {
        Set<String> found = new LinkedHashSet<>();
        for (Map.Entry<String, List<String>> canary : WANTED.entrySet()) {
            if (canary.getValue().stream().anyMatch(bytes::contains)) {
                found.add(canary.getKey());
            }
        }
        return found;
    }

    public static List<byte[]> spellings(String canary) {
        List<byte[]> spellings = new ArrayList<>();
        byte[] utf8 = canary.getBytes(UTF_8);
        spellings.add(utf8);
        spellings.add(canary.getBytes(ISO_8859_1));
        spellings.add(canary.getBytes(UTF_16LE));
        spellings.add(canary.getBytes(UTF_16BE));
        StringBuilder escaped = new StringBuilder();
        for (char c : canary.toCharArray()) {
            escaped.append(c < 128 ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        spellings.add(escaped.toString().getBytes(UTF_8));
        spellings.add(canary.replace("/", "\\/").getBytes(UTF_8));
        String percent = URLEncoder.encode(canary, UTF_8);
        spellings.add(percent.getBytes(UTF_8));
        spellings.add(percent.replace("+", "%20").getBytes(UTF_8));
        spellings.add(HexFormat.of().formatHex(utf8).getBytes(UTF_8));
        spellings.add(HexFormat.of().withUpperCase().formatHex(utf8).getBytes(UTF_8));
        // Base64 of a text depends on what stands before it: three ways, without the edges
        for (int shift = 0; shift < 3; shift++) {
            byte[] padded = new byte[shift + utf8.length];
            System.arraycopy(utf8, 0, padded, shift, utf8.length);
            int from = shift == 0 ? 0 : 4;
            int to = padded.length / 3 * 4;
            spellings.add(
                    Base64.getEncoder().encodeToString(padded).substring(from, to).getBytes(UTF_8));
            spellings.add(
                    Base64.getUrlEncoder()
                            .encodeToString(padded)
                            .substring(from, to)
                            .getBytes(UTF_8));
        }
        return spellings;
    }
}
