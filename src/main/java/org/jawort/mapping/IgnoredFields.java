package org.jawort.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The fields a mapping file leaves out on purpose, from its lines {@code // ignored: Path,
 * other.path, events[].payload.conversation.*}. Paths are relative to the body, or to the query
 * where a webhook has no body; {@code []} stands for any element of a list, a trailing {@code .*}
 * for everything below.
 */
record IgnoredFields(List<String> paths) {

    private static final Pattern LINE = Pattern.compile("(?m)^\\s*//\\s*ignored:(.*)$");

    static IgnoredFields in(List<String> texts) {
        List<String> paths = new ArrayList<>();
        for (String text : texts) {
            Matcher lines = LINE.matcher(text);
            while (lines.find()) {
                for (String path : lines.group(1).split(",")) {
                    if (!path.isBlank()) {
                        paths.add(path.strip());
                    }
                }
            }
        }
        return new IgnoredFields(List.copyOf(paths));
    }

    boolean cover(String leaf) {
        return paths.stream().anyMatch(path -> covers(path, leaf));
    }

    private static boolean covers(String path, String leaf) {
        if (!path.endsWith(".*")) {
            return path.equals(leaf);
        }
        String above = path.substring(0, path.length() - ".*".length());
        return leaf.equals(above) || leaf.startsWith(above + ".") || leaf.startsWith(above + "[]");
    }
}
