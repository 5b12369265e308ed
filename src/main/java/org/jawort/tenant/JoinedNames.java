package org.jawort.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The names that routes, topics and consumer groups have of a tenant's id and another, joined by a
 * hyphen. Ids hold hyphens as well, so that two tenants may mean the same name: the hub would not
 * start. Another sign between them would be another consumer group for every destination that runs.
 */
final class JoinedNames {

    private final Map<String, String> taken = new HashMap<>();

    /**
     * @throws TenantFileInvalid at the first account or destination whose name another tenant's has
     */
    void take(String file, YamlDocument document) {
        String tenant = document.json().get("tenant").asText();
        for (String kind : List.of("account", "destination")) {
            JsonNode list = document.json().path(kind + "s");
            for (int i = 0; i < list.size(); i++) {
                String id = list.get(i).get("id").asText();
                String name = tenant + "-" + id;
                String other =
                        taken.put(kind + " " + name, "'%s' of tenant '%s'".formatted(id, tenant));
                if (other != null) {
                    throw new TenantFileInvalid(
                            file,
                            document.line("/" + kind + "s/" + i + "/id"),
                            "routes of %s '%s' would be named %s as those of %s: give the newer another id"
                                    .formatted(kind, id, name, other));
                }
            }
        }
    }
}
