package org.jawort.opendsr;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jawort.tenant.Destination;
import org.jawort.tenant.Secret;
import org.jawort.tenant.SecretSettings;

/**
 * A processor that speaks OpenDSR, as a destination's settings name it.
 *
 * @param domain for which the certificate is issued and which every signature names
 * @param certificate the one that signs receipts and callbacks, and no other
 * @param identities types of identity it is told, beside the id it knows from events
 * @param token for {@code Authorization: Bearer}; {@code null} if it wants none
 */
record Processor(
        String tenant,
        String id,
        String domain,
        X509Certificate certificate,
        Set<String> identities,
        String token) {

    static final String ROUTE = "opendsr";

    private static final int DNS = 2;

    /**
     * @throws IllegalArgumentException with one line that says what to mend
     */
    static Processor of(Destination destination) {
        Map<String, String> settings = destination.settings();
        String domain = settings.getOrDefault("domain", "");
        X509Certificate certificate;
        boolean isIssuedForIt;
        try {
            certificate = read(settings.getOrDefault("certificate", ""));
            isIssuedForIt = names(certificate, domain);
        } catch (GeneralSecurityException | IllegalArgumentException unreadable) {
            throw wrong(destination, "settings.certificate is no X.509 certificate (PEM)");
        }
        if (!isIssuedForIt) {
            throw wrong(destination, "settings.domain is none the certificate is issued for");
        }
        return new Processor(
                destination.tenant(),
                destination.id(),
                domain,
                certificate,
                Set.copyOf(List.of(settings.getOrDefault("identities", "").split("[, ]+"))),
                SecretSettings.value(destination, "secretToken").map(Secret::value).orElse(null));
    }

    private static IllegalArgumentException wrong(Destination destination, String what) {
        return new IllegalArgumentException(
                "tenants/"
                        + destination.tenant()
                        + ".yaml: destination "
                        + destination.id()
                        + ": "
                        + what);
    }

    private static X509Certificate read(String pem) throws GeneralSecurityException {
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
    }

    private static boolean names(X509Certificate certificate, String domain)
            throws GeneralSecurityException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names != null
                && names.stream()
                        .anyMatch(
                                name ->
                                        name.getFirst().equals(DNS)
                                                && domain.equalsIgnoreCase(
                                                        String.valueOf(name.get(1))));
    }

    /** Whether the processor signed exactly these bytes, with a certificate that is valid now. */
    boolean signed(byte[] body, String signature, Instant now) {
        if (signature == null) {
            return false;
        }
        try {
            certificate.checkValidity(Date.from(now));
            Signature check =
                    Signature.getInstance("SHA256with" + certificate.getPublicKey().getAlgorithm());
            check.initVerify(certificate);
            check.update(body);
            return check.verify(Base64.getMimeDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException notItsOwn) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "Processor[" + tenant + "/" + id + "]";
    }
}
