package org.jawort.media;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a file is, by how its bytes begin, of what people send in chats; never by what somebody says
 * of it. Nothing is unpacked or parsed. What is none of these, and what a browser would run, is
 * {@link #UNKNOWN}.
 */
final class FileType {

    static final String UNKNOWN = "application/octet-stream";

    /** How much of a file is looked at, at most. */
    static final int HEAD = 4096;

    private record Magic(int offset, byte[] bytes, String type) {

        static Magic of(int offset, String latin1, String type) {
            return new Magic(offset, latin1.getBytes(StandardCharsets.ISO_8859_1), type);
        }

        boolean fits(byte[] head, int length) {
            if (length < offset + bytes.length) {
                return false;
            }
            for (int i = 0; i < bytes.length; i++) {
                if (head[offset + i] != bytes[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final List<Magic> MAGIC =
            List.of(
                    Magic.of(0, "\u00ff\u00d8\u00ff", "image/jpeg"),
                    Magic.of(0, "\u0089PNG\r\n\u001a\n", "image/png"),
                    Magic.of(0, "GIF87a", "image/gif"),
                    Magic.of(0, "GIF89a", "image/gif"),
                    Magic.of(0, "II*\u0000", "image/tiff"),
                    Magic.of(0, "MM\u0000*", "image/tiff"),
                    Magic.of(0, "%PDF-", "application/pdf"),
                    Magic.of(0, "OggS", "audio/ogg"),
                    Magic.of(0, "#!AMR-WB\n", "audio/amr-wb"),
                    Magic.of(0, "#!AMR\n", "audio/amr"),
                    Magic.of(0, "ID3", "audio/mpeg"),
                    Magic.of(0, "fLaC", "audio/flac"),
                    Magic.of(0, "\u001aE\u00df\u00a3", "video/webm"),
                    Magic.of(
                            0,
                            "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1",
                            "application/x-ole-storage"), // doc, xls, ppt
                    Magic.of(0, "{\\rtf", "application/rtf"),
                    Magic.of(0, "7z\u00bc\u00af\u0027\u001c", "application/x-7z-compressed"),
                    Magic.of(0, "Rar!\u001a\u0007", "application/vnd.rar"),
                    Magic.of(0, "\u001f\u008b", "application/gzip"));

    /** The four letters behind {@code ftyp}, as far as they say more than "a video". */
    private static final Map<String, String> BRANDS =
            Map.of(
                    "heic", "image/heic",
                    "heix", "image/heic",
                    "mif1", "image/heif",
                    "msf1", "image/heif",
                    "avif", "image/avif",
                    "M4A ", "audio/mp4",
                    "M4B ", "audio/mp4",
                    "qt  ", "video/quicktime");

    /** Names of the first files in documents that are ZIP archives, which name what they are. */
    private static final Map<String, String> IN_ZIP =
            Map.of(
                    "word/",
                            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                    "xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    "ppt/",
                            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                    "mimetypeapplication/vnd.oasis.opendocument.text",
                            "application/vnd.oasis.opendocument.text",
                    "mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                            "application/vnd.oasis.opendocument.spreadsheet");

    private static final Map<String, String> ENDINGS =
            Map.ofEntries(
                    Map.entry("image/jpeg", "jpg"),
                    Map.entry("image/png", "png"),
                    Map.entry("image/gif", "gif"),
                    Map.entry("image/webp", "webp"),
                    Map.entry("image/tiff", "tiff"),
                    Map.entry("image/heic", "heic"),
                    Map.entry("image/heif", "heif"),
                    Map.entry("image/avif", "avif"),
                    Map.entry("application/pdf", "pdf"),
                    Map.entry("audio/ogg", "ogg"),
                    Map.entry("audio/amr", "amr"),
                    Map.entry("audio/amr-wb", "awb"),
                    Map.entry("audio/mpeg", "mp3"),
                    Map.entry("audio/aac", "aac"),
                    Map.entry("audio/mp4", "m4a"),
                    Map.entry("audio/wav", "wav"),
                    Map.entry("audio/flac", "flac"),
                    Map.entry("video/mp4", "mp4"),
                    Map.entry("video/3gpp", "3gp"),
                    Map.entry("video/quicktime", "mov"),
                    Map.entry("video/webm", "webm"),
                    Map.entry("application/rtf", "rtf"),
                    Map.entry("application/zip", "zip"),
                    Map.entry("application/gzip", "gz"),
                    Map.entry("application/x-7z-compressed", "7z"),
                    Map.entry("application/vnd.rar", "rar"),
                    Map.entry("text/vcard", "vcf"),
                    Map.entry("text/calendar", "ics"),
                    Map.entry("text/plain", "txt"),
                    Map.entry(
                            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                            "docx"),
                    Map.entry(
                            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                            "xlsx"),
                    Map.entry(
                            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                            "pptx"),
                    Map.entry("application/vnd.oasis.opendocument.text", "odt"),
                    Map.entry("application/vnd.oasis.opendocument.spreadsheet", "ods"));

    private FileType() {}

    /**
     * @param head the first bytes, all of them if there are fewer than {@link #HEAD}
     * @return a media type without parameters
     */
    static String of(byte[] head, int length) {
        for (Magic magic : MAGIC) {
            if (magic.fits(head, length)) {
                return magic.type();
            }
        }
        String text = new String(head, 0, length, StandardCharsets.ISO_8859_1);
        if (text.startsWith("RIFF") && length >= 12) {
            return switch (text.substring(8, 12)) {
                case "WEBP" -> "image/webp";
                case "WAVE" -> "audio/wav";
                default -> UNKNOWN;
            };
        }
        if (length >= 12 && text.startsWith("ftyp", 4)) {
            String brand = text.substring(8, 12);
            return BRANDS.getOrDefault(brand, brand.startsWith("3g") ? "video/3gpp" : "video/mp4");
        }
        if (text.startsWith("PK\u0003\u0004")) {
            return zip(text);
        }
        if (length >= 2 && (head[0] & 0xff) == 0xff && (head[1] & 0xe0) == 0xe0) {
            return (head[1] & 0x06) == 0
                    ? "audio/aac"
                    : "audio/mpeg"; // frame sync; layer 0 is ADTS
        }
        return text(head, length);
    }

    private static String zip(String text) {
        return IN_ZIP.entrySet().stream()
                .filter(
                        one ->
                                one.getKey().startsWith("mimetype")
                                        ? text.startsWith(one.getKey(), 30)
                                        : text.contains("PK\u0003\u0004")
                                                && text.contains(one.getKey())
                                                && text.contains("[Content_Types].xml"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("application/zip");
    }

    /** Words a person could read; of those with markup a browser would run, nothing is said. */
    private static String text(byte[] head, int length) {
        CharsetDecoder utf8 =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        String text;
        try {
            // up to three bytes of a character may be cut off at the end
            int whole = length < HEAD ? length : lastCharacter(head, length);
            text = utf8.decode(ByteBuffer.wrap(head, 0, whole)).toString();
        } catch (CharacterCodingException none) {
            return UNKNOWN;
        }
        boolean isReadable =
                text.chars().noneMatch(c -> c < ' ' && c != '\t' && c != '\n' && c != '\r')
                        && !text.isBlank();
        String begin = text.strip().toUpperCase(Locale.ROOT);
        if (!isReadable || begin.startsWith("<") || begin.startsWith("\ufeff<")) {
            return UNKNOWN;
        }
        if (begin.startsWith("BEGIN:VCARD")) {
            return "text/vcard";
        }
        return begin.startsWith("BEGIN:VCALENDAR") ? "text/calendar" : "text/plain";
    }

    private static int lastCharacter(byte[] head, int length) {
        int end = length;
        while (end > length - 4 && (head[end - 1] & 0xc0) == 0x80) {
            end--;
        }
        return end - 1;
    }

    /** The usual ending of names of such files, without the dot; {@code bin} for unknown ones. */
    static String ending(String type) {
        return ENDINGS.getOrDefault(type, "bin");
    }
}
