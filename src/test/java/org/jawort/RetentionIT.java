package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.jawort.delivery.DeliveryFilter;
import org.jawort.delivery.Destinations;
import org.jawort.delivery.LateFiles;
import org.jawort.delivery.Replays;
import org.jawort.local.FakeBehaviour;
import org.jawort.retention.Erasure;
import org.jawort.retention.RetentionExplanations;
import org.jawort.retention.RetentionRuns;
import org.jawort.store.TenantScope;
import org.jawort.vault.SubjectKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Deletion on schedule, on a whole hub whose clock is moved. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetentionIT {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Person ERIKA = Person.number(0);
    private static final Person JANA = Person.number(1);

    /** As long before a due time as a slow machine may need for the steps in between. */
    private static final Duration MARGIN = Duration.ofMinutes(10);

    private SharedHub shared;

    @BeforeAll
    void start() {
        shared = SharedHub.in(silent()).accounts("twilio", "vonage").tenants(16).start();
    }

    @AfterAll
    void stop() {
        shared.close();
    }

    /** One whose providers take nothing: only what people write is stored. */
    private HubInTest tenant() {
        SharedHub.Seat seat = shared.seat();
        seat.fake().behave(FakeBehaviour.refuse(503, null));
        return seat.hub();
    }

    @Test
    @DisplayName(
            "RET-4, RET-6: closed after 30 days, media gone 30 and text 90 days later, across DST and year end")
    void deletesEachDataTypeWhenItsPeriodIsOverAndNotBefore() {
        HubInTest hub = tenant();
        hub.clock.moveTo(nextOctober(hub));
        writesPictures(hub);
        delivered(hub, 1);
        Instant lastMessage = time(hub, "select last_message_at from conversation");
        Instant idle = days(lastMessage, 30); // the clocks went back in between

        runAt(hub, idle.minus(MARGIN));
        assertThat(time(hub, "select closed_at from conversation")).isNull();
        runAt(hub, idle.plus(MARGIN));
        assertThat(time(hub, "select closed_at from conversation")).isEqualTo(idle);
        assertThat(Duration.between(lastMessage, idle)).isEqualTo(Duration.ofHours(30 * 24 + 1));

        runAt(hub, days(idle, 30).minus(MARGIN));
        assertThat(rows(hub, "media")).isEqualTo(2);
        runAt(hub, days(idle, 30).plus(MARGIN));
        assertThat(rows(hub, "media")).isZero();
        assertThat(rows(hub, "message")).isEqualTo(1);
        assertThat(rows(hub, "message where sealed_original is not null")).isZero();

        runAt(hub, days(idle, 90).minus(MARGIN));
        assertThat(rows(hub, "message")).isEqualTo(1);
        assertThat(rows(hub, "event where type = 'jawort.message.received.v1'"))
                .as("metadata is 120 days old but its message lives")
                .isEqualTo(1);
        runAt(hub, days(idle, 90).plus(MARGIN));
        assertThat(rows(hub, "message")).isZero();
        assertThat(rows(hub, "conversation")).isZero();
        assertThat(rows(hub, "event where type = 'jawort.message.received.v1'")).isZero();
        assertThat(rows(hub, "disclosure where recipient in ('crm', 'archive')"))
                .as("who heard of the person, after the deliveries themselves")
                .isEqualTo(2);
        assertThat(rows(hub, "last_activity")).isEqualTo(1);
        deletionsDelivered(hub);

        hub.clock.advance(Duration.ofDays(91));
        run(hub, false);
        String old = "created_at < '" + hub.clock.instant().minus(Duration.ofDays(1)) + "'";
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select type || ' ' || created_at from event where " + old))
                .as("at %s", hub.clock.instant())
                .isEmpty();
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select row_to_json(d) || ' ' || coalesce((select string_agg(a::text, ' ') from delivery_attempt a"
                                                + " where a.event_id = d.event_id and a.destination = d.destination), 'never tried')"
                                                + " from delivery d where "
                                                + old))
                .isEmpty();
    }

    @Test
    @DisplayName(
            "RET-4: a message after idle days opens a new conversation; the old one ended then")
    void closesAnIdleConversationWhenItsPersonWritesAgain() {
        HubInTest hub = tenant();
        Instant start = nextOctober(hub);
        hub.clock.moveTo(start);
        writes(hub, ERIKA, 1);
        delivered(hub, 1);
        Instant lastMessage = time(hub, "select last_message_at from conversation");

        hub.clock.moveTo(days(start, 40));
        writes(hub, ERIKA, 2);
        delivered(hub, 2);

        assertThat(time(hub, "select closed_at from conversation where closed_at is not null"))
                .isEqualTo(days(lastMessage, 30));
        assertThat(rows(hub, "conversation where closed_at is null")).isEqualTo(1);
        assertThat(rows(hub, "(select distinct conversation_id from message) as c")).isEqualTo(2);
    }

    @Test
    @DisplayName("RET-12: a nightly run tells of a jump once it has passed ten times the usual")
    void tellsOfAJumpOnItsWay() {
        HubInTest hub = tenant();
        run(hub, false);
        hub.sql()
                .update(
                        "insert into retention_run (tenant, id, dry_run, rules, counts, started_at, finished_at, status)"
                                + " select ?, ('ffffffff-ffff-7fff-8fff-00000000000' || n)::uuid, false, '', '{\"transport-buffer\": {\"deleted\": 1}}', now(), now(), 'COMPLETED'"
                                + " from generate_series(0, 7) n",
                        hub.tenant);
        hub.sql()
                .update(
                        "insert into provider_event (tenant, account, event_key, event_ids, received_at)"
                                + " select ?, 'twilio', decode(md5(n::text), 'hex'), '{}', now() - interval '13 months'"
                                + " from generate_series(1, 2500) n",
                        hub.tenant);

        Map<String, Object> run = run(hub, false);

        assertThat(deleted(run, "dedup-key")).isEqualTo(2500);
        assertThat(rows(hub, "provider_event")).isZero();
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select detail ->> 'due' from event where type = 'jawort.retention.jumped.v1'",
                                        String.class))
                .containsExactly("1000");
    }

    @Test
    @DisplayName("GDPR Art. 19: who received it hears that it is gone, once, and nobody else")
    void tellsEachDestinationThatReceivedAnItemAndNoOther() {
        HubInTest hub = tenant();
        writes(hub, ERIKA, 0);
        writesStop(hub);
        HubInTest.await()
                .until(() -> hub.archived().size() >= 3); // two messages, one consent.changed
        HubInTest.await().until(() -> hub.undelivered() == 0);
        UUID ordinary = message(hub, "direction = 'inbound' and decision = 'accept'");
        UUID consumed = message(hub, "decision = 'consume'");
        hub.clock.advance(Duration.ofDays(121));

        run(hub, false);
        HubInTest.await()
                .until(
                        () ->
                                hub.undelivered() == 0
                                        && rows(
                                                        hub,
                                                        "event where type = 'jawort.message.deleted.v1'")
                                                == 2);

        assertThat(deletions(hub.archived().stream()))
                .containsExactlyInAnyOrder(ordinary, consumed);
        assertThat(deletions(hub.crmEvents().stream().map(got -> got.get("event"))))
                .containsExactly(ordinary);
    }

    @Test
    @DisplayName("RET-12: a dry run counts and deletes nothing")
    void countsWhatIsDueInADryRunAndDeletesNothing() {
        HubInTest hub = tenant();
        writesPictures(hub);
        for (int n = 0; n < 3; n++) {
            writes(hub, ERIKA, n);
        }
        delivered(hub, 4);
        hub.clock.advance(Duration.ofDays(121));

        Map<String, Object> plan = run(hub, true);

        assertThat(due(plan, "media")).isEqualTo(2);
        assertThat(due(plan, "conversation-text")).isEqualTo(4);
        assertThat(due(plan, "transport-buffer")).isZero();
        assertThat(rows(hub, "message")).isEqualTo(4);
        assertThat(rows(hub, "media")).isEqualTo(2);
        assertThat(rows(hub, "event where type = 'jawort.message.deleted.v1'")).isZero();
        assertThat(rows(hub, "retention_run where dry_run")).isEqualTo(1);

        Map<String, Object> run = run(hub, false);

        assertThat(deleted(run, "media")).isEqualTo(2);
        assertThat(deleted(run, "conversation-text")).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "RET-12, RET-13: a dry run leaves the file of a hold that is over, writes no evidence and forgets no tombstone; the run"
                    + " deletes it as its own")
    void leavesTheFileOfAHoldToTheRun() throws IOException {
        HubInTest hub = tenant();
        UUID hold = UUID.randomUUID();
        hub.sql()
                .update(
                        "insert into legal_hold (tenant, type, state, review_on, by_query, sealed_details, created_at, created_by, released_at, id)"
                                + " select ?, 'LEGAL', 'RELEASED', now(), false, 'x', now(), 'demo', now() - interval '10 years', ?",
                        hub.tenant,
                        hold);
        Path stone =
                Path.of(hub.property("jawort.tombstones.directory"))
                        .resolve(hub.tenant)
                        .resolve("2020-01-01.other.jsonl");
        Files.createDirectories(stone.getParent());
        Files.createFile(stone);

        Map<String, Object> plan = run(hub, true);

        assertThat(due(plan, "hold-file")).isEqualTo(1);
        assertThat(rows(hub, "legal_hold")).isEqualTo(1);
        assertThat(rows(hub, "deletion_journal")).isZero();
        assertThat(stone).exists();

        Map<String, Object> run = run(hub, false);

        assertThat(deleted(run, "hold-file")).isEqualTo(1);
        assertThat(rows(hub, "legal_hold")).isZero();
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select run || ' ' || rule from deletion_journal",
                                        String.class))
                .containsExactly(run.get("run") + " hold-file@1");
        assertThat(stone).doesNotExist();
    }

    @Test
    void deletesInBatchesUntilNothingIsLeft() {
        try (HubInTest hub =
                HubInTest.hub()
                        .home(silent().path())
                        .with("jawort.retention.batch-size", "3")
                        .start()) {
            for (int n = 0; n < 14; n++) {
                writes(hub, n % 2 == 0 ? ERIKA : JANA, n);
            }
            delivered(hub, 14);
            hub.sql()
                    .update(
                            "update message set category = 'COMMERCIAL_LETTER' where id in (select id from message order by id limit 5)");
            UUID unreadable = message(hub, "category = 'COMMERCIAL_LETTER' order by id");
            hub.sql()
                    .update(
                            "update message set sealed_body = set_byte(sealed_body, 40, get_byte(sealed_body, 40) # 1) where id = ?",
                            unreadable);
            hub.sql()
                    .update(
                            "insert into quarantine (tenant, id, account, provider, reason, sealed_webhook, received_at, state, changed_at)"
                                    + " select ?, gen_random_uuid(), 'twilio', 'twilio', 'MAPPING_FAILED', '', now() + n * interval '1 second', 'held', now()"
                                    + " from generate_series(1, 40) n",
                            hub.tenant);
            hub.clock.advance(Duration.ofDays(121));
            Map<String, Object> plan = run(hub, true);

            Map<String, Object> run = run(hub, false);

            assertThat(hub.sql().queryForList("select id from message", UUID.class))
                    .as("nobody can read it, and it hinders no other letter")
                    .containsExactly(unreadable);
            assertThat(rows(hub, "deletion_task where reason = 'UNREADABLE'")).isZero();
            assertThat(deleted(run, "restriction")).isEqualTo(4);
            assertThat(rows(hub, "retained_message")).isEqualTo(4);
            assertThat(rows(hub, "quarantine")).isZero();
            assertThat(rows(hub, "delivery_attempt where began_at < now()")).isZero();
            assertThat(
                            hub.sql()
                                    .queryForObject(
                                            "select max(items) from deletion_journal",
                                            Integer.class))
                    .as("no statement takes more than a few of each table")
                    .isLessThanOrEqualTo(3 * 7);
            assertThat(deleted(run, "conversation-text")).isEqualTo(9);
            assertThat(deleted(run, "delivery-metadata"))
                    .isEqualTo(due(plan, "delivery-metadata") + 9 + 4);
            assertThat(rows(hub, "event where type = 'jawort.message.deleted.v1'")).isEqualTo(9);

            UUID first = new UUID(0, 1);
            for (int n = 1; n <= 7; n++) {
                idleFor(hub, Duration.ofDays(800), new UUID(0, n));
            }
            spoilKey(hub, "'" + first + "'");
            run(hub, false);

            assertThat(
                            hub.sql()
                                    .queryForList(
                                            "select id from subject where id <= ?",
                                            UUID.class,
                                            new UUID(0, 7)))
                    .as("nobody can read the first one's key, and in one night all others end")
                    .containsExactly(first);
        }
    }

    private static void idleFor(HubInTest hub, Duration time, UUID person) {
        String since = hub.clock.instant().minus(time).toString();
        hub.sql()
                .update(
                        "insert into subject (tenant, id, created_at) values (?, ?, ?::timestamptz)",
                        hub.tenant,
                        person,
                        since);
        hub.sql()
                .update(
                        "insert into subject_key (tenant, subject_id, key_group, wrapped, created_at)"
                                + " values (?, ?, 'ordinary', ?, ?::timestamptz)",
                        hub.tenant,
                        person,
                        hub.bean(SubjectKeys.class).create(hub.tenant, person).wrapped(),
                        since);
    }

    @Test
    @DisplayName(
            "RET-6, RET-8: a person's key that was changed in the store hinders neither another letter nor the end of another"
                    + " relationship")
    void goesOnAlthoughAKeyCannotBeRead() {
        HubInTest hub = tenant();
        writes(hub, ERIKA, 0);
        writes(hub, JANA, 1);
        delivered(hub, 2);
        hub.sql().update("update message set category = 'COMMERCIAL_LETTER'");
        UUID letter = message(hub, "true order by subject_id");
        String person = "(select subject_id from message where id = '" + letter + "')";
        spoilKey(hub, person);
        hub.clock.advance(Duration.ofDays(200));

        run(hub, false);

        assertThat(hub.sql().queryForList("select id from message", UUID.class))
                .as("nobody can keep it under another key")
                .containsExactly(letter);
        assertThat(rows(hub, "retained_message")).isEqualTo(1);

        hub.sql().update("delete from message");
        hub.sql().update("delete from conversation");
        hub.clock.advance(Duration.ofDays(800));
        run(hub, false);

        assertThat(rows(hub, "subject where ended_at is null")).isEqualTo(1);
        assertThat(rows(hub, "subject where ended_at is not null")).isEqualTo(1);
    }

    private static void spoilKey(HubInTest hub, String subject) {
        hub.sql()
                .update(
                        "update subject_key set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1)"
                                + " where key_group = 'ordinary' and subject_id = "
                                + subject);
    }

    @Test
    @DisplayName(
            "RET-5, RET-8: only the letter bound by HGB §257 stays, the rest of the conversation goes")
    void keepsACommercialLetterWhenItsConversationGoes() {
        HubInTest hub = tenant();
        for (int n = 0; n < 3; n++) {
            writes(hub, ERIKA, n);
        }
        delivered(hub, 3);
        UUID letter = message(hub, "true");
        hub.sql().update("update message set category = 'COMMERCIAL_LETTER' where id = ?", letter);
        hub.clock.advance(Duration.ofDays(200));

        run(hub, false);

        assertThat(rows(hub, "message")).isZero();
        assertThat(rows(hub, "conversation")).isZero();
        assertThat(hub.sql().queryForList("select id from retained_message", UUID.class))
                .containsExactly(letter);
        assertThat(rows(hub, "event where message_id = '" + letter + "'"))
                .as("what was told of it is older than 90 days, and nobody is told more")
                .isZero();
    }

    @Test
    @DisplayName(
            "RET-6: what is to be sent later is there until then, however long ago its conversation was closed")
    void keepsWhatIsYetToBeSent() {
        HubInTest hub = tenant();
        writes(hub, ERIKA, 0);
        writes(hub, JANA, 1);
        delivered(hub, 2);
        UUID scheduled = message(hub, "true");
        hub.sql().update("update message set decision = 'queued' where id = ?", scheduled);
        hub.sql()
                .update(
                        "insert into outbound (tenant, message_id, subject_id, conversation_id, address_id, channel, purpose, trigger_kind,"
                                + " trigger_key, state, account, fixed, send_at, created_at, updated_at)"
                                + " select tenant, id, subject_id, conversation_id, gen_random_uuid(), channel, 'SUPPORT_REPLY', 'API',"
                                + " 'later'::bytea, 'scheduled', account, false, ?::timestamptz, received_at, received_at from message where id = ?",
                        days(hub.clock.instant(), 500).toString(),
                        scheduled);
        hub.clock.advance(Duration.ofDays(121));

        run(hub, false);

        assertThat(hub.sql().queryForList("select id from message", UUID.class))
                .containsExactly(scheduled);
        assertThat(verdicts(hub, scheduled)).containsExactly("conversation-text KEEP");
        hub.sql().update("update outbound set state = 'canceled'");
        run(hub, false);
        assertThat(rows(hub, "message")).isZero();
    }

    @Test
    @DisplayName(
            "RET-11: what an archive has yet to take stays with its files, and is counted; once it was taken it goes")
    void waitsForTheArchive() {
        HubInTest hub = tenant();
        writes(hub, ERIKA, 0);
        delivered(hub, 1);
        paused(hub, "archive", Destinations::pause);
        writesPictures(hub);
        writes(hub, JANA, 1);
        HubInTest.await().until(() -> waiting(hub) == 2 && hub.undelivered() == 2);
        UUID letter =
                message(hub, "id not in (select message_id from media) order by received_at desc");
        hub.sql().update("update message set category = 'COMMERCIAL_LETTER' where id = ?", letter);
        hub.clock.advance(Duration.ofDays(121));

        Map<String, Object> plan = run(hub, true);
        Map<String, Object> run = run(hub, false);

        assertThat(verdicts(hub, letter)).containsExactly("conversation-text AWAITS_ARCHIVE");
        assertThat(verdicts(hub, message(hub, "id in (select message_id from media)")))
                .containsExactly("conversation-text AWAITS_ARCHIVE", "media AWAITS_ARCHIVE");
        assertThat(due(plan, "conversation-text")).isEqualTo(1);
        assertThat(List.of(awaited(plan, "conversation-text"), awaited(plan, "media")))
                .containsExactly(1L, 2L);
        assertThat(awaited(run, "restriction")).isEqualTo(1);
        assertThat(deleted(run, "conversation-text")).isEqualTo(1);
        assertThat(deleted(run, "media")).isZero();
        assertThat(rows(hub, "message where sealed_original is not null")).isEqualTo(2);
        assertThat(rows(hub, "media")).isEqualTo(2);
        assertThat(rows(hub, "retained_message")).isZero();
        assertThat(
                        rows(
                                hub,
                                "retention_run where not dry_run and counts #>> '{media,kept,AWAITS_ARCHIVE}' = '2'"))
                .isEqualTo(1);
        assertThat(
                        hub.bean(MeterRegistry.class)
                                .get("jawort.retention.awaits.archive")
                                .tags("tenant", hub.tenant, "destination", "archive")
                                .tag("type", "media")
                                .counter()
                                .count())
                .isEqualTo(2);

        paused(hub, "archive", Destinations::resume);
        HubInTest.await().until(() -> waiting(hub) == 0);
        Map<String, Object> next = run(hub, false);

        assertThat(rows(hub, "message")).isZero();
        assertThat(rows(hub, "media")).isZero();
        assertThat(hub.sql().queryForList("select id from retained_message", UUID.class))
                .containsExactly(letter);
        assertThat(((Map<?, ?>) ((Map<?, ?>) next.get("counts")).get("media")).containsKey("kept"))
                .isFalse();
        assertThat(hub.archived().toString())
                .contains("MediaUrl0=", letter.toString()); // as they were received
    }

    @Test
    @DisplayName(
            "RET-11: a dead letter to an archive is waited for, what was withheld is not; nor does an erasure wait, or anything for a CRM")
    void waitsForDeadLettersAndForNothingElse() {
        HubInTest hub = tenant();
        for (int n = 0; n < 4; n++) {
            writes(hub, Person.number(n < 2 ? n : n + 2), n);
        }
        delivered(hub, 4);
        List<UUID> messages = hub.sql().queryForList("select id from message", UUID.class);
        becomes(hub, messages.get(0), "archive", "dead");
        becomes(hub, messages.get(1), "archive", "withheld");
        becomes(hub, messages.get(2), "crm", "dead");
        becomes(hub, messages.get(3), "archive", "dead");
        UUID erased =
                hub.sql()
                        .queryForObject(
                                "select subject_id from message where id = ?",
                                UUID.class,
                                messages.get(3));
        hub.clock.advance(Duration.ofDays(121));

        Map<String, Object> run = run(hub, false);
        assertThat(awaited(run, "conversation-text")).isEqualTo(2);
        assertThat(deleted(run, "conversation-text")).isEqualTo(2);
        hub.bean(Erasure.class).erase(hub.tenant, erased, UUID.randomUUID());

        HubInTest.await()
                .until(
                        () ->
                                hub.sql()
                                        .queryForList("select id from message", UUID.class)
                                        .equals(List.of(messages.get(0))));
    }

    @Test
    @DisplayName(
            "RET-11: a file that came after its message waits, with the message, until the archive has taken what tells of it")
    void waitsForAFileThatCameLate() {
        HubInTest hub = tenant();
        writesPictures(hub);
        delivered(hub, 1);
        paused(hub, "archive", Destinations::pause);
        UUID message = message(hub, "true");
        UUID file =
                hub.sql()
                        .queryForObject(
                                "select id from media_file order by id limit 1", UUID.class);
        hub.bean(TenantScope.class)
                .run(
                        hub.tenant,
                        () ->
                                hub.bean(LateFiles.class)
                                        .stored(hub.tenant, message, file, hub.clock.instant()));
        hub.sql()
                .update(
                        "update delivery d set state = 'dead' from event e where d.destination = 'archive' and e.tenant = d.tenant"
                                + " and e.id = d.event_id and e.type = 'jawort.media.stored.v1'");
        hub.clock.advance(Duration.ofDays(70)); // over for the file, not for the words

        Map<String, Object> run = run(hub, false);

        assertThat(awaited(run, "media")).isEqualTo(2);
        assertThat(rows(hub, "media")).isEqualTo(2);
        assertThat(verdicts(hub, message)).contains("media AWAITS_ARCHIVE");

        hub.sql().update("update delivery set state = 'withheld' where state = 'dead'");
        run(hub, false);

        assertThat(rows(hub, "media")).isZero();
    }

    @Test
    @DisplayName(
            "RET-11: what is replayed to an archive during a run is waited for, though nothing waited when it began")
    void waitsForWhatIsReplayedMeanwhile() {
        HubInTest hub = tenant();
        writes(hub, ERIKA, 0);
        delivered(hub, 1);
        hub.clock.advance(Duration.ofDays(121));
        run(hub, true); // closes the conversation
        Exchange running = new DefaultExchange(hub.camel());
        running.getMessage().setBody(hub.tenant);
        hub.bean(RetentionRuns.class).begin(running);
        hub.bean(RetentionRuns.class).record(running);
        running.getMessage().setHeader("archives", "{}"); // nothing waited
        becomes(hub, message(hub, "true"), "archive", "dead");
        hub.sql()
                .update(
                        "insert into replay (tenant, id, status, destination, state, per_second, matching, requested_by, created_at, paced_at, finished_at)"
                                + " values (?, gen_random_uuid(), 'done', 'archive', 'withheld', 1, 1, 'key', now(), now(), ?::timestamptz)",
                        hub.tenant,
                        hub.clock.instant().plusSeconds(60).toString());

        hub.camel().createProducerTemplate().send("direct:retention-batches-text", running);

        assertThat(running.getException()).isNull();
        assertThat(rows(hub, "message")).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "RET-14: who received a message before it was replayed hears that it is gone; what tells so waits for its destination"
                    + " however long, and is not taken for done")
    void tellsWhoReceivedAMessageBeforeAReplay() {
        HubInTest hub = tenant();
        writes(hub, ERIKA, 0);
        delivered(hub, 1);
        paused(hub, "crm", Destinations::pause);
        replayed(hub, "crm");
        hub.clock.advance(Duration.ofDays(121));

        Object first = run(hub, false).get("run");
        String told =
                "event e join delivery d on d.event_id = e.id and d.tenant = e.tenant where e.type = 'jawort.message.deleted.v1' and d.destination = 'crm'";
        assertThat(rows(hub, told + " and d.state = 'parked'")).isEqualTo(1);
        hub.clock.advance(Duration.ofDays(100));
        run(hub, false);

        assertThat(rows(hub, told + " and d.state = 'parked'")).isEqualTo(1);
        String open = "retention_run where status = 'RUNNING' and id = '" + first + "'";
        assertThat(rows(hub, open)).isEqualTo(1);
        paused(hub, "crm", Destinations::resume);
        HubInTest.await().until(() -> rows(hub, open) == 0);
        assertThat(deletions(hub.crmEvents().stream().map(got -> got.get("event")))).hasSize(1);
        hub.clock.advance(Duration.ofDays(100));
        run(hub, false);
        assertThat(rows(hub, told)).isZero();
    }

    private static void replayed(HubInTest hub, String destination) {
        List<UUID> events =
                hub.sql()
                        .queryForList(
                                "select event_id from delivery where destination = ? and state = 'delivered'",
                                UUID.class,
                                destination);
        hub.bean(TenantScope.class)
                .call(
                        hub.tenant,
                        () ->
                                hub.bean(Replays.class)
                                        .add(
                                                hub.tenant,
                                                UUID.randomUUID(),
                                                new DeliveryFilter(
                                                        destination,
                                                        "delivered",
                                                        null,
                                                        null,
                                                        null,
                                                        null,
                                                        null,
                                                        null,
                                                        events),
                                                100,
                                                "demo"));
        HubInTest.await()
                .until(
                        () ->
                                rows(
                                                hub,
                                                "delivery where state = 'parked' and destination = '"
                                                        + destination
                                                        + "'")
                                        == events.size());
    }

    @Test
    @DisplayName(
            "RET-5, RET-8: law that changes reaches what is restricted already: nothing goes before the new period is over,"
                    + " nor stays until the old one is")
    void judgesALetterByTheLawOfTheDay() {
        HubInTest hub = tenant();
        UUID[] letters = letters(hub, 2);
        String kept = "select kept_until::text from retained_message";
        String until = hub.sql().queryForList(kept, String.class).getFirst();
        hub.sql()
                .update(
                        "update retained_message set kept_until = ? where id = ?",
                        Timestamp.from(hub.clock.instant().minusSeconds(60)),
                        letters[0]);
        hub.sql()
                .update(
                        "update retained_message set kept_until = kept_until + interval '4 years', rule = 'commercial-letter@0' where id = ?",
                        letters[1]);

        run(hub, false);

        assertThat(hub.sql().queryForList(kept, String.class)).containsExactly(until, until);
        assertThat(rows(hub, "retained_message where rule = 'commercial-letter@1'")).isEqualTo(2);
    }

    @Test
    @DisplayName("RET-10: a hold that is placed while a letter is being deleted keeps it")
    void letsAHoldComeFirst() throws Exception {
        HubInTest hub = tenant();
        UUID letter = letters(hub, 1)[0];
        hub.sql()
                .update(
                        "update retained_message set kept_until = ?, received_at = received_at - interval '10 years'",
                        Timestamp.from(hub.clock.instant().minusSeconds(60)));

        try (ExecutorService night = Executors.newSingleThreadExecutor();
                Connection placing = hub.sql().getDataSource().getConnection()) {
            placing.setAutoCommit(false);
            try (Statement freeze = placing.createStatement()) {
                freeze.execute("update retained_message set tenant = tenant");
                freeze.execute(
                        "insert into held_message (tenant, message_id, hold_id, since) values ('%s', '%s', gen_random_uuid(), now())"
                                .formatted(hub.tenant, letter));
                String waits =
                        "pg_locks where not granted and transactionid::text = '%s'"
                                .formatted(transaction(freeze));
                Future<?> run = night.submit(() -> run(hub, false));
                HubInTest.await().until(() -> rows(hub, waits) > 0);
                placing.commit();
                run.get();
            }
        }

        assertThat(rows(hub, "retained_message")).isEqualTo(1);
    }

    private static String transaction(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select pg_current_xact_id()::xid::text")) {
            row.next();
            return row.getString(1);
        }
    }

    /** That many letters that only law keeps. */
    private static UUID[] letters(HubInTest hub, int count) {
        for (int n = 0; n < count; n++) {
            writes(hub, ERIKA, n);
        }
        delivered(hub, count);
        hub.sql().update("update message set category = 'COMMERCIAL_LETTER'");
        hub.clock.advance(Duration.ofDays(200));
        run(hub, false);
        List<UUID> ids = hub.sql().queryForList("select id from retained_message", UUID.class);
        assertThat(ids).hasSize(count);
        return ids.toArray(UUID[]::new);
    }

    private static List<String> verdicts(HubInTest hub, UUID message) {
        return hub.bean(TenantScope.class)
                .call(
                        hub.tenant,
                        () ->
                                hub
                                        .bean(RetentionExplanations.class)
                                        .explain(hub.tenant, message)
                                        .orElseThrow()
                                        .items()
                                        .stream()
                                        .map(part -> part.dataType() + " " + part.verdict())
                                        .toList());
    }

    private static void becomes(HubInTest hub, UUID message, String destination, String state) {
        int changed =
                hub.sql()
                        .update(
                                "update delivery d set state = ? from event e where d.destination = ? and e.tenant = d.tenant and e.id = d.event_id"
                                        + " and e.message_id = ? and e.type = 'jawort.message.received.v1'",
                                state,
                                destination,
                                message);
        assertThat(changed).isEqualTo(1);
    }

    /** One step by somebody's key. */
    private interface Step {
        Object take(Destinations destinations, String tenant, String destination, String key);
    }

    private static void paused(HubInTest hub, String destination, Step step) {
        hub.bean(TenantScope.class)
                .call(
                        hub.tenant,
                        () ->
                                step.take(
                                        hub.bean(Destinations.class),
                                        hub.tenant,
                                        destination,
                                        "demo"));
    }

    private static long waiting(HubInTest hub) {
        return rows(hub, "untaken_message where destination = 'archive'");
    }

    private static long awaited(Map<String, Object> run, String dataType) {
        Map<?, ?> counts = (Map<?, ?>) ((Map<?, ?>) run.get("counts")).get(dataType);
        return (Long) ((Map<?, ?>) counts.get("kept")).get("AWAITS_ARCHIVE");
    }

    @Test
    @DisplayName(
            "RET-1, RET-6: held content is gone after 72 hours, by a schedule that does not wait for the night")
    void deletesHeldContentAfterThreeDaysOnSchedule(@TempDir Path home) throws IOException {
        HubInTest.Builder strict =
                HubInTest.hub()
                        .home(strictHome(home))
                        .with("JAWORT_RETENTION_BUFFERS_CRON", "* * * * * ?");
        try (HubInTest hub = strict.start()) {
            writes(hub, ERIKA, 0);
            HubInTest.await().until(() -> rows(hub, "message where held_until is not null") == 1);
            Instant written =
                    time(hub, "select received_at from message where direction = 'inbound'");

            hub.clock.moveTo(written.plus(Duration.ofHours(72)).minus(MARGIN));
            hub.sql()
                    .update(
                            "insert into idempotent_request (tenant, key, request_hash, created_at) values (?, '', '', ?)",
                            hub.tenant,
                            Timestamp.from(written.minus(Duration.ofHours(1))));
            HubInTest.await().until(() -> rows(hub, "idempotent_request") == 0);
            assertThat(rows(hub, "message where direction = 'inbound'")).isEqualTo(1);
            hub.clock.moveTo(written.plus(Duration.ofHours(72)).plusSeconds(1));

            HubInTest.await().until(() -> rows(hub, "message where direction = 'inbound'") == 0);
            HubInTest.await().until(() -> rows(hub, "retention_run") == 1);
            assertThat(
                            hub.sql()
                                    .queryForList(
                                            "select actor from retention_run union select actor from deletion_journal",
                                            String.class))
                    .as("RET-13")
                    .containsExactly("schedule");
        }
    }

    private static Path strictHome(Path home) throws IOException {
        for (String folder : List.of("routes", "mappings", "tenants")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.toList()) {
                    Files.createDirectories(home.resolve(file).getParent());
                    if (Files.isRegularFile(file)) {
                        Files.writeString(
                                home.resolve(file),
                                Files.readString(file).replace("mode: open", "mode: strict"));
                    }
                }
            }
        }
        return home;
    }

    private static void writes(HubInTest hub, Person person, int n) {
        assertThat(hub.send(person.webhook(hub.tenant, n, hub.clock.instant())).statusCode())
                .isEqualTo(200);
    }

    private static void writesStop(HubInTest hub) {
        byte[] body =
                new String(ERIKA.webhook(99, hub.clock.instant()).body())
                        .replace(ERIKA.text(99).replace(' ', '+'), "STOP")
                        .getBytes();
        assertThat(hub.post("twilio", "application/x-www-form-urlencoded", body).statusCode())
                .isEqualTo(200);
    }

    private static void writesPictures(HubInTest hub) {
        try {
            byte[] body =
                    Files.readAllBytes(Path.of("mappings/twilio/examples/mms-two-images.form"));
            assertThat(hub.post("twilio", "application/x-www-form-urlencoded", body).statusCode())
                    .isEqualTo(200);
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    /** No notice goes out at first contact: only what people write is stored. */
    private static HomeFolder silent() {
        return HomeFolder.copy()
                .change("  notice: texts/notice-v1\n", "")
                .change(", notice-v1: privacy-notice", "");
    }

    /** Waits until the messages are stored and every delivery has arrived. */
    private static void delivered(HubInTest hub, int messages) {
        HubInTest.await().until(() -> rows(hub, "message") == messages && hub.undelivered() == 0);
    }

    /** And what providers are to be asked is on its way: an event of its own, of now. */
    private static void deletionsDelivered(HubInTest hub) {
        HubInTest.await()
                .untilAsserted(
                        () -> {
                            assertThat(
                                            hub.sql()
                                                    .queryForList(
                                                            "select d.* from delivery d where state <> 'delivered' and destination not like 'send:%'"
                                                                    + " and last_error is distinct from 'CONTENT_DELETED'"))
                                    .isEmpty();
                            assertThat(
                                            hub.sql()
                                                    .queryForList(
                                                            "select p.run, r.status, r.started_at, r.finished_at, p.recipient, p.taken, p.entries"
                                                                    + " from provider_deletion p left join retention_run r on r.id = p.run"))
                                    .isEmpty();
                        });
    }

    private static Map<String, Object> runAt(HubInTest hub, Instant time) {
        hub.clock.moveTo(time);
        return run(hub, false);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> run(HubInTest hub, boolean dryRun) {
        try (var route = hub.camel().createProducerTemplate()) {
            return route.requestBodyAndHeader(
                    "direct:retention-run", hub.tenant, "dryRun", dryRun, Map.class);
        } catch (IOException notClosed) {
            throw new java.io.UncheckedIOException(notClosed);
        }
    }

    private static long due(Map<String, Object> run, String dataType) {
        return count(run, dataType, "due");
    }

    private static long deleted(Map<String, Object> run, String dataType) {
        return count(run, dataType, "deleted");
    }

    private static long count(Map<String, Object> run, String dataType, String what) {
        Map<?, ?> counts = (Map<?, ?>) ((Map<?, ?>) run.get("counts")).get(dataType);
        return ((Number) counts.get(what)).longValue();
    }

    private static List<UUID> deletions(Stream<JsonNode> events) {
        return events.filter(
                        event -> event.get("type").asText().equals("jawort.message.deleted.v1"))
                .map(event -> UUID.fromString(event.at("/data/messageId").asText()))
                .toList();
    }

    private static UUID message(HubInTest hub, String condition) {
        return hub.sql()
                .queryForObject(
                        "select id from message where " + condition + " limit 1", UUID.class);
    }

    private static long rows(HubInTest hub, String tableAndCondition) {
        return hub.sql().queryForObject("select count(*) from " + tableAndCondition, Long.class);
    }

    private static Instant time(HubInTest hub, String sql) {
        var time = hub.sql().queryForObject(sql, java.time.OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** In the morning of the next first of October: the clocks go back within thirty days of it. */
    private static Instant nextOctober(HubInTest hub) {
        LocalDate first = hub.clock.instant().atZone(BERLIN).toLocalDate().withDayOfMonth(1);
        do {
            first = first.plusMonths(1);
        } while (first.getMonth() != Month.OCTOBER);
        return first.atTime(9, 0).atZone(BERLIN).toInstant();
    }

    private static Instant days(Instant start, int days) {
        return start.atZone(BERLIN).plusDays(days).toInstant();
    }
}
