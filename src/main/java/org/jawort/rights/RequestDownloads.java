package org.jawort.rights;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jawort.conversation.People;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.SubjectKey;
import org.jawort.vault.Undecipherable;

/**
 * What a link gives to whoever has it (DSR-6). To look is harmless, as programs that preview links
 * do; to collect all of it is possible once. In transactions of its own.
 */
public final class RequestDownloads {

    /** What a link is good for. */
    public enum State {
        READY,
        /** The work is not done; the link stays good. */
        NOT_YET,
        /** Used, expired, erased, or never there: nobody is told which. */
        GONE
    }

    /**
     * An answer on its way to the person.
     *
     * @param fileName of the ZIP
     */
    public record Collected(String fileName, Content content) {}

    /** Writes itself; does not close the stream. */
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    private record Found(Downloads.Row row, RightsRequest request, State state) {}

    private final Downloads downloads;
    private final PackageStore packages;
    private final RequestStore store;
    private final RequestWork work;
    private final Replies replies;
    private final People people;
    private final Tenants tenants;
    private final TenantScope scope;
    private final InstantSource clock;

    RequestDownloads(
            Downloads downloads,
            PackageStore packages,
            RequestStore store,
            RequestWork work,
            Replies replies,
            People people,
            Tenants tenants,
            TenantScope scope,
            InstantSource clock) {
        this.downloads = downloads;
        this.packages = packages;
        this.store = store;
        this.work = work;
        this.replies = replies;
        this.people = people;
        this.tenants = tenants;
        this.scope = scope;
        this.clock = clock;
    }

    private Optional<Found> find(String token) {
        // a link names no tenant
        List<String> all = tenants.all().stream().map(Tenant::id).toList();
        Optional<Downloads.Row> row = scope.call(all, () -> downloads.find(token));
        return row.flatMap(
                one ->
                        scope.call(
                                one.tenant(),
                                () ->
                                        store.find(one.tenant(), one.request())
                                                .map(
                                                        request ->
                                                                new Found(
                                                                        one,
                                                                        request,
                                                                        state(one, request)))));
    }

    private State state(Downloads.Row row, RightsRequest request) {
        if (!row.isAlive(clock.instant())) {
            return State.GONE;
        }
        if (!request.state().isAnswered()) {
            return State.NOT_YET;
        }
        boolean isErased =
                isCopy(request)
                        && (people.key(row.tenant(), request.subject()).isEmpty()
                                || !packages.isThere(row.tenant(), row.id()));
        return isErased ? State.GONE : State.READY;
    }

    private static boolean isCopy(RightsRequest request) {
        return request.outcome().path("done").asText().equals("COPIED");
    }

    /**
     * Says what the link is good for, as a page with a button, and changes nothing.
     *
     * @return the state the page shows
     */
    public State look(String token, Writer page) throws IOException {
        Optional<Found> found = find(token);
        State state = found.map(Found::state).orElse(State.GONE);
        String controller =
                state == State.GONE
                        ? null
                        : tenants.get(found.get().row().tenant()).controller().name();
        AnswerPage.Language language =
                found.map(one -> AnswerPage.Language.of(replies.language(one.request())))
                        .orElse(AnswerPage.Language.DE);
        Instant until = state == State.GONE ? null : found.get().row().expiresAt();
        DownloadPage.write(page, language, controller, state, until);
        return state;
    }

    /** The answer; empty where {@link #look} does not say {@link State#READY}. */
    public Optional<Collected> collect(String token) {
        Optional<Found> found = find(token).filter(one -> one.state() == State.READY);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Downloads.Row row = found.get().row();
        RightsRequest request = found.get().request();
        Instant now = clock.instant();
        Optional<SubjectKey> key =
                scope.call(row.tenant(), () -> people.key(row.tenant(), request.subject()));
        boolean isFirst =
                scope.call(
                        row.tenant(),
                        () -> {
                            boolean first = downloads.use(row, now);
                            if (first && request.liftAt() == null) {
                                store.next(request, now);
                            }
                            return first;
                        });
        if (!isFirst) {
            return Optional.empty();
        }
        String name = request.type().name().toLowerCase(java.util.Locale.ROOT) + "-" + request.id();
        Content content =
                isCopy(request)
                        ? out -> copy(row.tenant(), row.id(), key.orElseThrow(), out)
                        : out -> answer(request, now, out);
        return Optional.of(
                new Collected(name + ".zip", out -> giveBackUnlessWhole(row, now, content, out)));
    }

    private void giveBackUnlessWhole(
            Downloads.Row row, Instant usedAt, Content content, OutputStream out)
            throws IOException {
        boolean isWhole = false;
        try {
            content.write(out);
            isWhole = true;
        } finally {
            if (!isWhole) {
                scope.run(row.tenant(), () -> downloads.giveBack(row, usedAt));
            }
        }
    }

    private void copy(String tenant, UUID download, SubjectKey key, OutputStream out)
            throws IOException {
        try {
            packages.copy(tenant, download, key, out);
        } catch (Undecipherable erasedMeanwhile) {
            throw new IOException("erased while it was read", erasedMeanwhile);
        }
        scope.run(tenant, () -> packages.delete(tenant, download));
    }

    private void answer(RightsRequest request, Instant now, OutputStream out) {
        scope.run(
                request.tenant(),
                () -> {
                    try {
                        work.answer(
                                        request,
                                        work.outcome(request),
                                        new PersonalData.Copied(List.of(), new CopiedFiles()))
                                .write(out, now);
                    } catch (IOException broken) {
                        throw new UncheckedIOException(broken);
                    }
                });
    }
}
