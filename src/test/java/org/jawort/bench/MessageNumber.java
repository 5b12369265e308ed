package org.jawort.bench;

import java.util.HexFormat;

/**
 * Which message of a run a MessageSid stands for, so that a receiver finds a message's place
 * without a table: {@code SM}, 8 hex digits of the phase, 24 of the index.
 *
 * @param phase counts the phases of a run
 * @param index counts the messages of a phase, from 0
 */
record MessageNumber(int phase, int index) {

    private static final int LENGTH = 34;
    private static final HexFormat HEX = HexFormat.of();

    String sid() {
        return "SM" + HEX.toHexDigits(phase) + "0".repeat(16) + HEX.toHexDigits(index);
    }

    /**
     * The first MessageSid in a text; {@code null} if there is none.
     *
     * @param text ASCII-compatible bytes such as a JSON event
     */
    static MessageNumber firstIn(byte[] text) {
        for (int i = 0; i + LENGTH <= text.length; i++) {
            if (text[i] == 'S' && text[i + 1] == 'M' && isHex(text, i + 2)) {
                return new MessageNumber(number(text, i + 2), number(text, i + LENGTH - 8));
            }
        }
        return null;
    }

    private static boolean isHex(byte[] text, int from) {
        for (int i = from; i < from + LENGTH - 2; i++) {
            if (!HexFormat.isHexDigit(text[i])) {
                return false;
            }
        }
        return true;
    }

    private static int number(byte[] text, int from) {
        int number = 0;
        for (int i = from; i < from + 8; i++) {
            number = number << 4 | HexFormat.fromHexDigit(text[i]);
        }
        return number;
    }
}
