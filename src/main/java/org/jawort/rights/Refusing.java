package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent.Stop.Route;
import org.jawort.consent.ConsentState;
import org.jawort.consent.Purpose;
import org.jawort.conversation.Declarations;
import org.jawort.conversation.Declarations.Result;
import org.jawort.conversation.Declarations.Standing;
import org.jawort.message.Channel;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Art. 7(3) and 21: consent is withdrawn, processing on other grounds objected to, as if the person
 * had said so on the channel, also ahead of any. Both go through the ledger.
 */
final class Refusing implements Fulfilment {

    private final Declarations declarations;
    private final JdbcTemplate jdbc;

    Refusing(Declarations declarations, JdbcTemplate jdbc) {
        this.declarations = declarations;
        this.jdbc = jdbc;
    }

    @Override
    public ObjectNode fulfil(Task task) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        List<Standing> standings =
                declarations
                        .standings(new Person(task.request().tenant(), task.request().subject()))
                        .stream()
                        .filter(one -> covers(task.request(), one.record().channel()))
                        .toList();
        return task.request().type() == RequestType.OBJECT
                ? object(task, standings, facts)
                : withdraw(task, facts);
    }

    private static boolean covers(RightsRequest request, Channel channel) {
        return request.channel() == null || request.channel() == channel.consentChannel();
    }

    /** T8 on every channel the request covers, also where no consent was ever asked for. */
    private ObjectNode withdraw(Task task, ObjectNode facts) {
        RightsRequest request = task.request();
        Person person = new Person(request.tenant(), request.subject());
        for (Channel channel : channels(request)) {
            note(
                    facts,
                    channel,
                    declarations.withdraw(
                            person,
                            channel,
                            purposes(task.asked()),
                            route(request),
                            request.receivedAt()));
        }
        return facts;
    }

    /**
     * T14 where a legitimate interest or a contract is what it rests on. Advertising rests on
     * consent alone here (CON-24), so that objecting to it is withdrawing it, without any weighing.
     */
    private ObjectNode object(Task task, List<Standing> standings, ObjectNode facts) {
        RightsRequest request = task.request();
        Person person = new Person(request.tenant(), request.subject());
        Set<Purpose> wanted = purposes(task.asked());
        for (Standing one : standings) {
            Purpose purpose = one.record().purpose();
            if (!wanted.isEmpty() && !wanted.contains(purpose)) {
                continue;
            }
            if (purpose == Purpose.MARKETING) {
                note(
                        facts,
                        one.record().channel(),
                        declarations.withdraw(
                                person,
                                one.record().id(),
                                EnumSet.of(Purpose.MARKETING),
                                route(request),
                                request.receivedAt()));
            } else if (one.record().state() == ConsentState.LI_ACTIVE) {
                object(task, person, one, task.asked().toString(), facts);
            }
        }
        objectElsewhere(task, wanted, facts);
        if (grounds(task) == null) {
            objectAhead(task, wanted, facts);
        }
        if (!facts.has("declared") && !facts.has("refused")) {
            facts.put("done", "NOTHING_TO_OBJECT_TO");
        }
        return facts;
    }

    private static String grounds(Task task) {
        return task.asked().at("/compellingGrounds/recordedBy").textValue();
    }

    /** Nothing is sent yet, and nothing may begin. */
    private void objectAhead(Task task, Set<Purpose> wanted, ObjectNode facts) {
        RightsRequest request = task.request();
        Person person = new Person(request.tenant(), request.subject());
        for (Channel channel : channels(request)) {
            Result result =
                    declarations.objectAhead(
                            person, channel, wanted, route(request), request.receivedAt());
            if (!(result instanceof Result.Done done && done.standings().isEmpty())) {
                note(facts, channel, result);
            }
        }
    }

    private void object(
            Task task, Person name, Standing standing, String evidence, ObjectNode facts) {
        String groundsBy = grounds(task);
        Result result =
                declarations.object(
                        name,
                        standing.record().id(),
                        groundsBy,
                        task.request().receivedAt(),
                        evidence);
        note(facts, standing.record().channel(), result);
        if (groundsBy != null) {
            Fulfilment.refuse(facts, standing.record().purpose().name(), "COMPELLING_GROUNDS");
        }
    }

    /**
     * What is left that is sent to another name of the person: who objects, objects under all
     * (decision 0007). What was said here is no evidence there, which another key would open.
     */
    private void objectElsewhere(Task task, Set<Purpose> wanted, ObjectNode facts) {
        RightsRequest request = task.request();
        Person person = new Person(request.tenant(), request.subject());
        declarations
                .standingsOfOtherNames(person)
                .forEach(
                        (name, standings) ->
                                standings.stream()
                                        .filter(one -> covers(request, one.record().channel()))
                                        .filter(
                                                one ->
                                                        wanted.isEmpty()
                                                                || wanted.contains(
                                                                        one.record().purpose()))
                                        .forEach(one -> objectElsewhere(task, name, one, facts)));
    }

    private void objectElsewhere(Task task, Person name, Standing one, ObjectNode facts) {
        RightsRequest request = task.request();
        Channel channel = one.record().channel();
        boolean isAdvertising = one.record().purpose() == Purpose.MARKETING;
        if (isAdvertising && !one.record().state().isRefusal()) {
            note(
                    facts,
                    channel,
                    declarations.withdraw(
                            new Person(request.tenant(), request.subject()),
                            channel,
                            EnumSet.of(Purpose.MARKETING),
                            route(request),
                            request.receivedAt()));
        } else if (one.record().state() == ConsentState.LI_ACTIVE) {
            object(task, name, one, null, facts);
        }
    }

    private Set<Channel> channels(RightsRequest request) {
        if (request.channel() != null) {
            return EnumSet.of(request.channel());
        }
        Set<Channel> channels = new LinkedHashSet<>();
        Stream.of(
                        "select distinct channel from address where tenant = ? and subject_id = ? and channel <> '*'",
                        "select distinct channel from consent_record where tenant = ? and subject_id = ?")
                .flatMap(
                        sql ->
                                jdbc
                                        .queryForList(
                                                sql,
                                                String.class,
                                                request.tenant(),
                                                request.subject())
                                        .stream())
                .map(Channel::of)
                .sorted()
                .forEach(channels::add);
        return channels;
    }

    private static Set<Purpose> purposes(ObjectNode asked) {
        Set<Purpose> purposes = EnumSet.noneOf(Purpose.class);
        asked.path("purposes").forEach(name -> purposes.add(Purpose.valueOf(name.textValue())));
        return purposes;
    }

    private static Route route(RightsRequest request) {
        return switch (request.source()) {
            case CHAT, API -> Route.API;
            case AGENT -> Route.AGENT;
            case EMAIL -> Route.EMAIL;
        };
    }

    private static void note(ObjectNode facts, Channel channel, Result result) {
        switch (result) {
            case Result.Done done -> {
                ArrayNode declared = facts.withArray("declared");
                for (Standing one : done.standings()) {
                    declared.addObject()
                            .put("channel", channel.wireName())
                            .put("purpose", one.record().purpose().name())
                            .put("state", one.record().state().name());
                }
            }
            case Result.Rejected rejected ->
                    Fulfilment.refuse(facts, channel.wireName(), rejected.why().name());
            case Result.PurposeNotConfigured unknown ->
                    Fulfilment.refuse(facts, channel.wireName(), "PURPOSE_NOT_CONFIGURED");
            case Result.Erased erased -> Fulfilment.refuse(facts, channel.wireName(), "ERASED");
        }
    }
}
