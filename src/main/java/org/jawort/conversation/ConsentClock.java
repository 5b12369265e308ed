package org.jawort.conversation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jawort.Failures;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.DueConsents;
import org.jawort.consent.EventTime;
import org.jawort.consent.Purpose;
import org.jawort.consent.TextShown;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TextVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.TransactionException;

/**
 * What happens to consent because time goes by: a prompt stays unanswered, a due reconsent unasked
 * (T7), a grant unused for too long (T12), a new text comes into force (T11). Registered as {@code
 * consentClock}; each step is a transaction of its own, and a step done twice changes nothing.
 */
public final class ConsentClock {

    /** People looked for at once; each is a transaction of its own. */
    private static final int PEOPLE = 500;

    private static final Logger LOG = LoggerFactory.getLogger(ConsentClock.class);

    private final PersonalConsent.Desk desk;
    private final DueConsents consents;
    private final PromptTexts texts;
    private final TenantScope scope;
    private final InstantSource clock;
    private final MeterRegistry meters;

    /** Which prompt is in force. */
    public interface PromptTexts {
        /** Empty if the tenant has none in force for the purpose. */
        Optional<TextVersion> inForce(Tenant tenant, Purpose purpose);

        /**
         * The versions that say what this one says: it, and those before it that only editorial
         * changes are between. What a version was that nobody knows any more, nobody can say: it is
         * taken for a material one.
         *
         * @return references, as {@code prompt-v3}
         */
        List<String> sayingTheSame(String tenant, TextVersion current);
    }

    ConsentClock(
            PersonalConsent.Desk desk,
            DueConsents consents,
            PromptTexts texts,
            TenantScope scope,
            InstantSource clock,
            MeterRegistry meters) {
        this.desk = desk;
        this.consents = consents;
        this.texts = texts;
        this.scope = scope;
        this.clock = clock;
        this.meters = meters;
    }

    public List<String> tenants() {
        return desk.tenants();
    }

    /** T7 and T12: ends what has ended by now. */
    public void end(String tenant) {
        each(
                tenant,
                failed -> consents.due(tenant, clock.instant(), failed, PEOPLE),
                (person, opened) ->
                        opened.ifPresentOrElse(this::end, () -> consents.undue(person)));
    }

    private void end(PersonalConsent work) {
        Instant now = clock.instant();
        for (ConsentRecord record : List.copyOf(work.records())) {
            if (record.isOverAt(now)) {
                EventTime time = EventTime.received(now);
                work.apply(
                        record,
                        record.state() == ConsentState.GRANTED
                                ? new ConsentEvent.ValidityEnd(time)
                                : new ConsentEvent.Deadline(time),
                        work.cause("hub", null, null));
            }
        }
        work.save(true);
    }

    /**
     * T11: whoever agreed to an earlier version of a prompt's text is asked again if a material
     * change came into force since; an editorial one is only noted.
     */
    public void changeTexts(String tenant) {
        TenantPolicy policy = desk.policy(tenant);
        for (Purpose purpose : policy.purposes().keySet()) {
            texts.inForce(policy.tenant(), purpose)
                    .ifPresent(text -> changeText(policy.tenant(), purpose, text));
        }
    }

    private void changeText(Tenant tenant, Purpose purpose, TextVersion inForce) {
        each(
                tenant.id(),
                failed ->
                        consents.agreedToEarlier(
                                tenant.id(),
                                purpose,
                                inForce.id(),
                                inForce.version(),
                                failed,
                                PEOPLE),
                (person, opened) -> {
                    opened.ifPresent(work -> changeText(work, tenant, purpose, inForce));
                    consents.noteText(person, purpose, inForce.id(), inForce.version());
                });
    }

    private void changeText(
            PersonalConsent work, Tenant tenant, Purpose purpose, TextVersion inForce) {
        List<String> same = texts.sayingTheSame(tenant.id(), inForce);
        for (ConsentRecord record : List.copyOf(work.records())) {
            int agreed = version(record, purpose, inForce.id());
            if (agreed > 0 && agreed < inForce.version()) {
                work.apply(
                        record,
                        new ConsentEvent.TextChanged(
                                EventTime.received(clock.instant()),
                                Set.of(ConsentEvent.TextChanged.Part.WORDING),
                                !same.contains(inForce.id() + "-v" + agreed),
                                inForce.approvedBy()),
                        work.cause("hub", classified(inForce), shown(record, inForce)));
            }
        }
        work.save(true);
    }

    private static String classified(TextVersion text) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("classifiedBy", text.approvedBy())
                .toString();
    }

    /** The new text, in the language of the one agreed to. */
    private static TextShown shown(ConsentRecord record, TextVersion text) {
        return new TextShown(
                text.reference(), record.prompt() == null ? null : record.prompt().language());
    }

    /**
     * @param find whom to act on, but for those with whom it failed in this run
     */
    private void each(
            String tenant,
            Function<Set<Person>, List<Person>> find,
            BiConsumer<Person, Optional<PersonalConsent>> act) {
        Set<Person> failed = new HashSet<>();
        List<Person> people;
        do {
            people = scope.call(tenant, () -> find.apply(failed));
            for (Person person : people) {
                try {
                    scope.run(tenant, () -> act.accept(person, desk.open(person, clock.instant())));
                } catch (TransactionException storeIsAway) {
                    throw storeIsAway;
                } catch (RuntimeException later) {
                    // Those behind shall not wait for this one; the next run tries again.
                    failed.add(person);
                    meters.counter("jawort.consent.clock.failures", "tenant", tenant).increment();
                    LOG.warn(
                            "consent.clock_failed tenant={} subject={} cause={}",
                            tenant,
                            person.subject(),
                            Failures.describe(later));
                }
            }
            if (!people.isEmpty()) {
                LOG.info("consent.clock tenant={} people={}", tenant, people.size());
            }
        } while (people.size() == PEOPLE);
    }

    /** The version agreed to, 0 if the record is no grant under this text. */
    private static int version(ConsentRecord record, Purpose purpose, String text) {
        String prefix = text + "-v";
        boolean ofText =
                record.state() == ConsentState.GRANTED
                        && record.purpose() == purpose
                        && record.textVersion() != null
                        && record.textVersion().startsWith(prefix)
                        && record.textVersion().substring(prefix.length()).matches("[0-9]{1,5}");
        return ofText ? Integer.parseInt(record.textVersion().substring(prefix.length())) : 0;
    }
}
