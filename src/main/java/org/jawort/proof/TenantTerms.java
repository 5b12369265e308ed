package org.jawort.proof;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jawort.consent.Circumstances;
import org.jawort.consent.Purpose;
import org.jawort.delivery.RuleLabels;
import org.jawort.message.Channel;
import org.jawort.notice.Text;
import org.jawort.notice.Texts;
import org.jawort.tenant.Controller;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextKind;

/** The circumstances of a declaration as tenant files and retention rules say them. */
final class TenantTerms implements Circumstances {

    private static final String SCHEMA_VERSION = "jawort-consent-1";

    /** What the hub processes of a person it exchanges messages with. */
    private static final List<String> DATA_CATEGORIES =
            List.of("ADDRESS", "PROFILE_NAME", "MESSAGE_CONTENT", "DELIVERY_METADATA");

    private record Key(String tenant, Channel channel) {}

    private final Tenants tenants;
    private final Texts texts;
    private final RuleLabels retention;
    private final ConcurrentMap<Key, ObjectNode> terms = new ConcurrentHashMap<>();

    TenantTerms(Tenants tenants, Texts texts, RuleLabels retention) {
        this.tenants = tenants;
        this.texts = texts;
        this.retention = retention;
    }

    @Override
    public ObjectNode terms(String tenant, Channel channel, Purpose purpose) {
        return terms.computeIfAbsent(new Key(tenant, channel.consentChannel()), this::write);
    }

    @Override
    public byte[] textSha256(String tenant, String textVersion, String language) {
        return texts.exact(tenant, textVersion, language).map(Text::sha256).orElse(null);
    }

    @Override
    public String noticeVersion(String tenant) {
        return texts.current(tenant, TextKind.NOTICE, null).map(Text::reference).orElse(null);
    }

    private ObjectNode write(Key key) {
        Tenant tenant = tenants.get(key.tenant());
        Controller controller = tenant.controller();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("schemaVersion", SCHEMA_VERSION);
        json.putObject("controller")
                .put("id", tenant.id())
                .put("name", controller.name())
                .put("address", controller.address())
                .put("contact", controller.contact());
        list(json, "dataCategories", DATA_CATEGORIES);
        list(json, "senders", senders(tenant, key.channel()));
        list(json, "recipients", recipients(tenant, key.channel()));
        list(json, "storageLocations", controller.storageLocations());
        json.put("residency", tenant.residency());
        json.put("jurisdiction", controller.jurisdiction());
        json.put("retentionRule", retention.label(tenant.id(), "consent-proof"));
        list(
                json,
                "withdrawalMethod",
                controller.contact() == null
                        ? List.of("STOP_ON_CHANNEL")
                        : List.of("STOP_ON_CHANNEL", controller.contact()));
        json.put("rightsUrl", controller.rightsUrl());
        return json;
    }

    /** The business's own addresses on the channel. */
    private static Collection<String> senders(Tenant tenant, Channel channel) {
        TreeSet<String> senders = new TreeSet<>();
        for (var account : tenant.accounts().values()) {
            account.channels().stream()
                    .filter(one -> one.channel().consentChannel() == channel)
                    .map(one -> one.address() == null ? one.providerChannelId() : one.address())
                    .map(address -> account.id() + (address == null ? "" : " " + address))
                    .forEach(senders::add);
        }
        return senders;
    }

    /** Processors of the accounts that carry the channel and of the destinations. */
    private static Collection<String> recipients(Tenant tenant, Channel channel) {
        TreeSet<String> recipients = new TreeSet<>();
        tenant.accounts().values().stream()
                .filter(
                        account ->
                                account.channels().stream()
                                        .anyMatch(one -> one.channel().consentChannel() == channel))
                .map(account -> account.processor())
                .filter(Objects::nonNull)
                .forEach(recipients::add);
        tenant.destinations().values().stream()
                .map(destination -> destination.processor())
                .filter(Objects::nonNull)
                .forEach(recipients::add);
        return recipients;
    }

    private static void list(ObjectNode json, String field, Collection<String> values) {
        ArrayNode array = json.putArray(field);
        values.forEach(array::add);
    }
}
