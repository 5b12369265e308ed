package org.jawort.local;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports of this machine's loopback address. */
public final class Ports {

    /** Linux gives outgoing connections 32768 and above, IANA's dynamic ports begin higher. */
    private static final int LOWEST = 20_000;

    /** Of each JVM that tests run in at the same time. */
    private static final int MANY = 2_000;

    /** Those given already: their servers may not listen yet, or not at the moment. */
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /**
     * A port nobody listens on, and the one after it, for this caller alone as far as tests go. It
     * is none of those that systems give to outgoing connections, or one of them might hold it
     * while a server is started again.
     */
    public static int free() {
        int lowest = LOWEST + Integer.getInteger("jawort.test.fork", 0) * MANY;
        for (int tried = 0; tried < 1000; tried++) {
            int port = lowest + 2 * ThreadLocalRandom.current().nextInt(MANY / 2);
            if (isFree(port) && isFree(port + 1) && GIVEN.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "no port between %d and %d".formatted(lowest, lowest + MANY));
    }

    private static boolean isFree(int port) {
        return bindable("127.0.0.1", port) && bindable("0.0.0.0", port);
    }

    /**
     * @param user what would listen there, for the message
     * @param variable the environment variable that moves it to another port
     * @throws LocalStartFailed if somebody listens there already
     */
    static void requireFree(int port, String user, String variable) {
        if (!isFree(port) || answers(port)) {
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
