package org.jawort.notice;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jawort.consent.ConsentBook.Person;
import org.jawort.message.Channel;
import org.jawort.notice.NoticeLedger.Slot;
import org.jawort.sending.Disclosing;
import org.jawort.tenant.TextKind;
import org.jawort.tenant.Writer;

/** The tenant's texts that tell who writes, in the language of the conversation (FLT-7). */
final class DisclosureWords implements Disclosing {

    private final Texts texts;
    private final NoticeLedger notices;

    DisclosureWords(Texts texts, NoticeLedger notices) {
        this.texts = texts;
        this.notices = notices;
    }

    @Override
    public Optional<Words> words(String tenant, UUID subject, Channel channel, Writer writer) {
        Slot slot = new Slot(new Person(tenant, subject), channel);
        return texts.current(
                        tenant,
                        writer == Writer.BOT ? TextKind.BOT_WRITES : TextKind.HUMAN_WRITES,
                        notices.languages(List.of(slot)).get(slot))
                .map(
                        text ->
                                new Words(
                                        text.reference(),
                                        text.language(),
                                        texts.render(tenant, text, channel, Map.of())));
    }
}
