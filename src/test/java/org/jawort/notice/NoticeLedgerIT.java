package org.jawort.notice;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jawort.MigratedDatabase;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.conversation.Duties.Heard;
import org.jawort.message.Channel;
import org.jawort.message.MessageStatus;
import org.jawort.notice.NoticeLedger.Progress;
import org.jawort.notice.NoticeLedger.Shown;
import org.jawort.notice.NoticeLedger.Slot;
import org.jawort.notice.NoticeLedger.Underway;
import org.jawort.tenant.TenantFiles;
import org.jawort.tenant.TextKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName(
        "INF-1, INF-3: how far informing somebody has come, by notices and by prompts that embed them")
class NoticeLedgerIT {

    private static final String DEMO = "autohaus-muster";
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final String COUNTS = "notice-v1";

    private static MigratedDatabase database;
    private static Text notice;
    private static Text prompt;

    private Slot slot;

    @BeforeAll
    static void migrate() {
        database = MigratedDatabase.create();
        notice = text(TextKind.NOTICE);
        prompt = text(TextKind.CONSENT_PROMPT);
    }

    private static Text text(TextKind kind) {
        return Text.of(
                new TenantFiles(Path.of("tenants"), name -> null)
                        .load()
                        .get(DEMO)
                        .texts()
                        .get(kind)
                        .getFirst(),
                "de");
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void somebody() {
        UUID subject = UUID.randomUUID();
        slot = new Slot(new Person(DEMO, subject), Channel.SMS);
        database.scope()
                .run(
                        DEMO,
                        () ->
                                database.jdbc()
                                        .update(
                                                "insert into subject (tenant, id, created_at) values (?, ?, now())",
                                                DEMO,
                                                subject));
    }

    @Test
    @DisplayName(
            "a prompt that fails is no attempt at the notice, which is tried as if it had not been asked")
    void doesNotGiveUpForAPromptThatFails() {
        UUID asked = queue(underway(NoticeLedger.BESIDE, prompt));

        assertThat(progress()).isEqualTo(Progress.UNDER_WAY);
        heard(asked, MessageStatus.FAILED);
        assertThat(progress()).isEqualTo(Progress.NOT_BEGUN);

        UUID first = queue(underway(1, notice));
        heard(first, MessageStatus.FAILED);
        assertThat(progress()).isEqualTo(Progress.FAILED);
    }

    @Test
    @DisplayName(
            "prompts asked together, and after everything else failed, each inform when they arrive")
    void keepsEachPrompt() {
        for (int attempt = 1; attempt <= 3; attempt++) {
            heard(queue(underway(attempt, notice)), MessageStatus.FAILED);
        }
        assertThat(progress()).isEqualTo(Progress.GIVEN_UP);

        Underway one = underway(NoticeLedger.BESIDE, prompt);
        Underway other = underway(NoticeLedger.BESIDE, prompt);
        queue(one, other);
        heard(one.message(), MessageStatus.FAILED);
        heard(other.message(), MessageStatus.DELIVERED);
        queue(underway(NoticeLedger.BESIDE, prompt));

        assertThat(progress()).isEqualTo(Progress.ARRIVED);
        List<Shown> shown = in(ledger -> ledger.arrived(slot, List.of(COUNTS)));
        assertThat(shown).containsExactly(new Shown(prompt.reference(), "de"));
    }

    private Underway underway(int attempt, Text text) {
        return new Underway(
                slot,
                COUNTS,
                attempt,
                text,
                UUID.randomUUID(),
                text == prompt ? "prompt" : "required",
                null,
                null);
    }

    /** The message of the first. */
    private UUID queue(Underway... notices) {
        in(
                ledger -> {
                    ledger.add(Arrays.asList(notices), NOW);
                    return null;
                });
        return notices[0].message();
    }

    private void heard(UUID message, MessageStatus status) {
        in(ledger -> ledger.heard(List.of(new Heard(DEMO, message, status, NOW))));
    }

    private Progress progress() {
        return in(ledger -> ledger.progress(List.of(slot), Map.of(DEMO, List.of(COUNTS))))
                .getOrDefault(slot, Progress.NOT_BEGUN);
    }

    private <T> T in(Function<NoticeLedger, T> work) {
        return database.scope().call(DEMO, () -> work.apply(new NoticeLedger(database.jdbc())));
    }
}
