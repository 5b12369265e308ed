package org.jawort.sending;

import java.time.Instant;
import java.util.List;
import org.jawort.consent.Basis;
import org.jawort.consent.ChannelWindow;
import org.jawort.consent.ConsentBook;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.consent.ConsentRecord;
import org.jawort.consent.OutboundAttempt;
import org.jawort.consent.OutboundDecision;
import org.jawort.consent.OutboundFilter;
import org.jawort.consent.OutboundReason;
import org.jawort.consent.Purpose;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Account;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.vault.Pseudonyms;
import org.springframework.jdbc.core.JdbcTemplate;

/** Puts together what the filter decides by, and lets it decide (FLT-1, FLT-3). */
final class SendDecider {

    /**
     * @param record {@code null} if the decision is about none
     * @param tag of the channel's that the message must carry to be allowed, {@code null} if none
     */
    record Verdict(
            OutboundDecision decision, ConsentRecord record, ChannelWindow window, String tag) {

        /** An answer in the time that is left to people after the window. */
        boolean isLate() {
            return HUMAN_AGENT.equals(tag);
        }
    }

    /** The tag with which people, and only they, may answer after the window (FLT-7). */
    private static final String HUMAN_AGENT = "HUMAN_AGENT";

    private record Window(ChannelWindow window, String tag) {}

    private final Tenants tenants;
    private final SendingAccounts accounts;
    private final ChannelRules rules;
    private final SendFacts facts;
    private final Senders senders;
    private final Pseudonyms pseudonyms;
    private final JdbcTemplate jdbc;

    SendDecider(
            Tenants tenants,
            SendingAccounts accounts,
            ChannelRules rules,
            SendFacts facts,
            Senders senders,
            Pseudonyms pseudonyms,
            JdbcTemplate jdbc) {
        this.tenants = tenants;
        this.accounts = accounts;
        this.rules = rules;
        this.facts = facts;
        this.senders = senders;
        this.pseudonyms = pseudonyms;
        this.jdbc = jdbc;
    }

    /**
     * @param book with the person, locked for this transaction
     */
    Verdict decide(Outbound row, Written written, ConsentBook book, Instant now) {
        Tenant tenant = tenants.get(row.tenant());
        Account account = tenant.accounts().get(row.account());
        Person person = new Person(row.tenant(), row.subject());
        ConsentRecord record = record(row, tenant, book, person);
        Contact contact = contact(row, account);
        Instant lastInbound = contact.lastInboundAt();
        Window window = window(row, account, written, contact, now);
        SendFacts.Found found =
                facts.about(
                        new SendFacts.About(
                                row.tenant(),
                                row.message(),
                                row.subject(),
                                row.channel(),
                                row.purpose(),
                                row.template(),
                                row.trigger(),
                                written,
                                record));
        OutboundAttempt attempt =
                new OutboundAttempt(
                        row.purpose(),
                        row.channel(),
                        row.address(),
                        record,
                        book.overlays(person, row.channel()),
                        new OutboundAttempt.Gates(
                                true,
                                account != null && accounts.canSend(account),
                                account != null && Residency.allows(tenant, account, row.channel()),
                                found.platformPermission(),
                                found.marketingApproved(),
                                found.noticeDelivered(),
                                found.contentSensitive()),
                        window.window(),
                        lastInbound,
                        contact.lastWrittenAt(),
                        found.authTriggeredAt(),
                        found.promptInvited(),
                        found.promptEmbedsNotice(),
                        false); // a trigger has one row, and a row is sent once
        return new Verdict(
                OutboundFilter.decide(attempt, tenant.consentRules(), now),
                record,
                window.window(),
                window.tag());
    }

    /** Within the window nothing needs a tag; after it, an answer that a person wrote may. */
    private Window window(
            Outbound row, Account account, Written written, Contact contact, Instant now) {
        ChannelWindow window = window(row, account, written, written.tag(), contact, now);
        if (window instanceof ChannelWindow.Closed
                && written.byHuman()
                && written.tag() == null
                && row.purpose() == Purpose.SUPPORT_REPLY) {
            ChannelWindow tagged = window(row, account, written, HUMAN_AGENT, contact, now);
            if (tagged instanceof ChannelWindow.Open) {
                return new Window(tagged, HUMAN_AGENT);
            }
            if (tagged instanceof ChannelWindow.Closed closed
                    && closed.reason() == OutboundReason.OUT_TAG_UNSUPPORTED) {
                return new Window(tagged, null); // the plainer answer
            }
        }
        return new Window(window, written.tag());
    }

    private ChannelWindow window(
            Outbound row,
            Account account,
            Written written,
            String tag,
            Contact contact,
            Instant now) {
        return rules.window(
                new ChannelRules.WindowQuestion(
                        row.tenant(),
                        row.channel(),
                        row.purpose(),
                        row.template(),
                        tag,
                        contact.lastInboundAt(),
                        contact.adClickAt(),
                        written.byHuman(),
                        carrier(account),
                        now));
    }

    private static String carrier(Account account) {
        if (account == null) {
            return "";
        }
        return account.provider().equals("messagebird")
                ? "messagebird/" + (account.api() == null ? "classic" : account.api())
                : account.provider();
    }

    private ConsentRecord record(Outbound row, Tenant tenant, ConsentBook book, Person person) {
        if (row.purpose().hasRecord()) {
            return record(row, tenant, book, person, row.purpose());
        }
        if (row.purpose() == Purpose.CONSENT_PROMPT) {
            return book.records(person).stream()
                    .filter(record -> record.channel() == row.channel().consentChannel())
                    .filter(record -> isAsked(row, record))
                    .findFirst()
                    .orElse(null);
        }
        return record(row, tenant, book, person, Purpose.SUPPORT_REPLY);
    }

    private boolean isAsked(Outbound row, ConsentRecord record) {
        return record.prompt() != null
                && java.util.Arrays.equals(
                        row.triggerKey(),
                        pseudonyms.trigger(
                                row.tenant(), row.trigger().name(), record.prompt().promptId()));
    }

    /** Of a purpose the tenant does not pursue any more, nothing that was agreed counts. */
    private static ConsentRecord record(
            Outbound row, Tenant tenant, ConsentBook book, Person person, Purpose purpose) {
        String basis = tenant.purposes().getOrDefault(purpose.name(), "off");
        return basis.equals("off")
                ? ConsentRecord.none(
                        row.message(), row.subject(), row.channel(), purpose, Basis.CONSENT)
                : book.record(person, row.channel(), purpose, Basis.valueOf(basis));
    }

    private record Contact(Instant lastInboundAt, Instant lastWrittenAt, Instant adClickAt) {}

    /**
     * The person's last message to this very sender, by text or picture message alike: a window
     * belongs to one number, and begins when they wrote, not when a webhook that was held up told
     * of it.
     */
    private Contact contact(Outbound row, Account account) {
        byte[] business =
                account == null || !AccountChoice.carries(account, row.channel())
                        ? new byte[0]
                        : senders.key(account, senders.of(account, row));
        List<Contact> last =
                Bulk.query(
                        jdbc,
                        """
                        select max(coalesce(last_written_at, last_inbound_at)) as last, max(last_written_at) as written, max(ad_click_at) as click
                          from conversation
                         where tenant = ? and subject_id = ? and case channel when 'mms' then 'sms' else channel end = ?
                           and (id = ? and account = ? or business_key = ?)""",
                        found ->
                                new Contact(
                                        Bulk.instant(found, "last"),
                                        Bulk.instant(found, "written"),
                                        Bulk.instant(found, "click")),
                        Column.one(row.tenant()),
                        Column.one(row.subject()),
                        Column.one(row.channel().consentChannel().wireName()),
                        Column.one(row.conversation()),
                        Column.one(row.account()),
                        Column.one(business));
        return last.getFirst();
    }
}
