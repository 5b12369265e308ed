package org.jawort.archive;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Work on the files of an archive, on a thread of its own that no deadline interrupts: an interrupt
 * closes a channel for all who share it, and lets what takes long never come to its end. Whoever
 * waits is as late as the work is, and has its interrupt afterwards.
 */
final class Undisturbed {

    /** What is done. */
    interface Work<T> {
        T done() throws IOException;
    }

    private Undisturbed() {}

    static <T> T call(Work<T> work) throws IOException {
        CompletableFuture<T> end = new CompletableFuture<>();
        Thread.ofVirtual()
                .name("archive")
                .start(
                        () -> {
                            try {
                                end.complete(work.done());
                            } catch (IOException | RuntimeException | Error broken) {
                                end.completeExceptionally(broken);
                            }
                        });
        try {
            return end.join();
        } catch (CompletionException broken) {
            switch (broken.getCause()) {
                case IOException unwritable -> throw unwritable;
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                default -> throw broken;
            }
        }
    }
}
