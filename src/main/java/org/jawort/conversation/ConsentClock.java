package org.jawort.conversation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentEvent;
import org.jawort.consent.ConsentLedger;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.ConsentState;
import org.jawort.consent.EventTime;
import org.jawort.consent.Purpose;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.TextKind;
import org.jawort.tenant.TextVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private final ConsentLedger ledger;
    private final PromptTexts texts;
    private final TenantScope scope;
    private final InstantSource clock;

    /** Which prompt is in force. */
    public interface PromptTexts {
        /** Empty if the tenant has none in force for the purpose. */
        Optional<TextVersion> inForce(Tenant tenant, Purpose purpose);
    }

    ConsentClock(
            PersonalConsent.Desk desk,
            ConsentLedger ledger,
            PromptTexts texts,
            TenantScope scope,
            InstantSource clock) {
        this.desk = desk;
        this.ledger = ledger;
        this.texts = texts;
        this.scope = scope;
        this.clock = clock;
    }

    public List<String> tenants() {
        return desk.tenants();
    }

    /** T7 and T12: ends what has ended by now. */
    public void end(String tenant) {
        each(
                tenant,
                () -> ledger.due(tenant, clock.instant(), PEOPLE),
                (person, opened) -> opened.ifPresentOrElse(this::end, () -> ledger.undue(person)));
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
                () ->
                        ledger.agreedToEarlier(
                                tenant.id(), purpose, inForce.id(), inForce.version(), PEOPLE),
                (person, opened) -> {
                    opened.ifPresent(work -> changeText(work, tenant, purpose, inForce));
                    ledger.noteText(person, purpose, inForce.version());
                });
    }

    private void changeText(
            PersonalConsent work, Tenant tenant, Purpose purpose, TextVersion inForce) {
        for (ConsentRecord record : List.copyOf(work.records())) {
            int agreed = version(record, purpose, inForce.id());
            if (agreed > 0 && agreed < inForce.version()) {
                work.apply(
                        record,
                        new ConsentEvent.TextChanged(
                                EventTime.received(clock.instant()),
                                Set.of(ConsentEvent.TextChanged.Part.WORDING),
                                isMaterial(tenant, inForce, agreed),
                                inForce.approvedBy()),
                        work.cause("hub", null, null));
            }
        }
        work.save(true);
    }

    /** Whether any version since the one agreed to changed what matters. */
    private static boolean isMaterial(Tenant tenant, TextVersion inForce, int agreed) {
        return tenant.texts().get(TextKind.CONSENT_PROMPT).stream()
                .filter(one -> one.id().equals(inForce.id()))
                .filter(one -> one.version() > agreed && one.version() <= inForce.version())
                .anyMatch(one -> one.change() == TextVersion.Change.MATERIAL);
    }

    private void each(
            String tenant,
            Supplier<List<Person>> find,
            BiConsumer<Person, Optional<PersonalConsent>> act) {
        List<Person> people;
        do {
            people = scope.call(tenant, find);
            for (Person person : people) {
                scope.run(tenant, () -> act.accept(person, desk.open(person, clock.instant())));
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
