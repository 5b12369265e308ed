package org.jawort.delivery;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.spi.Registry;
import org.jawort.archive.ArchiveMail;
import org.jawort.archive.SelfSigned;
import org.jawort.delivery.StubbornMailServer.End;
import org.jawort.delivery.StubbornMailServer.Mail;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.SAME_THREAD) // two at a time gained nothing, and each attempt has a second
class ArchiveSmtpContractTest extends DestinationContract {

    private static final SelfSigned CERTIFICATE = SelfSigned.of("localhost");
    private static final String PASSWORD = "post-geheim-4711";

    @Override
    protected String route() {
        return "archive-smtp";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        ArchiveMail mail = new ArchiveMail(tenants, Attachments.NONE);
        mail.bind(registry, tenants);
        registry.bind("archiveMail", mail);
    }

    @Override
    protected Receiver receiver() {
        return new Mailbox(new StubbornMailServer(CERTIFICATE.context(), true, false));
    }

    private record Mailbox(StubbornMailServer server) implements Receiver {

        @Override
        public Map<String, String> settings() {
            return Map.of(
                    "host",
                    "localhost",
                    "port",
                    String.valueOf(server.port()),
                    "implicitTls",
                    "true",
                    "username",
                    "hub",
                    "passwordSecret",
                    PASSWORD,
                    "certificate",
                    CERTIFICATE.pem(),
                    "from",
                    "hub@muster.example",
                    "to",
                    "journal@archive.example");
        }

        @Override
        public Set<String> secrets() {
            return Set.of(PASSWORD);
        }

        @Override
        public Set<Behaviour> faults() {
            return Set.of(Behaviour.REFUSE, Behaviour.UNAVAILABLE, Behaviour.HANG, Behaviour.CUT);
        }

        @Override
        public void behave(Behaviour behaviour) {
            server.end = End.valueOf(behaviour.name());
        }

        @Override
        public List<String> asked() {
            return server.asked().stream().map(Mailbox::key).toList();
        }

        @Override
        public List<Taken> taken() {
            return server.taken().stream()
                    .map(mail -> new Taken(key(mail), ReadEml.of(mail.eml()).text()))
                    .toList();
        }

        private static String key(Mail mail) {
            return ReadEml.of(mail.eml()).field("X-Jawort-Event-Id").strip();
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
