package org.jawort.local;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code ./hub simulate} was asked to send.
 *
 * @param account the account id, the provider's name if not given
 * @param text, from, url {@code null} if not given
 */
record SimulateCommand(
        String provider,
        String sample,
        String account,
        String text,
        String from,
        boolean fresh,
        int repeat,
        String url) {

    private static final int MOST = 1_000_000;

    /** The arguments make no command; the message says which of them. */
    static final class NotUnderstood extends RuntimeException {
        NotUnderstood(String message) {
            super(message);
        }
    }

    static SimulateCommand parse(List<String> arguments) {
        var rest = new ArrayDeque<>(arguments);
        var names = new ArrayList<String>();
        String account = null;
        String text = null;
        String from = null;
        String url = null;
        boolean fresh = false;
        int repeat = 1;
        while (!rest.isEmpty()) {
            String argument = rest.poll();
            switch (argument) {
                case "--fresh" -> fresh = true;
                case "--text" -> text = valueOf(argument, rest);
                case "--from" -> from = valueOf(argument, rest);
                case "--url" -> url = valueOf(argument, rest);
                case "--account" -> account = valueOf(argument, rest);
                case "--repeat" -> repeat = times(valueOf(argument, rest));
                default -> names.add(name(argument));
            }
        }
        if (names.size() != 2) {
            throw new NotUnderstood(
                    "expected a provider and a sample, got "
                            + (names.isEmpty() ? "neither" : names));
        }
        if (from != null && from.isBlank()) {
            throw new NotUnderstood("--from needs an address");
        }
        String provider = names.getFirst();
        return new SimulateCommand(
                provider,
                names.getLast(),
                account == null ? provider : account,
                text,
                from,
                fresh,
                repeat,
                url);
    }

    private static String name(String argument) {
        if (argument.startsWith("-")) {
            throw new NotUnderstood("there is no option " + argument);
        }
        return argument;
    }

    private static String valueOf(String option, ArrayDeque<String> rest) {
        if (rest.isEmpty()) {
            throw new NotUnderstood(option + " needs a value");
        }
        return rest.poll();
    }

    private static int times(String value) {
        if (!value.matches("[1-9]\\d{0,6}") || Integer.parseInt(value) > MOST) {
            throw new NotUnderstood(
                    "--repeat needs a number from 1 to " + MOST + ", not \"" + value + "\"");
        }
        return Integer.parseInt(value);
    }
}
