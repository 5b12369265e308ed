package org.jawort.rights;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jawort.media.MediaReader;
import org.jawort.media.MediaReader.OpenFile;

/** The files of a copy, by their place in it. A row that is read twice names a file once. */
final class CopiedFiles {

    /** Gets each file that is still there. */
    interface Sink {
        void file(String place, OpenFile file) throws IOException;
    }

    private final Map<String, Supplier<Optional<OpenFile>>> files = new LinkedHashMap<>();

    /**
     * @return where in the copy it is: from ids alone, never from a name somebody sent
     */
    String add(UUID file, String contentType, Supplier<Optional<OpenFile>> open) {
        String place = "media/" + file + "." + MediaReader.ending(contentType);
        files.put(place, open);
        return place;
    }

    void each(Sink sink) throws IOException {
        for (Map.Entry<String, Supplier<Optional<OpenFile>>> one : files.entrySet()) {
            OpenFile file = one.getValue().get().orElse(null);
            if (file != null) {
                sink.file(one.getKey(), file);
            }
        }
    }
}
