package org.jawort.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A recorded webhook: {@code mappings/<provider>/examples/<name>.{form,json,query}}. */
record Sample(String provider, String name, Path file) {

    private static final List<String> ENDINGS = List.of(".form", ".json", ".query");

    /** What goes to a provider, and its answer. */
    private static final Pattern OF_CALLS = Pattern.compile("(send|sent|erase|erased)-");

    /** What to send. */
    record Webhook(String method, String contentType, String query, byte[] body) {}

    /**
     * @throws LocalStartFailed if there is none of this name; the message lists what there is
     */
    static Sample find(Path mappings, String provider, String name) {
        List<Sample> samples =
                all(mappings).stream().filter(it -> it.provider().equals(provider)).toList();
        if (samples.isEmpty()) {
            throw new LocalStartFailed(
                    "no samples in %s".formatted(mappings.resolve(provider).resolve("examples")));
        }
        return samples.stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new LocalStartFailed(
                                        "no sample \"%s\" of %s; ./hub simulate --list shows all"
                                                .formatted(name, provider)));
    }

    /** All samples, by provider and name. */
    static List<Sample> all(Path mappings) {
        if (!Files.isDirectory(mappings)) {
            throw new LocalStartFailed(
                    "no folder " + mappings + "; JAWORT_HOME must hold mappings/");
        }
        try (Stream<Path> files = Files.walk(mappings, 3)) {
            return files.filter(Sample::isSample).map(Sample::of).sorted(Sample::compare).toList();
        } catch (IOException unreadable) {
            throw new LocalStartFailed(
                    "cannot read " + mappings + ": " + unreadable.getMessage(), unreadable);
        }
    }

    /** The webhook this sample is, changed if so wished; unchanged it is sent byte for byte. */
    Webhook webhook(SampleChange change) {
        try {
            byte[] content = Files.readAllBytes(file);
            boolean json = file.toString().endsWith(".json");
            if (!change.changesNothing()) {
                SampleBody body = json ? SampleBody.json(content) : SampleBody.form(content);
                change.apply(body, ProviderFields.of(provider));
                content = body.bytes();
            }
            if (file.toString().endsWith(".query")) {
                String query = new String(content, java.nio.charset.StandardCharsets.UTF_8).strip();
                return new Webhook("GET", null, query, new byte[0]);
            }
            return new Webhook(
                    "POST",
                    json ? "application/json" : "application/x-www-form-urlencoded",
                    null,
                    content);
        } catch (IOException unreadable) {
            throw new LocalStartFailed(
                    "cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static boolean isSample(Path file) {
        String name = file.getFileName().toString();
        return file.getParent().getFileName().toString().equals("examples")
                && ENDINGS.stream().anyMatch(name::endsWith)
                && !name.endsWith(".expected.json")
                && !name.endsWith(".channels.json")
                && !OF_CALLS.matcher(name).lookingAt();
    }

    private static Sample of(Path file) {
        String name = file.getFileName().toString();
        String provider = file.getParent().getParent().getFileName().toString();
        return new Sample(provider, name.substring(0, name.lastIndexOf('.')), file);
    }

    private static int compare(Sample one, Sample other) {
        int byProvider = one.provider().compareTo(other.provider());
        return byProvider != 0 ? byProvider : one.name().compareTo(other.name());
    }
}
