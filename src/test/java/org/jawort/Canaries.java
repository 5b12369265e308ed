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
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
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
        CANARIES.put("media bytes", "KanarienBild7f3a91");
        CANARIES.put(
                "raw media bytes",
                new String(
                        HexFormat.of().parseHex("f1e2d3c4b5a697889af0e1d2c3b4a596"), ISO_8859_1));
    }

    /**
     * What to look for, by its first two bytes: files are large and their spellings many, so each
     * byte is looked at once.
     */
    private static final List<List<Spelling>> WANTED = wanted();

    private record Spelling(String canary, byte[] bytes) {

        boolean standsAt(byte[] file, int at) {
            return at + bytes.length <= file.length
                    && Arrays.equals(file, at, at + bytes.length, bytes, 0, bytes.length);
        }
    }

    private Canaries() {}

    /** A document that says its canaries in many places, so that one of each stands in any line. */
    public static byte[] document() {
        StringBuilder pdf = new StringBuilder("%PDF-1.4\n");
        for (int n = 0; n < 40; n++) {
            pdf.append("x".repeat(n))
                    .append(of("media bytes"))
                    .append('\n')
                    .append(of("raw media bytes"));
        }
        return pdf.append("\n%%EOF\n").toString().getBytes(ISO_8859_1);
    }

    public static String of(String what) {
        return CANARIES.get(what);
    }

    private static List<List<Spelling>> wanted() {
        List<List<Spelling>> wanted = new ArrayList<>(Collections.nCopies(1 << 16, null));
        CANARIES.forEach(
                (what, canary) -> {
                    for (byte[] bytes : spellings(canary)) {
                        int start = twoBytes(bytes, 0);
                        if (wanted.get(start) == null) {
                            wanted.set(start, new ArrayList<>());
                        }
                        wanted.get(start).add(new Spelling(what, bytes));
                    }
                });
        return wanted;
    }

    private static int twoBytes(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    /** Which canary stands in which file. A file is looked at in one piece. */
    public static Set<String> found(List<Path> files) throws IOException {
        Set<String> found = new LinkedHashSet<>();
        for (Path file : files) {
            for (String canary : in(Files.readAllBytes(file))) {
                found.add(canary + " in " + file);
            }
        }
        return found;
    }

    /** Which canaries stand in a text, in whichever spelling. */
    public static Set<String> in(String text) {
        Set<String> found = in(text.getBytes(UTF_8));
        found.addAll(in(text.getBytes(ISO_8859_1)));
        return found;
    }

    private static Set<String> in(byte[] bytes) {
        Set<String> found = new LinkedHashSet<>();
        for (int at = 0; at + 1 < bytes.length; at++) {
            List<Spelling> candidates = WANTED.get(twoBytes(bytes, at));
            if (candidates != null) {
                for (Spelling spelling : candidates) {
                    if (spelling.standsAt(bytes, at)) {
                        found.add(spelling.canary());
                    }
                }
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
        for (byte[] plain : List.of(utf8, canary.getBytes(ISO_8859_1))) {
            for (int shift = 0; shift < 3; shift++) {
                byte[] padded = new byte[shift + plain.length];
                System.arraycopy(plain, 0, padded, shift, plain.length);
                int from = shift == 0 ? 0 : 4;
                int to = padded.length / 3 * 4;
                spellings.add(
                        Base64.getEncoder()
                                .encodeToString(padded)
                                .substring(from, to)
                                .getBytes(UTF_8));
                spellings.add(
                        Base64.getUrlEncoder()
                                .encodeToString(padded)
                                .substring(from, to)
                                .getBytes(UTF_8));
            }
        }
        return spellings;
    }
}
