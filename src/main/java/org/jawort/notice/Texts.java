package org.jawort.notice;

import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jawort.consent.Purpose;
import org.jawort.conversation.ConsentClock;
import org.jawort.message.Channel;
import org.jawort.tenant.Controller;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextKind;
import org.jawort.tenant.TextVersion;

/**
 * The texts of all tenants: what to show now, what was shown then. Thread-safe.
 *
 * <p>In force is, of the versions a tenant's file names for a kind (and, of prompts, a purpose),
 * the one that is valid last of those valid from today or before, in calendar days of
 * Europe/Berlin.
 */
public final class Texts implements ConsentClock.PromptTexts {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private record Key(String tenant, String reference, String language) {}

    private final Tenants tenants;
    private final InstantSource clock;
    private final Map<Key, Text> stored = new HashMap<>();

    /**
     * @param kept every version the store has, by tenant
     */
    Texts(Tenants tenants, Map<String, List<Text>> kept, InstantSource clock) {
        this.tenants = tenants;
        this.clock = clock;
        kept.forEach(
                (tenant, texts) ->
                        texts.forEach(
                                text ->
                                        stored.put(
                                                new Key(tenant, text.reference(), text.language()),
                                                text)));
    }

    /**
     * The text in force.
     *
     * @param kind not a prompt, of which there is one per purpose
     * @param language preferred, a lower-case ISO 639-1 code or {@code null}; the tenant's own
     *     where the text is not there in it
     * @return empty if the tenant has none in force
     */
    public Optional<Text> current(String tenant, TextKind kind, String language) {
        if (kind == TextKind.CONSENT_PROMPT) {
            throw new IllegalArgumentException("a prompt is asked for by its purpose");
        }
        return current(tenant, kind, text -> true, language);
    }

    /** The prompt in force that asks for this purpose; as {@link #current}. */
    public Optional<Text> prompt(String tenant, Purpose purpose, String language) {
        return current(
                tenant,
                TextKind.CONSENT_PROMPT,
                text -> purpose.name().equals(text.purpose()),
                language);
    }

    private Optional<Text> current(
            String tenant, TextKind kind, Predicate<TextVersion> wanted, String language) {
        Tenant of = tenants.get(tenant);
        return inForce(of, kind, wanted)
                .map(
                        text ->
                                Text.of(
                                        text,
                                        language != null && text.texts().containsKey(language)
                                                ? language
                                                : of.language()));
    }

    @Override
    public Optional<TextVersion> inForce(Tenant tenant, Purpose purpose) {
        return inForce(
                tenant, TextKind.CONSENT_PROMPT, text -> purpose.name().equals(text.purpose()));
    }

    private Optional<TextVersion> inForce(Tenant of, TextKind kind, Predicate<TextVersion> wanted) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), BERLIN);
        return of.texts().getOrDefault(kind, List.of()).stream()
                .filter(wanted)
                .filter(text -> !text.validFrom().isAfter(today))
                .max(
                        Comparator.comparing(TextVersion::validFrom)
                                .thenComparing(TextVersion::version));
    }

    /**
     * The versions of the notice that inform as well as the one in force does: it, and those before
     * it that only editorial changes are between. Empty if the tenant has none in force.
     */
    List<String> noticesThatCount(String tenant) {
        Tenant of = tenants.get(tenant);
        return inForce(of, TextKind.NOTICE, text -> true)
                .map(current -> sayingTheSame(tenant, current))
                .orElse(List.of());
    }

    @Override
    public List<String> sayingTheSame(String tenant, TextVersion current) {
        int oldest = current.version();
        TextVersion.Change change = current.change();
        while (change == TextVersion.Change.EDITORIAL && oldest > 1) {
            oldest--;
            String before = current.id() + "-v" + oldest;
            change =
                    stored.entrySet().stream()
                            .filter(one -> one.getKey().tenant().equals(tenant))
                            .filter(one -> one.getKey().reference().equals(before))
                            .map(one -> one.getValue().change())
                            .findFirst()
                            .orElse(TextVersion.Change.MATERIAL);
        }
        return IntStream.rangeClosed(oldest, current.version())
                .mapToObj(version -> current.id() + "-v" + version)
                .toList();
    }

    /**
     * The text a record refers to, whether or not its file is still there (INF-5).
     *
     * @param reference {@code prompt-v3} or {@code texts/prompt-v3}
     * @param language BCP 47; of {@code de-AT} the text in {@code de}
     * @return empty for a text that is not the hub's, such as one of a web form
     */
    public Optional<Text> exact(String tenant, String reference, String language) {
        if (reference == null || language == null) {
            return Optional.empty();
        }
        String bare = reference.startsWith("texts/") ? reference.substring(6) : reference;
        return Optional.ofNullable(stored.get(new Key(tenant, bare, language.split("-")[0])));
    }

    /**
     * Fills a text in for one channel.
     *
     * @param more values that go before the hub's own
     * @throws IllegalArgumentException if a placeholder has no value
     */
    public String render(String tenant, Text text, Channel channel, Map<String, String> more) {
        Controller controller = tenants.get(tenant).controller();
        Wording.Answers answers = Wording.answers(text.language());
        Map<String, String> values = new LinkedHashMap<>();
        values.put("controller", controller.name());
        values.put("contact", controller.contact());
        values.put("rightsUrl", controller.rightsUrl());
        values.put("noticeUrl", text.noticeUrl());
        values.put("channel", Wording.name(channel));
        values.put("transport", Wording.transport(channel, text.language()));
        values.put("yes", answers.yes());
        values.put("no", answers.no());
        values.put("stop", answers.stop());
        values.put("human", answers.human());
        values.putAll(more);
        return text.filled(values);
    }
}
