package org.jawort.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jawort.delivery.Attachments;
import org.jawort.delivery.DestinationRefused;
import org.jawort.delivery.DestinationUnavailable;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/**
 * Events as mail to an archive that takes it by SMTP: the same EML as in a journal, between the
 * envelope addresses of the settings {@code from} and {@code to} (several with commas). Registered
 * as {@code archiveMail}.
 */
public final class ArchiveMail {

    static final String ROUTE = "archive-smtp";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** RFC 4954 section 6: a login is wanted, too weak, refused, wanted over TLS. */
    private static final Set<Integer> OF_THE_LOGIN = Set.of(530, 534, 535, 538);

    /** Between whom, and whom to believe that it is the server: {@code null} for the JDK's list. */
    private record Envelope(String from, List<Address> to, Certificate certificate) {}

    private final HubAttachments attachments;
    private final Map<String, Envelope> envelopes = new HashMap<>();

    /**
     * @throws IllegalArgumentException naming file and setting, if one cannot be used
     */
    public ArchiveMail(Tenants tenants, Attachments attachments) {
        this.attachments = new HubAttachments(attachments);
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                if (destination.route().equals(ROUTE)) {
                    envelopes.put(destination.toString(), envelope(destination));
                }
            }
        }
    }

    private static Envelope envelope(Destination destination) {
        return new Envelope(
                ((InternetAddress) addresses(destination, "from").getFirst()).getAddress(),
                addresses(destination, "to"),
                certificate(destination));
    }

    private static List<Address> addresses(Destination destination, String setting) {
        try {
            List<Address> addresses =
                    List.of(
                            InternetAddress.parse(
                                    destination.settings().getOrDefault(setting, ""), true));
            if (!addresses.isEmpty()
                    && addresses.stream().allMatch(it -> it.toString().contains("@"))) {
                return addresses;
            }
        } catch (AddressException noAddress) {
            // said below
        }
        throw ArchiveSettings.unusable(destination, setting, "must be an address");
    }

    private static Certificate certificate(Destination destination) {
        String pem = destination.settings().getOrDefault("certificate", "");
        if (pem.isBlank()) {
            return null;
        }
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException noCertificate) {
            throw ArchiveSettings.unusable(
                    destination, "certificate", "must be a certificate in PEM");
        }
    }

    /**
     * @throws IllegalArgumentException naming file and setting, if one cannot be used
     */
    static void check(Destination destination) {
        envelope(destination);
    }

    /** Gives routes their {@code mail-trust-<tenant>-<destination>}. */
    public void bind(Registry registry, Tenants tenants) {
        for (Tenant tenant : tenants.all()) {
            for (Destination destination : tenant.destinations().values()) {
                Envelope envelope = envelopes.get(destination.toString());
                if (envelope != null) {
                    registry.bind(
                            "mail-trust-" + destination.tenant() + "-" + destination.id(),
                            trust(envelope.certificate()));
                }
            }
        }
    }

    private static SSLContextParameters trust(Certificate certificate) {
        SSLContextParameters parameters = new SSLContextParameters();
        if (certificate != null) {
            TrustManagersParameters trust = new TrustManagersParameters();
            trust.setTrustManager(only(certificate));
            parameters.setTrustManagers(trust);
        }
        return parameters;
    }

    private static TrustManager only(Certificate certificate) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("archive", certificate);
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException everyJdkCan) {
            throw new IllegalStateException(everyJdkCan);
        }
    }

    /**
     * Makes the body the mail.
     *
     * @throws DestinationRefused if the mapping left nothing to make a message of
     * @throws DestinationUnavailable if an attachment cannot be read now
     */
    public void message(Exchange exchange, String tenant, String destination) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        if (!EventIds.of(body).complete()) {
            throw new DestinationRefused("mail: the mapping gives no id and sequence", null);
        }
        Envelope envelope = envelopes.get("Destination[" + tenant + "/" + destination + "]");
        try {
            JsonNode event = JSON.readTree(body);
            exchange.getMessage()
                    .setBody(
                            Eml.of(tenant, event, attachments.of(tenant, event))
                                    .to(envelope.from(), envelope.to()));
        } catch (IOException unreadable) {
            throw new DestinationUnavailable(
                    "mail: " + unreadable.getClass().getSimpleName(), null, null);
        }
    }

    /**
     * What the server's refusal means (RFC 5321 section 4.2.1): 5yz of sender, recipient or message
     * is final. A login that is refused or asked for, whatever command that answers, says nothing
     * about the message: it is tried again, as is what had no answer.
     */
    public void failed(Exchange exchange) {
        Exception caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        Integer status = null;
        for (Exception next = caught; next != null; next = next(next)) {
            int code =
                    switch (next) {
                        case SMTPSendFailedException send -> send.getReturnCode();
                        case SMTPSenderFailedException sender -> sender.getReturnCode();
                        case SMTPAddressFailedException address -> address.getReturnCode();
                        default -> 0;
                    };
            if (code >= 400 && (status == null || code < status)) {
                status = code; // of several, one that may pass decides
            }
        }
        if (status != null && status >= 500 && !OF_THE_LOGIN.contains(status)) {
            throw new DestinationRefused("SMTP " + status, status);
        }
        throw new DestinationUnavailable(
                status == null ? "SMTP: " + caught.getClass().getSimpleName() : "SMTP " + status,
                status,
                null);
    }

    private static Exception next(Exception exception) {
        return exception instanceof MessagingException messaging
                ? messaging.getNextException()
                : exception.getCause() instanceof Exception cause ? cause : null;
    }
}
