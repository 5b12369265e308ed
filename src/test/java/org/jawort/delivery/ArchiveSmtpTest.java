package org.jawort.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.spi.Registry;
import org.jawort.archive.ArchiveMail;
import org.jawort.archive.SelfSigned;
import org.jawort.delivery.StubbornMailServer.End;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("archive-smtp: over TLS, to the server it was told of, and with the right envelope")
@Timeout(60)
class ArchiveSmtpTest {

    private static final SelfSigned CERTIFICATE = SelfSigned.of("localhost");
    private static final DestinationEvent EVENT = DestinationEvent.number(1);

    @Test
    @DisplayName("GreenMail has the mail, its words and its attachment-free event")
    void reachesAServerThatIsNotOurs() throws Exception {
        System.setProperty("greenmail.tls.keystore.file", CERTIFICATE.file().toString());
        System.setProperty("greenmail.tls.keystore.password", SelfSigned.PASSWORD);
        ServerSetup smtps = ServerSetup.SMTPS.dynamicPort();
        smtps.setServerStartupTimeout(30_000);
        GreenMail server = new GreenMail(smtps);
        server.setUser("journal@archive.example", "hub", "post-geheim-4711");
        server.start();
        Map<String, String> settings = settings(server.getSmtps().getPort(), "implicitTls", "true");
        settings.put("username", "hub");
        settings.put("passwordSecret", "post-geheim-4711");
        try (DestinationHub hub = hub(settings)) {
            assertThat(hub.attempt(EVENT)).isEmpty();

            assertThat(server.getReceivedMessages()).hasSize(1);
            ReadEml read =
                    ReadEml.of(
                            GreenMailUtil.getWholeMessage(server.getReceivedMessages()[0])
                                    .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(read.text()).isEqualTo(EVENT.text());
            assertThat(read.message().getTo().flatten().getFirst().getAddress())
                    .isEqualTo("+493023125010@phone.jawort.invalid");
        } finally {
            server.stop();
        }
    }

    @Test
    void startsTlsBeforeItSaysAnything() {
        try (var server = new StubbornMailServer(CERTIFICATE.context(), false, true)) {
            Map<String, String> settings = settings(server.port());
            settings.put("username", "hub");
            settings.put("passwordSecret", "geheim");
            settings.put("to", "journal@archive.example, copy@archive.example");
            try (DestinationHub hub = hub(settings)) {
                assertThat(hub.attempt(EVENT)).isEmpty();
            }

            assertThat(server.taken())
                    .singleElement()
                    .satisfies(
                            mail -> {
                                assertThat(mail.encrypted()).isTrue();
                                assertThat(mail.from()).isEqualTo("hub@muster.example");
                                assertThat(mail.to())
                                        .containsExactly(
                                                "journal@archive.example", "copy@archive.example");
                                assertThat(
                                                new String(
                                                        Base64.getDecoder().decode(mail.login()),
                                                        StandardCharsets.UTF_8))
                                        .endsWith("\0hub\0geheim");
                            });
        }
    }

    @Test
    @DisplayName("SEC-6: without STARTTLS nothing is sent")
    void sendsNothingInTheClear() {
        try (var server = new StubbornMailServer(CERTIFICATE.context(), false, false);
                DestinationHub hub = hub(settings(server.port()))) {
            assertThat(hub.attempt(EVENT)).get().isInstanceOf(DestinationUnavailable.class);

            assertThat(server.asked()).isEmpty();
        }
    }

    @Test
    @DisplayName("SEC-6: a server with another certificate, or of another name, is sent nothing")
    void sendsNothingToAnotherServer() {
        SelfSigned other = SelfSigned.of("localhost");
        SelfSigned misnamed = SelfSigned.of("mail.example");
        for (boolean implicit : new boolean[] {true, false}) {
            try (var server = new StubbornMailServer(other.context(), implicit, true);
                    DestinationHub hub =
                            hub(settings(server.port(), "implicitTls", "" + implicit))) {
                assertThat(hub.attempt(EVENT)).get().isInstanceOf(DestinationUnavailable.class);
                assertThat(server.asked()).isEmpty();
            }
            try (var server = new StubbornMailServer(misnamed.context(), implicit, true)) {
                Map<String, String> settings =
                        settings(server.port(), "implicitTls", "" + implicit);
                settings.put("certificate", misnamed.pem());
                try (DestinationHub hub = hub(settings)) {
                    assertThat(hub.attempt(EVENT)).get().isInstanceOf(DestinationUnavailable.class);
                    assertThat(server.asked()).isEmpty();
                }
            }
        }
    }

    @Test
    void refusalOfARecipientIsFinal() {
        try (var server = new StubbornMailServer(CERTIFICATE.context(), true, true);
                DestinationHub hub = hub(settings(server.port(), "implicitTls", "true"))) {
            server.end = End.REFUSE_RECIPIENT;

            assertThat(hub.attempt(EVENT))
                    .get()
                    .isInstanceOfSatisfying(
                            DestinationRefused.class,
                            refused -> assertThat(refused.status()).isEqualTo(550));
        }
    }

    @Test
    @DisplayName("RFC 4954: a server that wants a login, or another, is tried again")
    void triesAgainWhenALoginIsAskedFor() {
        try (var server = new StubbornMailServer(CERTIFICATE.context(), true, true);
                DestinationHub hub = hub(settings(server.port(), "implicitTls", "true"))) {
            for (int code : new int[] {530, 534, 535, 538}) {
                server.toSender = code + " 5.7.0 authentication";

                assertThat(hub.attempt(EVENT))
                        .get()
                        .isInstanceOfSatisfying(
                                DestinationUnavailable.class,
                                later -> assertThat(later.status()).isEqualTo(code));
            }

            server.toSender = "550 5.7.1 not from you";
            assertThat(hub.attempt(EVENT)).get().isInstanceOf(DestinationRefused.class);
        }
    }

    private static Map<String, String> settings(int port, String... more) {
        Map<String, String> settings = new HashMap<>();
        settings.put("host", "localhost");
        settings.put("port", String.valueOf(port));
        settings.put("certificate", CERTIFICATE.pem());
        settings.put("from", "hub@muster.example");
        settings.put("to", "journal@archive.example");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    private static DestinationHub hub(Map<String, String> settings) {
        return new DestinationHub(
                "archive-smtp", "destinations/canonical.jslt", settings, ArchiveSmtpTest::bind);
    }

    private static void bind(Registry registry, Tenants tenants) {
        ArchiveMail mail = new ArchiveMail(tenants, Attachments.NONE);
        mail.bind(registry, tenants);
        registry.bind("archiveMail", mail);
    }
}
