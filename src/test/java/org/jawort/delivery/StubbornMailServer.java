package org.jawort.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server of SMTP (RFC 5321) with TLS from the first byte, or after STARTTLS (RFC 3207), that
 * keeps each mail and answers to its end as it is told, also as no decent server would.
 */
final class StubbornMailServer implements AutoCloseable {

    /** A mail as it came, and between whom. */
    record Mail(String from, List<String> to, byte[] eml, boolean encrypted, String login) {}

    /** What is said when the mail is there; others than answers to be said are faults. */
    enum End {
        TAKE,
        REFUSE,
        UNAVAILABLE,
        REFUSE_RECIPIENT,
        HANG,
        CUT
    }

    private final List<Mail> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<Mail> taken = Collections.synchronizedList(new ArrayList<>());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final SSLContext tls;
    private final boolean implicit;
    private final boolean offersTls;
    private final ServerSocket server;
    volatile End end = End.TAKE;
    volatile String toSender = "250 ok";

    StubbornMailServer(SSLContext tls, boolean implicit, boolean offersTls) {
        this.tls = tls;
        this.implicit = implicit;
        this.offersTls = offersTls;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    List<Mail> asked() {
        return List.copyOf(asked);
    }

    List<Mail> taken() {
        return List.copyOf(taken);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket plain) {
        try (Socket socket = implicit ? encrypt(plain) : plain) {
            new Session(socket, implicit).run();
        } catch (IOException over) {
            // the client is gone, or was cut off
        } finally {
            open.remove(plain);
        }
    }

    private Socket encrypt(Socket plain) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(plain, "localhost", plain.getPort(), true);
        socket.setUseClientMode(false);
        socket.startHandshake();
        return socket;
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private final class Session {
        private Socket socket;
        private boolean encrypted;
        private InputStream in;
        private OutputStream out;
        private String from;
        private String login;
        private final List<String> to = new ArrayList<>();

        Session(Socket socket, boolean encrypted) throws IOException {
            use(socket, encrypted);
        }

        private void use(Socket next, boolean isEncrypted) throws IOException {
            socket = next;
            encrypted = isEncrypted;
            in = new BufferedInputStream(next.getInputStream());
            out = next.getOutputStream();
        }

        void run() throws IOException {
            say("220 localhost ready");
            for (String line = line(); line != null; line = line()) {
                String command = line.toUpperCase(Locale.ROOT);
                if (command.startsWith("EHLO")) {
                    say("250-localhost");
                    if (offersTls && !encrypted) {
                        say("250-STARTTLS");
                    }
                    say("250 AUTH PLAIN");
                } else if (command.equals("STARTTLS")) {
                    say("220 go ahead");
                    use(encrypt(socket), true);
                } else if (command.startsWith("AUTH PLAIN ")) {
                    login = line.substring("AUTH PLAIN ".length());
                    say("235 welcome");
                } else if (command.startsWith("MAIL FROM:")) {
                    from = address(line);
                    to.clear();
                    say(toSender);
                } else if (command.startsWith("RCPT TO:")) {
                    to.add(address(line));
                    say(end == End.REFUSE_RECIPIENT ? "550 5.1.1 nobody here" : "250 ok");
                } else if (command.equals("DATA")) {
                    say("354 go on");
                    data();
                } else if (command.equals("QUIT")) {
                    say("221 bye");
                    return;
                } else {
                    say("250 ok");
                }
            }
        }

        private void data() throws IOException {
            ByteArrayOutputStream eml = new ByteArrayOutputStream();
            String line = line();
            for (; line != null && !line.equals("."); line = line()) {
                if (end == End.CUT && eml.size() > 1000) {
                    asked.add(mail(eml));
                    socket.close();
                    return;
                }
                eml.writeBytes(
                        ((line.startsWith(".") ? line.substring(1) : line) + "\r\n")
                                .getBytes(ISO_8859_1));
            }
            if (line == null) { // whoever is cut off in the middle has sent no mail
                return;
            }
            Mail mail = mail(eml);
            asked.add(mail);
            switch (end) {
                case TAKE -> {
                    taken.add(mail);
                    say("250 kept");
                }
                case REFUSE -> say("554 5.7.1 not this one");
                case UNAVAILABLE -> say("451 4.3.0 later");
                case HANG -> {
                    taken.add(mail);
                    in.transferTo(OutputStream.nullOutputStream()); // until the client gives up
                }
                case CUT, REFUSE_RECIPIENT -> socket.close();
            }
        }

        private Mail mail(ByteArrayOutputStream eml) {
            return new Mail(from, List.copyOf(to), eml.toByteArray(), encrypted, login);
        }

        private String address(String line) {
            return line.substring(line.indexOf('<') + 1, line.indexOf('>'));
        }

        private String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    return line.toString(ISO_8859_1).stripTrailing();
                }
                line.write(b);
            }
            return null;
        }

        private void say(String line) throws IOException {
            out.write((line + "\r\n").getBytes(ISO_8859_1));
            out.flush();
        }
    }
}
