package org.jawort.media;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Addresses of the public Internet, as opposed to those of this machine, its networks and its cloud
 * (ASVS 1.3.6).
 *
 * @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IANA, special-purpose
 *     addresses</a>
 */
final class PublicAddresses {

    /** Addresses that begin with the same bits. */
    private record Block(byte[] prefix, int bits) {

        static Block of(String text) {
            String[] parts = text.split("/");
            return new Block(literal(parts[0]), Integer.parseInt(parts[1]));
        }

        boolean contains(byte[] address) {
            if (address.length != prefix.length) {
                return false;
            }
            int whole = bits / 8;
            if (!Arrays.equals(address, 0, whole, prefix, 0, whole)) {
                return false;
            }
            int mask = 0xff << (8 - bits % 8) & 0xff;
            return bits % 8 == 0 || (address[whole] & mask) == (prefix[whole] & mask);
        }
    }

    private static final List<Block> NOT_PUBLIC =
            blocks(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10", // carriers' NAT, and metadata of one cloud
                    "127.0.0.0/8",
                    "169.254.0.0/16", // link-local, and metadata of most clouds
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3", // multicast, reserved, broadcast
                    "168.63.129.16/32", // a public address that is a cloud's own machine
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20");

    private static final Block GLOBAL_UNICAST = Block.of("2000::/3");
    private static final Block TRANSLATED = Block.of("64:ff9b::/96");

    private PublicAddresses() {}

    static boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (TRANSLATED.contains(bytes)) { // NAT64: what counts is behind it
            bytes = Arrays.copyOfRange(bytes, 12, 16);
        }
        byte[] looked = bytes;
        boolean unicast = looked.length == 4 || GLOBAL_UNICAST.contains(looked);
        return unicast && NOT_PUBLIC.stream().noneMatch(block -> block.contains(looked));
    }

    private static List<Block> blocks(String... texts) {
        return Arrays.stream(texts).map(Block::of).toList();
    }

    private static byte[] literal(String text) {
        try {
            InetAddress address = InetAddress.getByName(text); // a literal is not looked up
            if (text.contains(":") && address instanceof Inet4Address) {
                throw new IllegalArgumentException(text);
            }
            return address.getAddress();
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }
}
