package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.EventTime;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Purpose;
import org.jawort.message.Channel;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Template;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.Writer;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What a tenant's own systems ask the hub to send. The purpose is the template's, or that of a
 * reply; a caller cannot say it (CON-4). Works inside the caller's transaction.
 */
public final class MessageRequests {

    /**
     * Whom and what.
     *
     * @param subject {@code null} unless addressed by it; so are the next two
     * @param content without a template; {@code null} with one
     * @param template id in the tenant file, {@code null} without
     * @param reference the caller's own id of it, {@code null} if it has none
     * @param sendAt {@code null}: now
     * @param writer of these very words (FLT-7)
     * @param authentication what made the person ask for it; {@code null} if nobody said
     */
    public record Request(
            String tenant,
            UUID subject,
            String address,
            UUID conversation,
            Channel channel,
            ObjectNode content,
            String template,
            String language,
            List<String> parameters,
            String reference,
            Instant sendAt,
            Writer writer,
            Asked authentication) {
        @Override
        public String toString() {
            return "Request[" + tenant + "]";
        }
    }

    /**
     * The person's own act that a message of the purpose AUTHENTICATION answers.
     *
     * @param message of the person to the hub; {@code null} if they asked elsewhere
     * @param at when they did, {@code null} with a message
     * @param evidence of it; {@code null} with a message
     */
    public record Asked(UUID message, Instant at, JsonNode evidence) {
        @Override
        public String toString() {
            return "Asked[" + message + "]";
        }
    }

    /** What became of a request. */
    public sealed interface Answer {

        record Taken(UUID id, String state) implements Answer {}

        /**
         * The filter says no, or there is nobody to send to.
         *
         * @param id of the denied message, which can be asked for; {@code null} if there is none
         * @param reason a code of the decision table
         */
        record Denied(UUID id, String reason) implements Answer {}

        /** The tenant has no such template, not in this language. */
        record TemplateUnknown() implements Answer {}

        /** The template has more places than parameters, or fewer. */
        record ParametersDiffer() implements Answer {}

        /** The person wrote no such message. */
        record TriggerUnknown() implements Answer {}

        /** No such subject or conversation. */
        record RecipientUnknown() implements Answer {}
    }

    private record Recipient(UUID subject, UUID address, Channel channel) {}

    private final Tenants tenants;
    private final JdbcTemplate jdbc;
    private final Pseudonyms pseudonyms;
    private final ConsentLedger ledger;
    private final Outgoing outgoing;
    private final OutboundRows rows;
    private final SendDecider decider;
    private final SendDecisions decisions;
    private final SendDocuments documents;
    private final SendClaim claim;
    private final Disclosures disclosures;
    private final Denials denials;
    private final InstantSource clock;

    MessageRequests(
            Tenants tenants,
            JdbcTemplate jdbc,
            Pseudonyms pseudonyms,
            ConsentLedger ledger,
            Outgoing outgoing,
            OutboundRows rows,
            SendDecider decider,
            SendDecisions decisions,
            SendDocuments documents,
            SendClaim claim,
            Disclosures disclosures,
            Denials denials,
            InstantSource clock) {
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.pseudonyms = pseudonyms;
        this.ledger = ledger;
        this.outgoing = outgoing;
        this.rows = rows;
        this.decider = decider;
        this.decisions = decisions;
        this.documents = documents;
        this.claim = claim;
        this.disclosures = disclosures;
        this.denials = denials;
        this.clock = clock;
    }

    /**
     * Stores and queues a message, after a first decision that tells the caller at once; the one
     * that counts comes when it is sent. A scheduled message is decided about then only.
     */
    public Answer submit(Request request) {
        Template.Variant variant = null;
        Purpose purpose = Purpose.SUPPORT_REPLY;
        if (request.template() != null) {
            Template template = tenants.get(request.tenant()).templates().get(request.template());
            variant = template == null ? null : template.languages().get(request.language());
            if (variant == null) {
                return new Answer.TemplateUnknown();
            }
            if (variant.places() != request.parameters().size()) {
                return new Answer.ParametersDiffer();
            }
            purpose = Purpose.valueOf(template.purpose());
        } else if (request.conversation() == null) {
            return denied(null, request, request.channel(), null, "OUT_UNKNOWN"); // for what?
        }
        Optional<Recipient> found = recipient(request);
        if (found.isEmpty()) {
            return request.address() == null
                    ? new Answer.RecipientUnknown()
                    // nobody known agreed to anything
                    : denied(null, request, request.channel(), purpose, "OUT_NO_BASIS");
        }
        ObjectNode content = content(request, variant);
        Asked asked = request.authentication();
        if (asked == null) {
            Written.asked(content, request.writer() == Writer.HUMAN, null, null);
        } else if (asked.message() == null) {
            Written.asked(content, request.writer() == Writer.HUMAN, asked.at(), asked.evidence());
        } else {
            Optional<Instant> wrote = wrote(request, found.get(), asked.message());
            if (wrote.isEmpty()) {
                return new Answer.TriggerUnknown();
            }
            Written.asked(
                    content,
                    request.writer() == Writer.HUMAN,
                    wrote.get(),
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("message", asked.message().toString()));
        }
        return submit(request, found.get(), purpose, content);
    }

    /** When the recipient wrote a message, not when a webhook that was held up told of it. */
    private Optional<Instant> wrote(Request request, Recipient recipient, UUID message) {
        return Bulk.query(
                        jdbc,
                        "select received_at from message"
                                + " where tenant = ? and id = ? and subject_id = ? and direction = 'inbound'",
                        row -> Bulk.instant(row, "received_at"),
                        Column.one(request.tenant()),
                        Column.one(message),
                        Column.one(recipient.subject()))
                .stream()
                .findFirst()
                .flatMap(
                        received ->
                                documents
                                        .open(request.tenant(), recipient.subject(), message)
                                        .map(opened -> wrote(opened.body(), received)));
    }

    private static Instant wrote(ObjectNode body, Instant received) {
        String sent = body.path("sentAt").textValue();
        return new EventTime(sent == null ? null : Instant.parse(sent), received).effective();
    }

    private Answer submit(
            Request request, Recipient recipient, Purpose purpose, ObjectNode content) {
        Person person = new Person(request.tenant(), recipient.subject());
        ConsentBook book = ledger.load(List.of(person)); // first the person, then the row
        Instant now = clock.instant();
        Disclosures.Plan plan = disclosure(request, recipient, now);
        List<OutgoingMessage> messages = new ArrayList<>();
        if (plan.ahead() != null) {
            messages.add(plan.ahead());
        }
        UUID id = UuidCreator.getTimeOrderedEpoch();
        messages.add(
                new OutgoingMessage(
                        id,
                        request.tenant(),
                        recipient.subject(),
                        recipient.address() == null
                                ? agreed(book, person, recipient.channel(), purpose)
                                : recipient.address(),
                        recipient.channel(),
                        null,
                        request.conversation(),
                        purpose,
                        content,
                        request.template(),
                        new Trigger(Trigger.Kind.API, id.toString()),
                        request.sendAt()));
        outgoing.enqueue(messages, now);
        disclosures.keep(request.tenant(), id, plan);
        Optional<Outbound> stored = rows.lock(request.tenant(), id);
        if (stored.isEmpty()) {
            return denied(null, request, recipient.channel(), purpose, "OUT_SENDER_INACTIVE");
        }
        Outbound row = stored.get();
        if (row.state() == Outbound.State.SCHEDULED) {
            return new Answer.Taken(id, row.state().wireName());
        }
        SendDecider.Verdict verdict = decider.decide(row, Written.of(content), book, now);
        String reason =
                verdict.decision().isAllowed() && plan.isUntold()
                        ? SendClaim.UNDISCLOSED
                        : verdict.decision().reason().name();
        decisions.keep(row, verdict, reason, SendDecisions.Stage.REQUEST, now);
        boolean isAllowed = reason.equals(OutboundReason.OUT_OK.name());
        if (plan.ahead() != null && (!isAllowed || verdict.isLate())) {
            // nothing to tell of; and what the hub itself says has no place in a window for people
            String why = isAllowed ? OutboundReason.OUT_WINDOW_CLOSED.name() : reason;
            rows.lock(request.tenant(), plan.ahead().id())
                    .ifPresent(
                            ahead -> {
                                rows.move(ahead, Outbound.State.DENIED, why, now);
                                decisions.keep(
                                        ahead, verdict, why, SendDecisions.Stage.REQUEST, now);
                            });
        }
        if (!isAllowed) {
            documents.open(row).ifPresent(opened -> claim.deny(row, opened, reason, now));
            return denied(id, request, row.channel(), purpose, reason);
        }
        return new Answer.Taken(id, row.state().wireName());
    }

    /**
     * Where the person agreed, for only there does it hold (CON-8); {@code null} for a reply, which
     * goes where they write from.
     */
    private static UUID agreed(ConsentBook book, Person person, Channel channel, Purpose purpose) {
        if (purpose == Purpose.SUPPORT_REPLY) {
            return null;
        }
        return book.records(person).stream()
                .filter(record -> record.purpose() == purpose)
                .filter(record -> record.channel() == channel.consentChannel())
                .map(ConsentRecord::addressId)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Of a later message it is planned when it is due; a template was written in advance. */
    private Disclosures.Plan disclosure(Request request, Recipient recipient, Instant now) {
        boolean isLater = request.sendAt() != null && request.sendAt().isAfter(now);
        if (request.template() != null || request.writer() == Writer.SYSTEM) {
            return Disclosures.Plan.NONE;
        }
        return isLater
                ? new Disclosures.Plan(request.writer(), null, null)
                : disclosures.plan(
                        new Disclosures.Place(
                                request.tenant(),
                                recipient.subject(),
                                recipient.address(),
                                recipient.channel(),
                                request.conversation()),
                        request.writer());
    }

    private Answer denied(
            UUID id, Request request, Channel channel, Purpose purpose, String reason) {
        denials.count(request.tenant(), channel, purpose, reason);
        return new Answer.Denied(id, reason);
    }

    private static ObjectNode content(Request request, Template.Variant variant) {
        ObjectNode content;
        if (variant == null) {
            content = request.content().deepCopy();
        } else {
            content = JsonNodeFactory.instance.objectNode();
            content.put("type", "template");
            content.put("text", variant.rendered(request.parameters()));
            ObjectNode template = content.putObject("template");
            template.put("name", request.template());
            template.put("language", request.language());
            request.parameters().forEach(template.putArray("parameters")::add);
        }
        if (request.reference() != null) {
            content.put("reference", request.reference());
        }
        if (variant == null && request.writer() != Writer.SYSTEM) {
            content.put(Disclosures.WRITTEN_BY, request.writer().wireName());
        }
        return content;
    }

    private Optional<Recipient> recipient(Request request) {
        if (request.conversation() != null) {
            return first(
                    "select subject_id, null::uuid, nullif(channel, '') from conversation where tenant = ? and id = ?",
                    request,
                    Column.one(request.conversation()));
        }
        if (request.subject() != null) {
            return first(
                    "select id, null::uuid, null::text from subject where tenant = ? and id = ?",
                    request,
                    Column.one(request.subject()));
        }
        List<byte[]> lookups =
                pseudonyms.addresses(
                        request.tenant(),
                        request.channel().consentChannel().wireName(),
                        request.address());
        return first(
                "select subject_id, id, null::text from address where tenant = ? and lookup = any(?::bytea[])",
                request,
                Column.of("bytea", lookups, lookup -> lookup));
    }

    private Optional<Recipient> first(String sql, Request request, Column key) {
        List<Recipient> found = new ArrayList<>();
        Bulk.query(
                jdbc,
                sql,
                row ->
                        found.add(
                                new Recipient(
                                        row.getObject(1, UUID.class),
                                        row.getObject(2, UUID.class),
                                        row.getString(3) == null
                                                ? request.channel()
                                                : Channel.of(row.getString(3)))),
                Column.one(request.tenant()),
                key);
        return found.stream().filter(one -> one.channel() != null).findFirst();
    }
}
