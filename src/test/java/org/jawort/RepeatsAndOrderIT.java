package org.jawort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jawort.HubInTest.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jawort.consent.Basis;
import org.jawort.consent.CaptureOrigin;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentErasure;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentRules;
import org.jawort.consent.EventTime;
import org.jawort.consent.Purpose;
import org.jawort.conversation.LostAddresses;
import org.jawort.conversation.SendOutcomes;
import org.jawort.local.DemoTenant;
import org.jawort.local.SignedWebhook;
import org.jawort.message.Channel;
import org.jawort.store.TenantScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** The same thing said often, late or in the wrong order, and what people declare, end to end. */
class RepeatsAndOrderIT {

    private static final String STRICT = "fahrradhof-beispiel";
    private static final List<String> RISING = List.of("queued", "sent", "delivered", "read");

    private static HubInTest hub;

    @BeforeAll
    static void start() {
        HomeFolder home = HomeFolder.copy().tenant(STRICT, "mode: open", "mode: strict");
        hub = HubInTest.hub().home(home.path()).start();
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    @DisplayName(
            "R17: the same webhook fifty times at once is one message and one event per destination")
    void storesARepeatedWebhookOnce() throws Exception {
        SignedWebhook webhook = signed(DemoTenant.ID, text("SMfifty", 1, "Guten Tag"));
        List<Callable<Integer>> posts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            posts.add(() -> hub.send(webhook).statusCode());
        }

        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (Future<Integer> post : threads.invokeAll(posts)) {
                assertThat(post.get()).isEqualTo(200);
            }
        }
        settle();

        assertThat(events(hub.archived(), "SMfifty")).hasSize(1);
        assertThat(events(atCrm(), "SMfifty")).hasSize(1);
        String message = events(atCrm(), "SMfifty").getFirst().at("/data/messageId").asText();
        String subject = events(atCrm(), "SMfifty").getFirst().at("/data/subjectId").asText();
        assertThat(
                        count(
                                "select count(*) from message where direction = 'inbound' and subject_id = ?::uuid",
                                subject))
                .isEqualTo(1);
        assertThat(count("select count(*) from event where message_id = ?::uuid", message))
                .isEqualTo(1);
    }

    @Test
    @DisplayName("R18: statuses in any order end in the highest, and no event goes backwards")
    void raisesAStatusInAnyOrder() {
        List<List<String>> orders = permutations(RISING);
        for (int i = 0; i < orders.size(); i++) {
            for (String status : orders.get(i)) {
                post(DemoTenant.ID, TwilioForm.status("SMstatus-" + i, number(2), status));
            }
        }
        settle();

        for (int i = 0; i < orders.size(); i++) {
            List<Integer> told =
                    events(hub.archived(), "SMstatus-" + i).stream()
                            .map(event -> RISING.indexOf(event.at("/data/status").asText()))
                            .toList();
            assertThat(told).as(orders.get(i).toString()).isSorted().doesNotHaveDuplicates();
            assertThat(told).doesNotContain(-1).endsWith(RISING.indexOf("read"));
        }
        assertThat(count("select count(*) from message_status where status = 'read' and rank > 0"))
                .isEqualTo(orders.size());
    }

    @Test
    @DisplayName("T8, FLT 2.1 STOP: withdraws, suppresses, reaches the archive and not the CRM")
    void takesAStop() {
        post(DemoTenant.ID, text("SMbefore", 3, "Guten Tag"));
        settle();
        UUID subject = subject(DemoTenant.ID, "SMbefore");
        ask(DemoTenant.ID, subject);
        post(DemoTenant.ID, text("SMyes", 3, "Ja"));
        post(DemoTenant.ID, text("SMstop", 3, "  STOPP!"));
        settle();

        List<JsonNode> changes = changes(atCrm(), subject);
        assertThat(changes).anyMatch(data -> data.get("transition").asText().equals("T8"));
        assertThat(changes.getLast().get("state").asText()).isEqualTo("WITHDRAWN");
        assertThat(
                        count(
                                "select count(*) from suppression where subject_id = ?::uuid and source = 'SUBJECT' and scope = 'ALL'"
                                        + " and since is not null and lifted_at is null",
                                subject.toString()))
                .isEqualTo(1);
        assertThat(
                        events(hub.archived(), "SMstop")
                                .getFirst()
                                .at("/data/consent/decision")
                                .asText())
                .isEqualTo("consume");
        assertThat(events(hub.archived(), "SMstop").getFirst().at("/data/consent/reason").asText())
                .isEqualTo("IN_STOP");
        assertThat(messages(atCrm(), "SMstop")).isEmpty();
    }

    @Test
    @DisplayName(
            "T4, CON-11: Ja to an open question grants; the same word without one grants nothing")
    void grantsOnAYesToAnOpenQuestion() {
        post(DemoTenant.ID, text("SMfirst", 4, "Guten Tag"));
        post(DemoTenant.ID, text("SMunasked", 5, "Ja"));
        settle();
        UUID asked = subject(DemoTenant.ID, "SMfirst");
        UUID unasked = subject(DemoTenant.ID, "SMunasked");
        ask(DemoTenant.ID, asked);

        post(DemoTenant.ID, text("SMja", 4, "Ja"));
        settle();

        assertThat(changes(atCrm(), asked))
                .anySatisfy(
                        data -> {
                            assertThat(data.get("state").asText()).isEqualTo("GRANTED");
                            assertThat(data.get("previousState").asText()).isEqualTo("PENDING");
                            assertThat(data.get("transition").asText()).isEqualTo("T4");
                        });
        assertThat(state(asked)).isEqualTo("GRANTED");
        assertThat(events(hub.archived(), "SMja").getFirst().at("/data/consent/reason").asText())
                .isEqualTo("IN_CONSENT_YES");
        assertThat(messages(atCrm(), "SMja")).isEmpty();
        assertThat(state(unasked)).isNotEqualTo("GRANTED");
        assertThat(messages(atCrm(), "SMunasked")).hasSize(1);
    }

    @Test
    @DisplayName("CON-12: nearly a STOP goes on to people and holds everything proactive")
    void holdsOnANearStop() {
        post(DemoTenant.ID, text("SMnear", 6, "bitte keine Nachrichten mehr"));
        settle();

        JsonNode event = messages(atCrm(), "SMnear").getFirst();
        assertThat(event.at("/data/consent/reason").asText()).isEqualTo("IN_POSSIBLE_STOP");
        assertThat(
                        count(
                                "select count(*) from possible_withdrawal where subject_id = ?::uuid and since is not null",
                                event.at("/data/subjectId").asText()))
                .isEqualTo(1);
    }

    @Test
    @DisplayName("CON-12, table 2.1: a STOP in a piece of an SMS holds, a caption asks for rights")
    void hearsWhatIsNotAWholeText() {
        String piece =
                """
                {"messageId": "2B00000012STOP01", "msisdn": "4915100002041", "to": "493023125020",
                 "text": "und darum bitte keine SMS an mich", "type": "text",
                 "concat": "true", "concat-ref": "78", "concat-total": "2", "concat-part": "2"}
                """;
        assertThat(hub.post("vonage", "application/json", piece.getBytes(UTF_8)).statusCode())
                .isEqualTo(200);
        post(
                DemoTenant.ID,
                text("SMcaption", 42, "Bitte löschen Sie meine Daten")
                        .with("MessageType", "image")
                        .with("NumMedia", "1")
                        .with("MediaUrl0", "https://api.twilio.com/media/ME1")
                        .with("MediaContentType0", "image/jpeg"));
        settle();

        assertThat(held(subject(DemoTenant.ID, "2B00000012STOP01"))).isTrue();
        UUID asking = subject(DemoTenant.ID, "SMcaption");
        assertThat(count("select count(*) from rights_request where subject_id = ?", asking))
                .isEqualTo(1);
        assertThat(count("select count(*) from possible_withdrawal where subject_id = ?", asking))
                .isZero();
    }

    @Test
    @DisplayName("FLT 2.1 strict: nothing is passed on before a YES, and then all of it in order")
    void holdsUntilTheYesWhereTheTenantIsStrict() {
        List<String> sids = List.of("SMheld1", "SMheld2", "SMheld3");
        sids.forEach(sid -> post(STRICT, text(sid, 7, "Frage " + sid)));
        settle();
        assertThat(atCrm()).noneMatch(event -> sids.contains(messageId(event)));
        assertThat(hub.archived()).noneMatch(event -> sids.contains(messageId(event)));
        UUID subject =
                hub.sql(STRICT)
                        .queryForObject(
                                "select subject_id from message where held_until is not null group by subject_id having count(*) = 3",
                                UUID.class);
        ask(STRICT, subject);

        post(STRICT, text("SMheldyes", 7, "Ja"));
        settle();

        for (List<JsonNode> receiver : List.of(atCrm(), hub.archived())) {
            assertThat(
                            receiver.stream()
                                    .filter(event -> sids.contains(messageId(event)))
                                    .map(RepeatsAndOrderIT::messageId))
                    .containsExactlyElementsOf(sids);
        }
        assertThat(messages(atCrm(), "SMheld1").getFirst().get("tenant").asText())
                .isEqualTo(STRICT);
    }

    @Test
    @DisplayName(
            "FLT 2.1 strict: what is held in the same delivery as the YES goes on too, behind what was held before")
    void releasesWhatCameTogetherWithTheYes() {
        String number = number(9);
        post(STRICT, new SmoochTexts().text("SMfirst9", number, "Guten Tag"));
        settle();
        ask(STRICT, newestHeld(), Channel.WHATSAPP);

        post(
                STRICT,
                new SmoochTexts()
                        .text("SMquestion9", number, "Wann ist mein Termin?")
                        .text("SMyes9", number, "Ja"));
        settle();

        // behind what the hub tells of its own messages
        await().until(
                        () ->
                                !messages(atCrm(), "SMquestion9").isEmpty()
                                        && !messages(hub.archived(), "SMquestion9").isEmpty());
        for (List<JsonNode> receiver : List.of(atCrm(), hub.archived())) {
            assertThat(receiver.stream().map(RepeatsAndOrderIT::messageId))
                    .containsSubsequence("SMfirst9", "SMquestion9");
        }
        JsonNode consent = messages(atCrm(), "SMquestion9").getFirst().at("/data/consent");
        assertThat(consent.get("decision").asText()).isEqualTo("accept");
        assertThat(consent.get("state").asText()).isEqualTo("GRANTED");
        assertThat(messages(hub.archived(), "SMquestion9")).hasSize(1);
    }

    @Test
    @DisplayName("FLT 2.1 strict: a YES by SMS lets a picture message go on, one handset as it is")
    void releasesPictureMessagesByAYesOverSms() {
        post(STRICT, byHandset("MMheld10", 10, "Ein Bild"));
        settle();
        ask(STRICT, newestHeld(), Channel.SMS);

        post(STRICT, byHandset("SMyes10", 10, "Ja"));
        settle();

        await().untilAsserted(() -> assertThat(messages(atCrm(), "MMheld10")).hasSize(1));
    }

    @Test
    @DisplayName(
            "CON-10, decision 0028: several people in one conversation stay themselves, and none of"
                    + " them agrees there")
    void keepsThePeopleOfAConversationApart() {
        String conversation = "CH00000000000000000000000000000011";
        post(DemoTenant.ID, inConversation(conversation, "IManna1", 11, "Guten Tag"));
        settle();
        UUID anna = subject(DemoTenant.ID, "IManna1");
        ask(DemoTenant.ID, anna);
        post(DemoTenant.ID, inConversation(conversation, "IMben1", 12, "Hallo zusammen"));
        post(DemoTenant.ID, inConversation(conversation, "IMben2", 12, "STOP"));
        post(DemoTenant.ID, inConversation(conversation, "IManna2", 11, "Ja"));
        settle();

        UUID ben = subject(DemoTenant.ID, "IMben1");
        assertThat(ben).isNotEqualTo(anna);
        assertThat(subject(DemoTenant.ID, "IManna2")).isEqualTo(anna);
        assertThat(state(anna)).isEqualTo("PENDING");
        assertThat(held(ben)).isTrue();
        assertThat(held(anna)).isFalse();
        assertThat(
                        count(
                                "select count(*) from address where subject_id = ? and channel = 'whatsapp'",
                                anna))
                .isEqualTo(1);
        assertThat(messages(atCrm(), "IManna2").getFirst().at("/data/consent/reason").asText())
                .isEqualTo("IN_OK_PENDING");
    }

    @Test
    @DisplayName(
            "CON-10, decision 0028: a conversation an agent began belongs to the first known person"
                    + " who writes there, is one of several with the second, and never a third's")
    void keepsKnownPeopleOfAnAgentsConversationApart() {
        String conversation = "CH00000000000000000000000000000015";
        post(DemoTenant.ID, text("SMknown15", 15, "Guten Tag"));
        post(DemoTenant.ID, text("SMknown16", 16, "Guten Tag"));
        post(DemoTenant.ID, byAgent(conversation, "IMagent15"));
        settle();
        post(DemoTenant.ID, inConversation(conversation, "IManna15", 15, "Guten Tag"));
        settle();
        post(DemoTenant.ID, inConversation(conversation, "IMben16", 16, "Hallo"));
        UUID ben = subject(DemoTenant.ID, "SMknown16");
        ask(DemoTenant.ID, ben);
        post(DemoTenant.ID, inConversation(conversation, "IMyes16", 16, "Ja"));
        settle();
        post(DemoTenant.ID, inConversation(conversation, "IMcarl17", 17, "Und ich?"));
        post(DemoTenant.ID, byAgent(conversation, "IMagent16"));
        settle();

        UUID anna = subject(DemoTenant.ID, "SMknown15");
        assertThat(subject(DemoTenant.ID, "IManna15")).isEqualTo(anna);
        assertThat(subject(DemoTenant.ID, "IMben16")).isEqualTo(ben);
        assertThat(state(ben)).isEqualTo("PENDING");
        assertThat(subject(DemoTenant.ID, "IMcarl17"))
                .isNotIn(anna, ben, subject(DemoTenant.ID, "IMagent15"));
        assertThat(subject(DemoTenant.ID, "IMagent16")).isEqualTo(anna);
    }

    @Test
    @DisplayName("what an agent writes is filed where its person talked last, be it just before")
    void filesWhatAnAgentWritesWhereItsPersonTalkedLast() throws Exception {
        String conversation = "CH00000000000000000000000000000029";
        hub.camel().getRouteController().stopRoute("normalize");
        post(DemoTenant.ID, inConversation(conversation, "IMfirst29", 29, "Guten Tag"));
        post(DemoTenant.ID, byAgent(conversation, "IMagent29a"));
        hub.camel().getRouteController().startRoute("normalize");
        settle();
        post(
                DemoTenant.ID,
                text("SMother29", 29, "Guten Tag").with("To", "whatsapp:+493023125099"));
        settle();
        post(DemoTenant.ID, byAgent(conversation, "IMagent29b"));
        settle();
        post(DemoTenant.ID, inConversation(conversation, "IMagain29", 29, "Noch etwas"));
        settle();
        post(DemoTenant.ID, byAgent(conversation, "IMagent29c"));
        settle();

        assertThat(conversation("IMagent29a")).isEqualTo(conversation("IMfirst29"));
        assertThat(conversation("IMagent29b"))
                .isEqualTo(conversation("SMother29"))
                .isNotEqualTo(conversation("IMfirst29"));
        assertThat(conversation("IMagent29c")).isEqualTo(conversation("IMagain29"));
    }

    private static String conversation(String sid) {
        return events(hub.archived(), sid).getFirst().at("/data/conversationId").asText();
    }

    private static TwilioForm byAgent(String conversation, String sid) {
        return inConversation(conversation, sid, 0, "Wie können wir helfen?")
                .with("Author", "petra.beispiel")
                .with("Source", "SDK");
    }

    @Test
    @DisplayName("decision 0028: who names themselves later takes over the nameless conversation")
    void findsTheOneWhoWroteInANamelessConversation() {
        String conversation = "CH00000000000000000000000000000013";
        post(
                DemoTenant.ID,
                inConversation(conversation, "IMagent13", 13, "Wie können wir helfen?")
                        .with("Author", "petra.beispiel")
                        .with("Source", "SDK"));
        settle();
        post(DemoTenant.ID, inConversation(conversation, "IMperson13", 13, "Guten Tag"));
        settle();

        assertThat(subject(DemoTenant.ID, "IMperson13"))
                .isEqualTo(subject(DemoTenant.ID, "IMagent13"));
    }

    @Test
    @DisplayName(
            "CON-3: a webhook that names somebody by two known names joins their refusals, old and"
                    + " new, and a Ja after that stands")
    void joinsTheRefusalsOfWhoIsKnownTwice() {
        String bsuid = "DE.9918273645500014";
        post(
                DemoTenant.ID,
                text("SMhidden14", 14, "Ich bin es")
                        .with("From", "whatsapp:" + bsuid)
                        .without("WaId"));
        post(DemoTenant.ID, text("SMnumber14", 14, "Ich auch"));
        settle();
        UUID hidden = subject(DemoTenant.ID, "SMhidden14");
        UUID number = subject(DemoTenant.ID, "SMnumber14");
        assertThat(hidden).isNotEqualTo(number);
        ask(DemoTenant.ID, hidden);
        post(
                DemoTenant.ID,
                text("SMyes14", 14, "Ja").with("From", "whatsapp:" + bsuid).without("WaId"));
        settle();
        String before = state(hidden);

        post(
                DemoTenant.ID,
                text("SMstop14", 14, "STOP").with("ExternalUserId", "whatsapp:" + bsuid));
        settle();
        List<String> stopped = List.of(state(hidden), state(number));
        ask(DemoTenant.ID, number);
        post(DemoTenant.ID, text("SMja14", 14, "Ja").with("ExternalUserId", "whatsapp:" + bsuid));
        post(
                DemoTenant.ID,
                text("SMlater14", 14, "Danke").with("ExternalUserId", "whatsapp:" + bsuid));
        settle();

        assertThat(before).isEqualTo("GRANTED");
        assertThat(stopped).containsExactly("WITHDRAWN", "WITHDRAWN");
        assertThat(state(number)).isEqualTo("GRANTED");
        assertThat(state(hidden)).isEqualTo("WITHDRAWN");
        assertThat(changes(atCrm(), hidden).getLast().get("state").asText()).isEqualTo("WITHDRAWN");
    }

    @Test
    @DisplayName(
            "CON-3, CON-12: who is known by two names is held under both by what was nearly a STOP,"
                    + " and a STOP under one leaves nothing to decide under the other")
    void aStopEndsTheHoldsOfWhoIsKnownTwice() {
        String bsuid = "DE.9918273645500018";
        String both = "whatsapp:" + bsuid;
        post(
                DemoTenant.ID,
                text("SMhidden18", 18, "Ich bin es").with("From", both).without("WaId"));
        post(DemoTenant.ID, text("SMnumber18", 18, "Ich auch"));
        settle();
        UUID hidden = subject(DemoTenant.ID, "SMhidden18");
        UUID number = subject(DemoTenant.ID, "SMnumber18");
        post(
                DemoTenant.ID,
                text("SMnear18", 18, "bitte keine Nachrichten mehr").with("ExternalUserId", both));
        settle();
        List<Boolean> near = List.of(held(hidden), held(number));

        post(DemoTenant.ID, text("SMstop18", 18, "STOP").with("ExternalUserId", both));
        settle();
        post(DemoTenant.ID, text("SMlater18", 18, "Danke").with("ExternalUserId", both));
        settle();

        assertThat(hidden).isNotEqualTo(number);
        assertThat(near).containsExactly(true, true);
        assertThat(held(hidden)).isFalse();
        assertThat(held(number)).isFalse();
    }

    @Test
    @DisplayName(
            "CON-3, SEC-4: who shows a name that somebody erased had refused under is refused under"
                    + " all names, whatever was agreed to since, and is told of; a Ja after that answers it")
    void knowsWhoRefusedBeforeTheirErasure() {
        String bsuid = "DE.9918273645500024";
        post(
                DemoTenant.ID,
                text("SMerased24", 24, "STOP").with("From", "whatsapp:" + bsuid).without("WaId"));
        settle();
        erase(subject(DemoTenant.ID, "SMerased24"));
        post(DemoTenant.ID, text("SMshows24", 24, "Guten Tag"));
        post(DemoTenant.ID, text("SMother25", 25, "Guten Tag"));
        settle();
        UUID shows = subject(DemoTenant.ID, "SMshows24");
        UUID other = subject(DemoTenant.ID, "SMother25");
        ask(DemoTenant.ID, shows);
        ask(DemoTenant.ID, other);
        post(DemoTenant.ID, text("SMja24", 24, "Ja"));
        post(DemoTenant.ID, text("SMja25", 25, "Ja"));
        settle();
        List<String> before = List.of(state(shows), state(other));
        makeOne(shows, other);

        post(
                DemoTenant.ID,
                text("SMagain24", 24, "Danke").with("ExternalUserId", "whatsapp:" + bsuid));
        settle();
        List<String> known = List.of(state(shows), state(other));
        ask(DemoTenant.ID, shows);
        post(DemoTenant.ID, text("SMyes24", 24, "Ja"));
        settle();

        assertThat(before).containsExactly("GRANTED", "GRANTED");
        assertThat(known).containsExactly("WITHDRAWN", "WITHDRAWN");
        assertThat(changes(atCrm(), other).getLast().get("state").asText()).isEqualTo("WITHDRAWN");
        assertThat(
                        count(
                                "select count(*) from consent_event where subject_id = ? and reason = 'REFUSED_BEFORE_ERASURE'",
                                other))
                .isEqualTo(1);
        assertThat(count("select count(*) from suppression_stub")).isZero();
        assertThat(state(shows)).isEqualTo("GRANTED");
        assertThat(state(other)).isEqualTo("WITHDRAWN");
    }

    @Test
    @DisplayName(
            "CON-3, SEC-4, RET-14: a STOP that waits while its person is erased is the refusal of"
                    + " whoever writes from there next")
    void keepsAStopThatWaitsForAnErasure() {
        post(DemoTenant.ID, text("SMbefore29", 29, "Guten Tag"));
        settle();
        UUID erased = subject(DemoTenant.ID, "SMbefore29");

        asTheHub(
                () -> {
                    hub.bean(ConsentLedger.class)
                            .load(List.of(new ConsentBook.Person(DemoTenant.ID, erased)));
                    post(DemoTenant.ID, text("SMstop29", 29, "STOP"));
                    HubInTest.await().until(RepeatsAndOrderIT::isOneWaiting);
                    JdbcTemplate jdbc = hub.bean(JdbcTemplate.class);
                    for (String sql :
                            List.of(
                                    "update subject set erasing_at = now() where id = ?",
                                    "delete from address where subject_id = ?",
                                    "delete from subject_key where subject_id = ?")) {
                        jdbc.update(sql, erased);
                    }
                });
        settle();

        UUID next = subject(DemoTenant.ID, "SMstop29");
        assertThat(next).isNotEqualTo(erased);
        assertThat(
                        hub.sql()
                                .queryForList(
                                        "select subject_id from suppression where scope = 'ALL' and subject_id in (?, ?)",
                                        UUID.class,
                                        erased,
                                        next))
                .containsExactly(next);
    }

    @Test
    @DisplayName(
            "Who waits for a person holds no conversation of theirs: whoever sends to them at the"
                    + " same time is in nobody's way")
    void waitsForAPersonWithNothingInHand() {
        post(DemoTenant.ID, text("SMbefore30", 30, "Guten Tag"));
        settle();
        UUID person = subject(DemoTenant.ID, "SMbefore30");

        int sent =
                hub.bean(TenantScope.class)
                        .call(
                                DemoTenant.ID,
                                () -> {
                                    hub.bean(ConsentLedger.class)
                                            .load(
                                                    List.of(
                                                            new ConsentBook.Person(
                                                                    DemoTenant.ID, person)));
                                    post(DemoTenant.ID, text("SMafter30", 30, "Hallo?"));
                                    HubInTest.await().until(RepeatsAndOrderIT::isOneWaiting);
                                    JdbcTemplate jdbc = hub.bean(JdbcTemplate.class);
                                    jdbc.execute("set local lock_timeout = '200ms'"); // before a
                                    // deadlock is
                                    // found
                                    return jdbc.update(
                                            "update conversation set last_message_at = last_message_at where subject_id = ?",
                                            person);
                                });
        settle();

        assertThat(sent).isEqualTo(1);
        assertThat(subject(DemoTenant.ID, "SMafter30")).isEqualTo(person);
    }

    /** In a transaction of its own, as the hub does it. */
    private static void asTheHub(Runnable work) {
        hub.bean(TenantScope.class).run(DemoTenant.ID, work);
    }

    private static boolean isOneWaiting() {
        return hub.sql()
                        .queryForObject(
                                "select count(*) from pg_locks where locktype = 'advisory' and not granted",
                                Long.class)
                > 0;
    }

    private static void makeOne(UUID one, UUID other) {
        UUID identity = UUID.randomUUID();
        hub.sql()
                .update("update subject set identity = ? where id in (?, ?)", identity, one, other);
    }

    @Test
    @DisplayName(
            "CON-3, T9: a provider that refuses a message once more because of a block that is known"
                    + " ends nothing that was agreed to since under another name")
    void hearsOfAProvidersBlockOnce() {
        post(DemoTenant.ID, text("SMblocked27", 27, "Guten Tag"));
        post(DemoTenant.ID, text("SMother28", 28, "Guten Tag"));
        settle();
        UUID blocked = subject(DemoTenant.ID, "SMblocked27");
        UUID other = subject(DemoTenant.ID, "SMother28");
        makeOne(blocked, other);
        refusedByProvider(blocked);
        String once = state(other);
        ask(DemoTenant.ID, other);
        post(DemoTenant.ID, text("SMja28", 28, "Ja"));
        settle();

        refusedByProvider(blocked);

        assertThat(once).isEqualTo("WITHDRAWN");
        assertThat(state(other)).isEqualTo("GRANTED");
    }

    @Test
    @DisplayName(
            "T5, CON-3: a Nein that is tapped under another name than was asked is a Nein all the same")
    void declinesUnderAnotherName() {
        String bsuid = "DE.9918273645500031";
        post(DemoTenant.ID, text("SMasked31", 31, "Guten Tag"));
        post(
                DemoTenant.ID,
                text("SMhides31", 31, "Guten Tag")
                        .with("From", "whatsapp:" + bsuid)
                        .without("WaId"));
        settle();
        UUID asked = subject(DemoTenant.ID, "SMasked31");
        makeOne(asked, subject(DemoTenant.ID, "SMhides31"));
        ask(DemoTenant.ID, asked);
        post(DemoTenant.ID, text("SMja31", 31, "Ja"));
        settle();
        String before = state(asked);
        String prompt =
                hub.sql()
                        .queryForObject(
                                "select details #>> '{prompt,promptId}' from consent_record where subject_id = ?"
                                        + " and purpose = 'NOTIFICATION'",
                                String.class,
                                asked);

        post(
                DemoTenant.ID,
                text("SMnein31", 31, "Nein")
                        .with("From", "whatsapp:" + bsuid)
                        .without("WaId")
                        .with("MessageType", "interactive")
                        .with("ButtonText", "Nein")
                        .with("ButtonPayload", prompt + ":no"));
        settle();

        assertThat(before).isEqualTo("GRANTED");
        assertThat(state(asked)).isEqualTo("DECLINED");
        assertThat(changes(atCrm(), asked).getLast().get("state").asText()).isEqualTo("DECLINED");
    }

    /** A message to them, as an account that they blocked. */
    private static void refusedByProvider(UUID subject) {
        Instant now = hub.clock.instant();
        asTheHub(
                () ->
                        hub.bean(SendOutcomes.class)
                                .optedOut(
                                        new ConsentBook.Person(DemoTenant.ID, subject),
                                        Channel.WHATSAPP,
                                        SendingHub.optedOut(false),
                                        now,
                                        now));
    }

    /** Their consent, and the addresses somebody could be known by. */
    private static void erase(UUID subject) {
        asTheHub(
                () ->
                        hub.bean(ConsentErasure.class)
                                .erase(
                                        new ConsentBook.Person(DemoTenant.ID, subject),
                                        hub.clock.instant()));
        hub.sql().update("delete from address where subject_id = ?", subject);
    }

    @Test
    @DisplayName(
            "CON-3, ADDRESS_INVALID: whoever writes from a lost number is somebody else, though the"
                    + " provider calls them by the same user and conversation")
    void forgetsWhatALostNumberIsCalledByItsProvider() {
        String number = "+4915100000226";
        post(DemoTenant.ID, new SmoochTexts().text("SMbefore26", number, "Guten Tag"));
        settle();
        UUID before = subject(DemoTenant.ID, "SMbefore26");
        ask(DemoTenant.ID, before);
        post(DemoTenant.ID, new SmoochTexts().text("SMja26", number, "Ja"));
        settle();
        String agreed = state(before);

        asTheHub(
                () ->
                        hub.bean(LostAddresses.class)
                                .lost(
                                        DemoTenant.ID,
                                        Channel.WHATSAPP,
                                        number,
                                        hub.clock.instant(),
                                        "{}"));
        post(DemoTenant.ID, new SmoochTexts().text("SMafter26", number, "Wer ist da?"));
        settle();

        assertThat(agreed).isEqualTo("GRANTED");
        assertThat(state(before)).isEqualTo("EXPIRED");
        assertThat(subject(DemoTenant.ID, "SMafter26")).isNotEqualTo(before);
        assertThat(count("select count(*) from address where subject_id = ?", before)).isZero();
    }

    @Test
    @DisplayName(
            "CON-3: two users the provider merges are one person, on whichever channel it knew them,"
                    + " also if the hub has never heard of the one that survives")
    void joinsUsersTheProviderMerges() {
        String stays = "+4915100000221";
        String goes = "+4915100000222";
        String unheardOf = "+4915100000223";
        post(DemoTenant.ID, new SmoochTexts().text("SMstays22", stays, "Guten Tag"));
        post(DemoTenant.ID, new SmoochTexts().text("SMgoes22", goes, "STOP"));
        settle();
        UUID survives = subject(DemoTenant.ID, "SMstays22");
        UUID ends = subject(DemoTenant.ID, "SMgoes22");
        List<String> before = List.of(state(survives), state(ends));

        post(DemoTenant.ID, new SmoochTexts().merge("SMmerge22", stays, goes));
        post(DemoTenant.ID, new SmoochTexts().merge("SMmerge23", unheardOf, goes));
        settle();
        post(DemoTenant.ID, new SmoochTexts().text("SMunheard22", unheardOf, "Guten Tag"));
        settle();
        HubInTest.await().until(() -> !events(hub.archived(), "SMunheard22").isEmpty());

        assertThat(survives).isNotEqualTo(ends);
        assertThat(before).containsExactly("NONE", "WITHDRAWN");
        assertThat(state(survives)).isEqualTo("WITHDRAWN");
        assertThat(subject(DemoTenant.ID, "SMunheard22")).isEqualTo(ends);
    }

    @Test
    @DisplayName(
            "one number at two tenants is two people, and a webhook id of one says nothing to the other")
    void keepsTenantsApart() {
        post(DemoTenant.ID, text("SMboth", 8, "an das Autohaus"));
        post(STRICT, text("SMboth", 8, "an den Fahrradhof"));
        settle();

        UUID one = subject(DemoTenant.ID, "SMboth");
        List<UUID> others = hub.sql(STRICT).queryForList("select id from subject", UUID.class);
        assertThat(others).isNotEmpty().doesNotContain(one);
        assertThat(
                        hub.sql(STRICT)
                                .queryForObject(
                                        "select count(*) from message where held_until is not null",
                                        Long.class))
                .isGreaterThanOrEqualTo(1);
        assertThat(messages(atCrm(), "SMboth"))
                .singleElement()
                .satisfies(
                        event -> {
                            assertThat(event.get("tenant").asText()).isEqualTo(DemoTenant.ID);
                            assertThat(event.at("/data/content/text").asText())
                                    .isEqualTo("an das Autohaus");
                        });
        assertThat(
                        hub.sql(STRICT)
                                .queryForObject(
                                        "select count(*) from message where tenant <> ?",
                                        Long.class,
                                        STRICT))
                .isZero();
        assertThat(
                        hub.sql(DemoTenant.ID, STRICT)
                                .queryForObject(
                                        "select count(distinct lookup) from address a where (select count(*) from address b"
                                                + " where b.lookup = a.lookup) > 1",
                                        Long.class))
                .isZero();
    }

    /** Puts an open question to a person, as a capture and an accepted prompt would. */
    private static void ask(String tenant, UUID subject) {
        ask(tenant, subject, Channel.WHATSAPP);
    }

    private static void ask(String tenant, UUID subject, Channel channel) {
        Instant now = hub.clock.instant();
        EventTime time = new EventTime(now, now);
        ConsentBook.Person person = new ConsentBook.Person(tenant, subject);
        UUID address =
                hub.sql(tenant)
                        .queryForObject(
                                "select id from address where subject_id = ? and channel = ? order by scheme <> 'phone', id limit 1",
                                UUID.class,
                                subject,
                                channel.wireName());
        ConsentLedger ledger = hub.bean(ConsentLedger.class);
        String prompt = UUID.randomUUID().toString();
        hub.bean(TenantScope.class)
                .run(
                        tenant,
                        () -> {
                            ConsentBook book = ledger.load(Set.of(person));
                            ConsentRecord record =
                                    book.record(
                                            person, channel, Purpose.NOTIFICATION, Basis.CONSENT);
                            // at a strict tenant's the first message has put a prompt on its way
                            List<ConsentEvent> events =
                                    record.hasOpenPrompt()
                                            ? List.of(
                                                    new ConsentEvent.PromptAccepted(
                                                            time, record.prompt().promptId()))
                                            : List.of(
                                                    new ConsentEvent.Captured(
                                                            time,
                                                            record.origin() == null
                                                                    ? CaptureOrigin.ELSEWHERE
                                                                    : record.origin(),
                                                            address,
                                                            true),
                                                    new ConsentEvent.PromptOffered(
                                                            time,
                                                            prompt,
                                                            address,
                                                            "de",
                                                            "prompt-v3",
                                                            false),
                                                    new ConsentEvent.PromptAccepted(time, prompt));
                            for (ConsentEvent event : events) {
                                book.apply(
                                        person,
                                        book.record(
                                                person,
                                                channel,
                                                Purpose.NOTIFICATION,
                                                Basis.CONSENT),
                                        event,
                                        ConsentRules.DEFAULT,
                                        new ConsentBook.Cause("api", null, null));
                                assertThat(book.lastOutcome()).isEqualTo("moved");
                            }
                            ledger.save(book, now);
                        });
    }

    private static void settle() {
        hub.awaitQuiet(DemoTenant.ID, STRICT);
    }

    private static TwilioForm text(String sid, int person, String text) {
        return TwilioForm.text(sid, number(person), text);
    }

    private static String number(int person) {
        return "+491510000020" + person;
    }

    private static SignedWebhook signed(String tenant, TwilioForm form) {
        return hub.signed(tenant, "twilio", "POST", "", TwilioForm.TYPE, form.bytes());
    }

    private static void post(String tenant, TwilioForm form) {
        assertThat(hub.send(signed(tenant, form)).statusCode()).isEqualTo(200);
    }

    private static void post(String tenant, SmoochTexts texts) {
        SignedWebhook signed =
                hub.signed(tenant, "smooch", "POST", "", SmoochTexts.TYPE, texts.bytes());
        assertThat(hub.send(signed).statusCode()).isEqualTo(200);
    }

    /** From the same person's handset. */
    private static TwilioForm byHandset(String sid, int person, String text) {
        return text(sid, person, text).with("From", number(person)).with("To", "+493023125020");
    }

    private static TwilioForm inConversation(
            String conversation, String sid, int person, String text) {
        return TwilioForm.inConversation(conversation, sid, number(person), text);
    }

    /** Whether something of theirs was nearly a STOP. */
    private static boolean held(UUID subject) {
        return count("select count(*) from possible_withdrawal where subject_id = ?", subject) == 1;
    }

    private static UUID newestHeld() {
        return hub.sql(STRICT)
                .queryForObject(
                        "select subject_id from message where held_until is not null order by id desc limit 1",
                        UUID.class);
    }

    private static List<JsonNode> atCrm() {
        return hub.crmEvents().stream().map(got -> got.get("event")).toList();
    }

    private static String messageId(JsonNode event) {
        return event.at("/data/providerMessageId").asText();
    }

    private static List<JsonNode> events(List<JsonNode> events, String sid) {
        return events.stream().filter(event -> messageId(event).equals(sid)).toList();
    }

    private static List<JsonNode> messages(List<JsonNode> events, String sid) {
        return events(events, sid).stream()
                .filter(event -> event.get("type").asText().startsWith("jawort.message.received"))
                .toList();
    }

    private static List<JsonNode> changes(List<JsonNode> events, UUID subject) {
        return events.stream()
                .filter(event -> event.get("type").asText().equals("jawort.consent.changed.v1"))
                .map(event -> event.get("data"))
                .filter(data -> data.get("subjectId").asText().equals(subject.toString()))
                .toList();
    }

    private static UUID subject(String tenant, String sid) {
        return events(hub.archived(), sid).stream()
                .filter(event -> event.get("tenant").asText().equals(tenant))
                .map(event -> UUID.fromString(event.at("/data/subjectId").asText()))
                .findFirst()
                .orElseThrow();
    }

    private static String state(UUID subject) {
        return hub
                .sql()
                .queryForList(
                        "select state from consent_record where purpose = 'NOTIFICATION' and subject_id = ?",
                        String.class,
                        subject)
                .stream()
                .findFirst()
                .orElse("NONE");
    }

    private static long count(String query, Object... parameters) {
        return hub.sql().queryForObject(query, Long.class, parameters);
    }

    private static List<List<String>> permutations(List<String> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        List<List<String>> all = new ArrayList<>();
        for (String first : of) {
            List<String> others = of.stream().filter(one -> !one.equals(first)).toList();
            for (List<String> rest : permutations(others)) {
                List<String> order = new ArrayList<>(List.of(first));
                order.addAll(rest);
                all.add(order);
            }
        }
        return all;
    }
}
