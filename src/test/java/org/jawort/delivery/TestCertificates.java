package org.jawort.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;

/** Keys and self-signed certificates, made by the JDK's keytool for one test. */
final class TestCertificates {

    static final String PASSWORD = "changeit-7d21";

    private final Path folder;

    TestCertificates(Path folder) {
        this.folder = folder;
    }

    /** A PKCS #12 file with one key. */
    Path pkcs12(String name) {
        Path file = folder.resolve(name + ".p12");
        try {
            Process keytool =
                    new ProcessBuilder(
                                    List.of(
                                            Path.of(System.getProperty("java.home"), "bin/keytool")
                                                    .toString(),
                                            "-genkeypair",
                                            "-alias",
                                            "key",
                                            "-keyalg",
                                            "EC",
                                            "-dname",
                                            "CN=" + name,
                                            "-ext",
                                            "san=dns:localhost",
                                            "-validity",
                                            "30",
                                            "-storetype",
                                            "PKCS12",
                                            "-keystore",
                                            file.toString(),
                                            "-storepass",
                                            PASSWORD))
                            .redirectErrorStream(true)
                            .start();
            String said = new String(keytool.getInputStream().readAllBytes());
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException(said);
            }
            return file;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    static String certificate(Path pkcs12) throws IOException, GeneralSecurityException {
        return pem("CERTIFICATE", open(pkcs12).getCertificate("key").getEncoded());
    }

    static String privateKey(Path pkcs12) throws IOException, GeneralSecurityException {
        Key key = open(pkcs12).getKey("key", PASSWORD.toCharArray());
        return pem("PRIVATE KEY", key.getEncoded());
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(
                        type,
                        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der),
                        type);
    }

    /** Sockets of a server with this key that asks for a client with one of these. */
    static ServerSocketFactory demanding(Path server, Path client)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(open(server), PASSWORD.toCharArray());
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("client", open(client).getCertificate("key"));
        TrustManagerFactory trusted =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return new Demanding(context);
    }

    private static KeyStore open(Path pkcs12) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(pkcs12)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static final class Demanding extends ServerSocketFactory {

        private final SSLContext context;

        Demanding(SSLContext context) {
            this.context = context;
        }

        private java.net.ServerSocket demanding(java.net.ServerSocket socket) {
            SSLServerSocket tls = (SSLServerSocket) socket;
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setNeedClientAuth(true);
            tls.setSSLParameters(parameters);
            return tls;
        }

        @Override
        public java.net.ServerSocket createServerSocket(int port) throws IOException {
            return demanding(context.getServerSocketFactory().createServerSocket(port));
        }

        @Override
        public java.net.ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return demanding(context.getServerSocketFactory().createServerSocket(port, backlog));
        }

        @Override
        public java.net.ServerSocket createServerSocket(
                int port, int backlog, java.net.InetAddress address) throws IOException {
            return demanding(
                    context.getServerSocketFactory().createServerSocket(port, backlog, address));
        }
    }
}
