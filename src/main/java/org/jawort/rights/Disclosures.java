package org.jawort.rights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jawort.delivery.DisclosureLedger;
import org.jawort.tenant.Controller;
import org.jawort.tenant.DataContract;
import org.jawort.tenant.ProcessorRegion;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;

/** What stands at the head of every answer, and what Art. 15(1) and (2) want told with a copy. */
final class Disclosures {

    /** What the hub processes of a person it exchanges messages with. */
    private static final List<String> CATEGORIES =
            List.of(
                    "ADDRESS",
                    "PROFILE_NAME",
                    "MESSAGE_CONTENT",
                    "MEDIA",
                    "DELIVERY_METADATA",
                    "CONSENT_PROOF",
                    "NOTICE_EVIDENCE");

    /** Art. 15(1)(e), and the rights to withdraw and to take along. */
    private static final List<String> RIGHTS =
            List.of("RECTIFY", "ERASE", "RESTRICT", "OBJECT", "PORTABILITY", "WITHDRAW");

    private final Tenants tenants;
    private final DisclosureLedger ledger;
    private final Periods periods;

    Disclosures(Tenants tenants, DisclosureLedger ledger, Periods periods) {
        this.tenants = tenants;
        this.ledger = ledger;
        this.periods = periods;
    }

    ObjectNode head(RightsRequest request, String language, ObjectNode outcome) {
        Controller controller = tenants.get(request.tenant()).controller();
        ObjectNode head = JsonNodeFactory.instance.objectNode();
        head.put("schema", "/schemas/rights-answer-v1.json");
        head.putObject("request")
                .put("id", request.id().toString())
                .put("type", request.type().name())
                .put("receivedAt", request.receivedAt().toString())
                .put(
                        "coversChannel",
                        request.channel() == null ? null : request.channel().wireName())
                .put("language", language);
        head.putObject("controller")
                .put("name", controller.name())
                .put("address", controller.address())
                .put("contact", controller.contact())
                .put("rightsUrl", controller.rightsUrl());
        if (request.type() == RequestType.ACCESS && isWhoTheySay(request)) {
            head.set("information", information(request, tenants.get(request.tenant())));
        }
        head.set("outcome", outcome);
        return head;
    }

    /** Whoever could not show that learns nothing of the person, not even that they are known. */
    private static boolean isWhoTheySay(RightsRequest request) {
        return request.identity() != RightsRequest.Identity.NOT_CONFIRMED;
    }

    private ObjectNode information(RightsRequest request, Tenant tenant) {
        ObjectNode told = JsonNodeFactory.instance.objectNode();
        ArrayNode purposes = told.putArray("purposes"); // (a)
        new TreeMap<>(tenant.purposes())
                .forEach(
                        (purpose, basis) -> {
                            if (!basis.equals("off")) {
                                purposes.addObject().put("purpose", purpose).put("basis", basis);
                            }
                        });
        CATEGORIES.forEach(told.putArray("categories")::add); // (b)
        ArrayNode receivers = told.putArray("recipients"); // (c), (2)
        tenant.accounts()
                .values()
                .forEach(
                        account ->
                                place(
                                        receivers
                                                .addObject()
                                                .put("recipient", account.provider())
                                                .put("role", "MESSAGING_PROVIDER")
                                                .put("processor", account.processor()),
                                        tenant));
        tenant.destinations()
                .values()
                .forEach(
                        destination ->
                                place(
                                        receivers
                                                .addObject()
                                                .put("recipient", destination.id())
                                                .put("role", "DESTINATION")
                                                .put("processor", destination.processor())
                                                .put("gets", gets(destination.contract())),
                                        tenant));
        for (String former : ledger.recipients(tenant.id(), request.subject())) {
            if (!tenant.destinations().containsKey(former)) {
                receivers
                        .addObject()
                        .put("recipient", former)
                        .put("role", "FORMER_DESTINATION")
                        .putNull("processor");
            }
        }
        told.put("residency", tenant.residency());
        tenant.controller().storageLocations().forEach(told.putArray("storageLocations")::add);
        ArrayNode kept = told.putArray("retention"); // (d)
        periods.of(tenant.id())
                .forEach(
                        one ->
                                kept.addObject()
                                        .put("dataType", one.dataType())
                                        .put("period", one.period())
                                        .put("startEvent", one.startEvent())
                                        .put("fromEndOfYear", one.endOfYear())
                                        .put("basis", one.basis())
                                        .put("rule", one.rule()));
        RIGHTS.forEach(told.putArray("rights")::add); // (e)
        told.put("complaint", "SUPERVISORY_AUTHORITY"); // (f)
        told.put("source", "PERSON_AND_PROVIDERS"); // (g)
        told.put("automatedDecisions", "NONE"); // (h)
        return told;
    }

    /** Where the receiver is, as far as the tenant file says. */
    private static void place(ObjectNode receiver, Tenant tenant) {
        ProcessorRegion region = tenant.regions().get(receiver.path("processor").asText(""));
        if (region != null) {
            receiver.put("storedIn", region.atRest()).put("processedIn", region.processing());
        }
    }

    /** How much of what is known a destination gets: its data contract in one word. */
    private static String gets(DataContract contract) {
        return contract.name().replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
