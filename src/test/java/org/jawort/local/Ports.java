package org.jawort.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** TCP ports of this machine's loopback address. */
final class Ports {

    private Ports() {}

    /** A port nobody listens on now; somebody else may take it before the caller does. */
    static int free() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException noPortLeft) {
            throw new UncheckedIOException(noPortLeft);
        }
    }

    /**
     * @param user what would listen there, for the message
     * @param variable the environment variable that moves it to another port
     * @throws LocalStartFailed if somebody listens there already
     */
    static void requireFree(int port, String user, String variable) {
        if (!bindable("127.0.0.1", port) || !bindable("0.0.0.0", port) || answers(port)) {
            throw new LocalStartFailed(
                    "port %d is busy, and %s needs it: end what listens there, or set %s to another port"
                            .formatted(port, user, variable));
        }
    }

    /** Whether somebody accepts a connection on this port. */
    static boolean answers(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException nobodyThere) {
            return false;
        }
    }

    private static boolean bindable(String address, int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(
                    true); // or connections of the last run, still in TIME_WAIT, would look like a
            // listener
            socket.bind(new InetSocketAddress(address, port), 1);
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
