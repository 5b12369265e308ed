package org.jawort.rights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OriginalsTest {

    private static final String OWN = "+4915112345678";

    private final Originals originals =
            new Originals(new ObjectMapper(), new ThirdParties(List.of(OWN)));

    @Test
    @DisplayName("DSR-4: every field of a form, decoded, other people's numbers masked")
    void tellsEveryFieldOfAForm() {
        assertThat(
                        read(
                                "From=whatsapp%3A%2B4915112345678&ChannelMetadata=%7B%22type%22%3A%22whatsapp%22%7D"
                                        + "&Body=Ruf+%2B4917099999999+an&Empty="))
                .containsExactly(
                        "From=whatsapp:+4915112345678",
                        "ChannelMetadata={\"type\":\"whatsapp\"}",
                        "Body=Ruf […] an",
                        "Empty=");
    }

    @Test
    @DisplayName(
            "DSR-4: every field of JSON by its place; cards and whom a message came from before are masked")
    void tellsEveryFieldOfJson() {
        assertThat(
                        read(
                                "{\"message\":{\"from\":{\"id\":7,\"language_code\":\"de\"},\"edited\":false,\"none\":null,\"text\":\"hallo\","
                                        + "\"contact\":{\"phone_number\":\"4917099999999\",\"first_name\":\"Max\"},"
                                        + "\"forward_origin\":{\"sender_user\":{\"first_name\":\"Max\"}},"
                                        + "\"photo\":[{\"width\":90},{\"width\":320}]}}"))
                .containsExactly(
                        "message.from.id=7",
                        "message.from.language_code=de",
                        "message.edited=false",
                        "message.text=hallo",
                        "message.contact.phone_number=[…]",
                        "message.contact.first_name=[…]",
                        "message.forward_origin.sender_user.first_name=[…]",
                        "message.photo.0.width=90",
                        "message.photo.1.width=320");
    }

    @Test
    @DisplayName("DSR-4: what is no form and no JSON after all is told as it is")
    void tellsWhatNobodyCanRead() {
        assertThat(read("{\"cut")).containsExactly("={\"cut");
        assertThat(read("a=%zz")).containsExactly("a=%zz");
    }

    private List<String> read(String sent) {
        JsonNode fields = originals.fields(sent);
        return fields.valueStream()
                .map(one -> one.get("name").textValue() + "=" + one.get("value").textValue())
                .toList();
    }
}
