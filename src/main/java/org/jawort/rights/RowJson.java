package org.jawort.rights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.UUID;

/** A row of the store as JSON. */
final class RowJson {

    private RowJson() {}

    /** Columns as fields; sealed ones are left to whoever can open them. */
    static ObjectNode facts(ObjectMapper json, ResultSet row) throws SQLException {
        ObjectNode facts = json.createObjectNode();
        ResultSetMetaData columns = row.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            String name = columns.getColumnLabel(i);
            if (!name.startsWith("sealed")) {
                facts.set(camelCase(name), value(json, row.getObject(i)));
            }
        }
        return facts;
    }

    private static JsonNode value(ObjectMapper json, Object value) throws SQLException {
        return switch (value) {
            case null -> json.nullNode();
            case Timestamp time -> json.valueToTree(time.toInstant().toString());
            case UUID id -> json.valueToTree(id.toString());
            case java.sql.Date day -> json.valueToTree(day.toLocalDate().toString());
            case java.sql.Array array -> {
                ArrayNode list = json.createArrayNode();
                for (Object one : (Object[]) array.getArray()) {
                    list.add(value(json, one));
                }
                yield list;
            }
            default -> json.valueToTree(value);
        };
    }

    private static String camelCase(String column) {
        StringBuilder name = new StringBuilder();
        for (String word : column.split("_")) {
            name.append(
                    name.isEmpty()
                            ? word
                            : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.toString();
    }
}
