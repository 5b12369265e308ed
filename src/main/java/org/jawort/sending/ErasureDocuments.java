package org.jawort.sending;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jawort.tenant.Account;

/** What {@code erase.jslt} gets, and which of the requests it makes of that a call is. */
final class ErasureDocuments {

    private static final String PART = "part";

    private ErasureDocuments() {}

    /**
     * The message once for each name the person has at providers; the mapping knows its own.
     *
     * @param users may be empty
     */
    static List<ObjectNode> of(Account account, ErasureCalls.Held one, List<String> users) {
        List<ObjectNode> documents = new ArrayList<>();
        List<String> names = new ArrayList<>(users);
        if (names.isEmpty()) {
            names.add(null);
        }
        for (String user : names) {
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.put("provider", account.provider());
            document.put("tenant", account.tenant());
            document.put("account", account.id());
            document.put("api", account.api());
            ObjectNode ids = document.putObject("ids");
            SendingAccounts.ids(account).forEach(ids::put);
            document.put("channel", one.channel());
            document.put("direction", one.direction());
            document.put("providerMessageId", one.providerMessageId());
            document.put("providerConversationId", one.providerConversationId());
            document.put("userId", user);
            document.put("mediaUrl", one.mediaUrl());
            document.put("step", "delete");
            documents.add(document);
        }
        return documents;
    }

    /** A copy for one of several requests that the mapping makes. */
    static ObjectNode part(ObjectNode document, int part) {
        return document.deepCopy().put(PART, part);
    }

    /**
     * @param requests one, or a list, whose last is the message's own
     * @param document of the call; one that an older hub wrote names no part and is of the message
     */
    static JsonNode request(JsonNode requests, JsonNode document) {
        return requests.isArray()
                ? requests.path(document.path(PART).asInt(requests.size() - 1))
                : requests;
    }
}
