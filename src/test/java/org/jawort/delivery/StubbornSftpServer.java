package org.jawort.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.Handle;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.jawort.delivery.DestinationContract.Behaviour;

/**
 * Apache MINA SSHD over a folder, which also breaks off or falls silent in the middle of a file.
 */
final class StubbornSftpServer implements AutoCloseable {

    static final String USER = "hub";
    static final String PASSWORD = "akten-geheim-4711";

    private final Path root;
    private final SshServer server = SshServer.setUpDefaultServer();
    private final KeyPair hostKey = ec();
    private final List<String> opened = Collections.synchronizedList(new ArrayList<>());
    private final List<String> renamed = Collections.synchronizedList(new ArrayList<>());
    private volatile CountDownLatch silence = new CountDownLatch(0);
    private volatile Behaviour behaviour = Behaviour.TAKE;

    /** So many bytes of a file are written before it breaks off. */
    volatile long breaksOffAfter;

    /**
     * @param client the key that opens beside the password; {@code null} for none
     */
    StubbornSftpServer(Path root, PublicKey client) {
        this.root = root;
        server.setHost("localhost");
        server.setPort(0);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPasswordAuthenticator(
                (user, password, session) ->
                        client == null && user.equals(USER) && password.equals(PASSWORD));
        server.setPublickeyAuthenticator(
                (user, key, session) -> client != null && KeyUtils.compareKeys(key, client));
        server.setFileSystemFactory(new VirtualFileSystemFactory(root));
        SftpSubsystemFactory sftp = new SftpSubsystemFactory();
        sftp.addSftpEventListener(new Faults());
        server.setSubsystemFactories(List.of(sftp));
        try {
            server.start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static KeyPair ec() {
        try {
            return KeyUtils.generateKeyPair("ecdsa-sha2-nistp256", 256);
        } catch (java.security.GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    int port() {
        return server.getPort();
    }

    /** As a line of known_hosts has it, without the name. */
    String hostKey() {
        return PublicKeyEntry.toString(hostKey.getPublic());
    }

    void behave(Behaviour next) {
        silence.countDown();
        if (next == Behaviour.HANG) {
            silence = new CountDownLatch(1);
        }
        behaviour = next;
    }

    /** Names of the documents that were begun, as they will be. */
    List<String> opened() {
        return List.copyOf(opened);
    }

    /** Names of the files that took their final name, in order. */
    List<String> renamed() {
        return List.copyOf(renamed);
    }

    /** What stands under a final name, if it does. */
    byte[] read(String name) {
        try {
            return Files.readAllBytes(root.resolve(name.replaceFirst("^/", "")));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void close() {
        silence.countDown();
        try {
            server.stop(true);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private final class Faults implements SftpEventListener {

        @Override
        public void opening(ServerSession session, String remoteHandle, Handle handle)
                throws IOException {
            String name = handle.getFile().toString();
            if (name.endsWith(".part")) {
                if (name.endsWith(".eml.part")) {
                    opened.add(name.replaceFirst("[.]part$", ""));
                }
                if (behaviour == Behaviour.UNAVAILABLE) {
                    throw new IOException("no space");
                }
            }
        }

        @Override
        public void writing(
                ServerSession session,
                String remoteHandle,
                FileHandle handle,
                long offset,
                byte[] data,
                int dataOffset,
                int dataLength)
                throws IOException {
            if (behaviour == Behaviour.HANG) {
                try {
                    silence.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException closed) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void written(
                ServerSession session,
                String remoteHandle,
                FileHandle handle,
                long offset,
                byte[] data,
                int dataOffset,
                int dataLength,
                Throwable thrown) {
            if (behaviour == Behaviour.CUT && offset + dataLength > breaksOffAfter) {
                session.close(true);
            }
        }

        @Override
        public void moved(
                ServerSession session,
                Path from,
                Path to,
                Collection<java.nio.file.CopyOption> options,
                Throwable thrown) {
            if (thrown == null) {
                renamed.add(to.toString());
            }
        }
    }
}
