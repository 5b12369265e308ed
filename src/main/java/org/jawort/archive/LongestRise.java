package org.jawort.archive;

/** The longest sequence of rising numbers among some, by patience sorting. */
final class LongestRise {

    private static final int NONE = -1;

    private LongestRise() {}

    /**
     * @return by place, whether the number is part of it; the others are the fewest that have to go
     *     for the rest to rise
     */
    static boolean[] of(long[] numbers) {
        int[] tails = new int[numbers.length];
        int[] before = new int[numbers.length];
        int length = 0;
        for (int i = 0; i < numbers.length; i++) {
            int low = 0;
            int high = length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (numbers[tails[middle]] < numbers[i]) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            before[i] = low == 0 ? NONE : tails[low - 1];
            tails[low] = i;
            length = Math.max(length, low + 1);
        }
        boolean[] rises = new boolean[numbers.length];
        for (int i = length == 0 ? NONE : tails[length - 1]; i != NONE; i = before[i]) {
            rises[i] = true;
        }
        return rises;
    }
}
