package org.jawort.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Secret;
import org.jawort.tenant.SecretSettings;

/**
 * The certificate the hub shows a destination, and those it trusts: {@code clientCertificate} is a
 * PKCS #12 file (in a variable: its Base64) or PEM, with {@code clientCertificatePassword} or
 * {@code clientKey} beside it; {@code trustedCertificates} is PEM and stands in for the authorities
 * Java knows.
 */
final class TlsSettings {

    private static final String CERTIFICATE = "clientCertificate";
    private static final String KEY = "clientKey";
    private static final String PASSWORD = "clientCertificatePassword";
    private static final String TRUSTED = "trustedCertificates";
    private static final Pattern PEM_KEY =
            Pattern.compile(
                    "-----BEGIN ([A-Z ]*)PRIVATE KEY-----(.+?)-----END [A-Z ]*PRIVATE KEY-----",
                    Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    private TlsSettings() {}

    /** Made once; a description of it says nothing. */
    private static final class Made extends SSLContextParameters {

        private final SSLContext context;

        Made(SSLContext context) {
            this.context = context;
        }

        @Override
        public SSLContext createSSLContext(CamelContext camel) {
            return context;
        }

        @Override
        public String toString() {
            return "TLS";
        }
    }

    /**
     * Empty where Java's own do.
     *
     * @throws IllegalArgumentException naming the setting that cannot be used, without its value
     */
    static Optional<SSLContextParameters> of(Destination destination) {
        boolean own =
                Stream.of(CERTIFICATE, KEY, TRUSTED)
                        .anyMatch(name -> !destination.settings().getOrDefault(name, "").isBlank());
        if (!own) {
            return Optional.empty();
        }
        if (!destination.settings().get("url").startsWith("https:")) {
            throw SecretSettings.invalid(
                    destination, "url", "must be https where there are certificates");
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown(destination), trusted(destination), null);
            return Optional.of(new Made(context));
        } catch (GeneralSecurityException | IOException unusable) {
            throw SecretSettings.invalid(
                    destination,
                    CERTIFICATE,
                    "cannot be used: " + unusable.getClass().getSimpleName());
        }
    }

    private static KeyManager[] shown(Destination destination)
            throws GeneralSecurityException, IOException {
        Optional<byte[]> certificate = SecretSettings.bytes(destination, CERTIFICATE);
        if (certificate.isEmpty()) {
            return null;
        }
        char[] password =
                SecretSettings.value(destination, PASSWORD)
                        .map(Secret::value)
                        .orElse("")
                        .toCharArray();
        KeyStore keys =
                isPem(certificate.get())
                        ? ofPem(destination, certificate.get(), password)
                        : ofPkcs12(destination, certificate.get(), password);
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, password);
        return factory.getKeyManagers();
    }

    private static KeyStore ofPkcs12(Destination destination, byte[] bytes, char[] password)
            throws GeneralSecurityException {
        byte[] der = bytes;
        if (!destination.settings().get(CERTIFICATE).startsWith("file:")) {
            try {
                der = Base64.getMimeDecoder().decode(bytes);
            } catch (IllegalArgumentException notBase64) {
                throw SecretSettings.invalid(
                        destination, CERTIFICATE, "is neither PEM nor a PKCS #12 file in Base64");
            }
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try {
            keys.load(new ByteArrayInputStream(der), password);
        } catch (IOException unreadable) {
            throw SecretSettings.invalid(
                    destination,
                    CERTIFICATE,
                    "is no PKCS #12 file that settings." + PASSWORD + " opens");
        }
        return keys;
    }

    private static KeyStore ofPem(Destination destination, byte[] certificate, char[] password)
            throws GeneralSecurityException, IOException {
        byte[] key = SecretSettings.bytes(destination, KEY).orElse(certificate);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, password);
        keys.setKeyEntry(
                "client", privateKey(destination, text(key)), password, certificates(certificate));
        return keys;
    }

    private static PrivateKey privateKey(Destination destination, String pem)
            throws GeneralSecurityException {
        Matcher found = PEM_KEY.matcher(pem);
        if (!found.find() || !found.group(1).isEmpty()) {
            throw SecretSettings.invalid(
                    destination,
                    KEY,
                    "needs -----BEGIN PRIVATE KEY----- (PKCS #8, not encrypted); openssl pkcs8 -topk8 -nodes makes it of another form");
        }
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(2)));
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException another) {
                // of the next algorithm, then
            }
        }
        throw SecretSettings.invalid(destination, KEY, "is none of RSA, EC and Ed25519");
    }

    /** {@code null} for those Java trusts. */
    private static TrustManager[] trusted(Destination destination)
            throws GeneralSecurityException, IOException {
        Optional<byte[]> pem = SecretSettings.bytes(destination, TRUSTED);
        if (pem.isEmpty()) {
            return null;
        }
        Certificate[] certificates =
                isPem(pem.get()) ? certificates(pem.get()) : new Certificate[0];
        if (certificates.length == 0) {
            throw SecretSettings.invalid(destination, TRUSTED, "holds no certificate in PEM");
        }
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        for (int i = 0; i < certificates.length; i++) {
            anchors.setCertificateEntry("trusted-" + i, certificates[i]);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors);
        return factory.getTrustManagers();
    }

    /** All of a file, which may hold a key too. */
    private static Certificate[] certificates(byte[] pem) throws GeneralSecurityException {
        String certificates = PEM_KEY.matcher(text(pem)).replaceAll("");
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(
                                certificates.strip().getBytes(StandardCharsets.US_ASCII)))
                .toArray(Certificate[]::new);
    }

    private static boolean isPem(byte[] bytes) {
        return text(bytes).contains("-----BEGIN ");
    }

    /** A variable holds no line breaks but says {@code \n}. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).replace("\\n", "\n");
    }
}
