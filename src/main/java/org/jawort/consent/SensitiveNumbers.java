package org.jawort.consent;

import java.math.BigInteger;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Finds numbers that have no place in a chat (FLT-8), each by its check digits: payment cards,
 * IBANs, German tax and pension insurance numbers, and the numbers of identity cards and passports.
 * A number that is written with single spaces, dots or hyphens is the same number. Says whether
 * there is one, never which.
 */
final class SensitiveNumbers {

    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cf}\\p{Cc}&&[^\\n\\r\\t]]");

    /** Digits and what may stand between them; a plus begins a telephone number. */
    private static final Pattern DIGITS = Pattern.compile("[+]? ?[0-9][0-9 .\\-/]*");

    private static final int LONGEST_TELEPHONE = 15;
    private static final int LONGEST_CARD = 19;

    private static final Pattern IBAN_START = Pattern.compile("(?<![A-Z0-9])[A-Z]{2}[0-9]{2}");
    private static final Pattern PENSION =
            Pattern.compile(
                    "(?<![A-Z0-9])([0-9]{2}) ?([0-9]{6}) ?([A-Z]) ?([0-9]{2})([0-9])(?![A-Z0-9])");
    private static final Pattern DOCUMENT =
            Pattern.compile("(?<![A-Z0-9])([CFGHJKLMNPRTVWXYZ0-9]{9})[ <]?([0-9])(?![0-9])");

    /** One in ten order numbers has the check digit of a passport by chance. */
    private static final Pattern NAMES_A_DOCUMENT =
            Pattern.compile(
                    "AUSWEIS|\\bPASS\\b|REISEPASS|PASSNUMMER|PASSPORT|IDENTITY CARD|ID CARD|CARTE D.IDENTIT|"
                            + "PASSEPORT|PASAPORTE|PASSAPORTO|PASPOORT|PASZPORT|PASAPORT|KIMLIK");

    /** Length of an IBAN by country, ISO 13616. */
    private static final Map<String, Integer> IBAN_LENGTHS = new HashMap<>();

    static {
        String lengths =
                "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24"
                        + " FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20"
                        + " LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29"
                        + " PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24"
                        + " XK20";
        for (String one : lengths.split(" ")) {
            IBAN_LENGTHS.put(one.substring(0, 2), Integer.valueOf(one.substring(2)));
        }
    }

    private SensitiveNumbers() {}

    static boolean isIn(String text) {
        String plain = plain(text);
        return DIGITS.matcher(plain).results().anyMatch(run -> isSensitive(run.group()))
                || hasIban(plain)
                || PENSION.matcher(plain).results().anyMatch(SensitiveNumbers::isPension)
                || NAMES_A_DOCUMENT.matcher(plain).find()
                        && DOCUMENT.matcher(plain).results().anyMatch(SensitiveNumbers::isDocument);
    }

    /** ASCII digits and separators whatever they were typed as, capital letters. */
    private static String plain(String text) {
        StringBuilder plain = new StringBuilder();
        INVISIBLE
                .matcher(Normalizer.normalize(text, Normalizer.Form.NFKC))
                .replaceAll("")
                .codePoints()
                .forEach(
                        c -> {
                            if (Character.isDigit(c)) {
                                plain.append(Character.digit(c, 10));
                            } else if (Character.getType(c) == Character.DASH_PUNCTUATION) {
                                plain.append('-');
                            } else if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                                plain.append(' ');
                            } else {
                                plain.appendCodePoint(Character.toUpperCase(c));
                            }
                        });
        return plain.toString();
    }

    private static boolean isSensitive(String run) {
        boolean isTelephone =
                run.startsWith("+") && run.replaceAll("[^0-9]", "").length() <= LONGEST_TELEPHONE;
        return !isTelephone
                && Arrays.stream(run.strip().split("[ .\\-/]{2,}"))
                        .anyMatch(number -> isSensitive(List.of(number.split("[ .\\-/]"))));
    }

    /** A number may stand beside others, but not begin or end within a group of digits. */
    private static boolean isSensitive(List<String> groups) {
        for (int from = 0; from < groups.size(); from++) {
            StringBuilder digits = new StringBuilder();
            for (int to = from; to < groups.size() && digits.length() < LONGEST_CARD; to++) {
                digits.append(groups.get(to));
                if (isCard(digits) || isTaxNumber(digits)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** ISO/IEC 7812: 13 to 19 digits of a network of payment cards (2 to 6), Luhn. */
    private static boolean isCard(CharSequence digits) {
        if (digits.length() < 13
                || digits.length() > LONGEST_CARD
                || digits.charAt(0) < '2'
                || digits.charAt(0) > '6') {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int counted = i % 2 == 0 ? digit : 2 * digit;
            sum += counted > 9 ? counted - 9 : counted;
        }
        return sum % 10 == 0;
    }

    /** § 139b AO: eleven digits, of the first ten exactly one repeats; ISO 7064 MOD 11,10. */
    private static boolean isTaxNumber(CharSequence digits) {
        if (digits.length() != 11 || digits.charAt(0) == '0') {
            return false;
        }
        int[] seen = new int[10];
        int product = 10;
        for (int i = 0; i < 10; i++) {
            int digit = digits.charAt(i) - '0';
            seen[digit]++;
            int sum = (digit + product) % 10;
            product = 2 * (sum == 0 ? 10 : sum) % 11;
        }
        long repeated = Arrays.stream(seen).filter(times -> times > 1).count();
        int most = Arrays.stream(seen).max().orElse(0);
        int check = (11 - product) % 10;
        return repeated == 1 && most <= 3 && digits.charAt(10) - '0' == check;
    }

    private static boolean hasIban(String plain) {
        return IBAN_START
                .matcher(plain)
                .results()
                .anyMatch(start -> isIban(plain, start.start(), start.group()));
    }

    /** Its length is the country's, so words that follow belong to it as little as a full stop. */
    private static boolean isIban(String plain, int from, String start) {
        Integer length = IBAN_LENGTHS.get(start.substring(0, 2));
        if (length == null) {
            return false;
        }
        StringBuilder iban = new StringBuilder();
        boolean separated = false;
        for (int at = from; at < plain.length() && iban.length() < length; at++) {
            char c = plain.charAt(at);
            if (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z') {
                iban.append(c);
                separated = false;
            } else if ((c == ' ' || c == '-' || c == '.') && !separated) {
                separated = true;
            } else {
                return false;
            }
        }
        return iban.length() == length && mod97(iban.substring(4) + iban.substring(0, 4)) == 1;
    }

    private static int mod97(String moved) {
        StringBuilder number = new StringBuilder();
        moved.chars().forEach(c -> number.append(Character.digit(c, 36)));
        return new BigInteger(number.toString()).mod(BigInteger.valueOf(97)).intValue();
    }

    /** VKVV § 2: area, date of birth, initial, serial number, check digit. */
    private static boolean isPension(MatchResult found) {
        if (!isDate(found.group(2))) {
            return false;
        }
        String digits =
                found.group(1)
                        + found.group(2)
                        + "%02d".formatted(found.group(3).charAt(0) - 'A' + 1)
                        + found.group(4);
        int[] factors = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
        int sum = 0;
        for (int i = 0; i < factors.length; i++) {
            int product = (digits.charAt(i) - '0') * factors[i];
            sum += product / 10 + product % 10;
        }
        return sum % 10 == found.group(5).charAt(0) - '0';
    }

    /** DDMMYY of some century. */
    private static boolean isDate(String text) {
        try {
            LocalDate.of(
                    2000 + Integer.parseInt(text.substring(4)),
                    Integer.parseInt(text.substring(2, 4)),
                    Integer.parseInt(text.substring(0, 2)));
            return true;
        } catch (DateTimeException noDate) {
            return false;
        }
    }

    /** ICAO 9303 part 3: weights 7, 3, 1. */
    private static boolean isDocument(MatchResult found) {
        int sum = 0;
        for (int i = 0; i < 9; i++) {
            sum += Character.digit(found.group(1).charAt(i), 36) * new int[] {7, 3, 1}[i % 3];
        }
        return sum % 10 == found.group(2).charAt(0) - '0';
    }
}
