package org.jawort.delivery;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.spi.Registry;
import org.jawort.archive.ConversationFiles;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A document is taken once its sidecar has its name. */
@Execution(ExecutionMode.SAME_THREAD) // two at a time gained nothing, and each attempt has a second
class DmsSftpContractTest extends DestinationContract {

    @TempDir private Path folder;

    @Override
    protected String route() {
        return "dms-sftp";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        registry.bind("conversationFiles", new ConversationFiles(Attachments.NONE));
    }

    @Override
    protected Receiver receiver() {
        return new Dms(new StubbornSftpServer(folder, null));
    }

    private record Dms(StubbornSftpServer server) implements Receiver {

        @Override
        public Map<String, String> settings() {
            return Map.of(
                    "host",
                    "localhost",
                    "port",
                    String.valueOf(server.port()),
                    "directory",
                    "eingang",
                    "username",
                    StubbornSftpServer.USER,
                    "hostKey",
                    server.hostKey(),
                    "passwordSecret",
                    StubbornSftpServer.PASSWORD);
        }

        @Override
        public Set<String> secrets() {
            return Set.of(StubbornSftpServer.PASSWORD);
        }

        @Override
        public Set<Behaviour> faults() {
            return Set.of(Behaviour.UNAVAILABLE, Behaviour.HANG, Behaviour.CUT);
        }

        @Override
        public void behave(Behaviour behaviour) {
            server.behave(behaviour);
        }

        @Override
        public List<String> asked() {
            return server.opened().stream().map(Dms::key).toList();
        }

        @Override
        public List<Taken> taken() {
            return server.renamed().stream()
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.replaceFirst("[.]json$", ".eml"))
                    .map(name -> new Taken(key(name), ReadEml.of(server.read(name)).text()))
                    .toList();
        }

        /** The id of the event, behind the sequence. */
        private static String key(String name) {
            return name.replaceFirst(".*/[0-9]{12}-", "").replaceFirst("[.]eml$", "");
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
