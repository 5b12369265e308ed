package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.activation.DataHandler;
import jakarta.activation.DataSource;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.ParseException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.angus.mail.smtp.SMTPMessage;

/**
 * An event as an Internet message (RFC 5322, MIME): its text, the event itself as {@code
 * event.json}, the provider's own words where it carries them, what came with it as attachments,
 * and all it says in {@link EventHeaders}. Messages of a conversation are a thread: each refers to
 * the conversation, and to what it answers. The same event makes the same bytes.
 */
final class Eml extends SMTPMessage {

    private static final String DOMAIN = ".jawort.invalid"; // RFC 2606: nobody's
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final String id;
    private List<Address> recipients;

    /** Something that came with a message, and its bytes as often as they are asked for. */
    record Attached(UUID id, String contentType, String name, Source bytes) {

        /** Opens the bytes. */
        interface Source {
            InputStream open() throws IOException;
        }

        /**
         * @param kept as a journal notes it
         */
        static Attached of(JsonNode kept, Path directory, JsonNode id) {
            return new Attached(
                    UUID.fromString(id.asText()),
                    kept.path("contentType").asText(null),
                    kept.path("name").asText(null),
                    () -> Files.newInputStream(directory.resolve(id.asText())));
        }
    }

    private Eml(String id) {
        super((Session) null);
        this.id = id;
    }

    /** Ids of what came with a message. */
    static List<UUID> media(JsonNode event) {
        List<UUID> ids = new ArrayList<>();
        for (JsonNode media : event.at("/data/content/media")) {
            try {
                ids.add(UUID.fromString(media.path("id").asText()));
            } catch (IllegalArgumentException noId) {
                // a mapping's own shape: named in the message all the same
            }
        }
        return ids;
    }

    /**
     * @param whole the event; what the provider sent of it is made a part of its own
     * @param attached what the hub has of the event's media
     */
    static Eml of(String tenant, JsonNode whole, List<Attached> attached) throws IOException {
        Optional<Original> original = Original.of(whole);
        JsonNode event = original.isPresent() ? Original.without(whole) : whole;
        String domain = "@" + tenant + DOMAIN;
        JsonNode data = event.path("data");
        boolean message = EmlText.isMessage(event);
        String id = message ? data.path("messageId").asText() : event.path("id").asText();
        Eml eml = new Eml("<" + id + domain + ">");
        try {
            eml.envelope(tenant, event, data);
            eml.thread(event, data, domain);
            EventHeaders.put(event, eml);
            eml.parts(event, original, attached, domain);
            eml.saveChanges();
        } catch (MessagingException impossible) {
            throw new IOException(impossible.getClass().getSimpleName());
        }
        return eml;
    }

    private void envelope(String tenant, JsonNode event, JsonNode data)
            throws MessagingException, IOException {
        JsonNode nobody = data.path("none");
        boolean message = EmlText.isMessage(event);
        setFrom(address(message ? data.path("from") : nobody, "hub", tenant));
        setRecipient(
                RecipientType.TO, address(message ? data.path("to") : nobody, "archive", tenant));
        setHeader("Date", DATE.format(date(event, data)));
        String subject = EmlText.subject(event);
        setHeader("Subject", EventHeaders.value("Subject", subject));
    }

    private static Instant date(JsonNode event, JsonNode data) {
        return Stream.of("sentAt", "receivedAt", "occurredAt")
                .flatMap(time -> instant(data.path(time)))
                .findFirst()
                .or(() -> instant(event.path("time")).findFirst())
                .orElse(Instant.EPOCH);
    }

    /** Nothing if it is none: a mapping may write times as it likes. */
    private static Stream<Instant> instant(JsonNode time) {
        try {
            return Stream.of(Instant.parse(time.asText()));
        } catch (DateTimeParseException none) {
            return Stream.of();
        }
    }

    /** {@code +4930…} of a phone is {@code +4930…@phone.jawort.invalid}. */
    private static InternetAddress address(JsonNode party, String otherwise, String tenant)
            throws UnsupportedEncodingException {
        String local = party.path("address").asText("");
        if (local.isEmpty()) {
            return new InternetAddress(otherwise + "@" + tenant + DOMAIN, "Jawort", "UTF-8");
        }
        StringBuilder safe = new StringBuilder();
        for (byte b : local.getBytes(StandardCharsets.UTF_8)) {
            boolean atom =
                    b > ' '
                            && (Character.isLetterOrDigit(b)
                                    || "!#$&'*+-/=?^_`{|}~".indexOf(b) >= 0);
            safe.append(atom ? String.valueOf((char) b) : "%%%02X".formatted(b));
        }
        String scheme = party.path("scheme").asText("").replaceAll("[^a-z]", "");
        String name = party.path("name").asText("").replaceAll("\\p{Cntrl}", " ").strip();
        return new InternetAddress(
                safe + "@" + (scheme.isEmpty() ? "opaque" : scheme) + DOMAIN,
                name.isEmpty() ? null : name,
                "UTF-8");
    }

    private void thread(JsonNode event, JsonNode data, String domain) throws MessagingException {
        if (!data.hasNonNull("conversationId")) {
            return;
        }
        String root = "<" + data.get("conversationId").asText() + domain + ">";
        String answered = data.at("/replyTo/messageId").asText("");
        if (answered.isEmpty() && !EmlText.isMessage(event)) {
            answered = data.path("messageId").asText("");
        }
        if (answered.equals("null")) {
            answered = "";
        }
        String parent = answered.isEmpty() ? root : "<" + answered + domain + ">";
        setHeader("In-Reply-To", parent);
        setHeader("References", answered.isEmpty() ? root : root + "\r\n " + parent);
    }

    private void parts(
            JsonNode event, Optional<Original> original, List<Attached> attached, String domain)
            throws MessagingException, IOException {
        MimeMultipart parts = new Parts(event.path("id").asText());
        MimeBodyPart text = new MimeBodyPart();
        text.setText(EmlText.body(event, attached), "UTF-8");
        text.setHeader("Content-Transfer-Encoding", "quoted-printable");
        parts.addBodyPart(text);
        byte[] json = event.toString().getBytes(StandardCharsets.UTF_8);
        parts.addBodyPart(
                part("application/json", "event.json", () -> new ByteArrayInputStream(json)));
        if (original.isPresent()) {
            byte[] bytes = original.get().bytes();
            parts.addBodyPart(
                    part(
                            type(original.get().contentType()),
                            original.get().fileName(),
                            () -> new ByteArrayInputStream(bytes)));
        }
        for (Attached each : attached) {
            MimeBodyPart part = part(type(each.contentType()), name(each), each.bytes());
            part.setContentID("<" + each.id() + domain + ">");
            parts.addBodyPart(part);
        }
        setContent(parts);
    }

    private static MimeBodyPart part(String type, String name, Attached.Source bytes)
            throws MessagingException {
        MimeBodyPart part = new MimeBodyPart();
        part.setDataHandler(new DataHandler(new Bytes(type, bytes)));
        part.setHeader("Content-Type", type);
        part.setHeader("Content-Transfer-Encoding", "base64");
        part.setDisposition(Part.ATTACHMENT);
        part.setFileName(name);
        return part;
    }

    private static String type(String said) {
        try {
            ContentType type = new ContentType(said == null ? "" : said);
            boolean composite =
                    type.getPrimaryType().equalsIgnoreCase("multipart")
                            || type.getPrimaryType().equalsIgnoreCase("message");
            String plain = type.getBaseType().toLowerCase(Locale.ROOT);
            return composite || !plain.matches("[a-z0-9.+-]+/[a-z0-9.+_-]+")
                    ? "application/octet-stream"
                    : plain;
        } catch (ParseException unknown) {
            return "application/octet-stream";
        }
    }

    /** The sender's name for it, with nothing in it that leads to another folder. */
    private static String name(Attached attached) {
        String name =
                attached.name() == null
                        ? ""
                        : attached.name().replaceAll("[\\p{Cntrl}/\\\\:*?\"<>|]", "_").strip();
        if (name.isEmpty() || name.matches("[.]+")) {
            return attached.id().toString();
        }
        return name.length() > 200 ? name.substring(name.length() - 200) : name;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try {
            super.writeTo(out);
        } catch (MessagingException wrapped) {
            if (wrapped.getNextException() instanceof IOException io) {
                throw io;
            }
            throw new IOException(wrapped.getClass().getSimpleName());
        }
    }

    /** Sends it to these instead of to whom the message went. */
    Eml to(String from, List<Address> envelope) {
        setEnvelopeFrom(from);
        recipients = List.copyOf(envelope);
        return this;
    }

    @Override
    public Address[] getAllRecipients() throws MessagingException {
        return recipients == null ? super.getAllRecipients() : recipients.toArray(Address[]::new);
    }

    @Override
    protected void updateMessageID() throws MessagingException {
        setHeader("Message-ID", id);
    }

    /** No boundary can stand in quoted-printable text that holds {@code =_}. */
    private static final class Parts extends MimeMultipart {
        Parts(String id) {
            super("mixed");
            contentType = "multipart/mixed; boundary=\"=_jawort-" + id + "\"";
        }
    }

    private record Bytes(String type, Attached.Source source) implements DataSource {

        @Override
        public InputStream getInputStream() throws IOException {
            return source.open();
        }

        @Override
        public OutputStream getOutputStream() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String getContentType() {
            return type;
        }

        @Override
        public String getName() {
            return null;
        }
    }
}
