package org.jawort.intake;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a request of Vonage's older SMS API says, and whether it says {@code sig}. */
sealed interface VonageSmsParameters {

    /**
     * @param parameters decoded, sorted by name, without {@code sig}
     * @param sig lower or upper case hex
     * @param blanksInDoubt whether blank values may have been left out when signing: in a form or
     *     query the vendor's library does so, in JSON it does not
     */
    record Signed(Map<String, String> parameters, String sig, boolean blanksInDoubt)
            implements VonageSmsParameters {

        /** Parameters are a message and its sender. */
        @Override
        public String toString() {
            return "Signed[" + parameters.size() + " parameters]";
        }
    }

    record NotSigned() implements VonageSmsParameters {}

    /**
     * @param reason the fixed word for {@link SignatureCheck.Forged}
     */
    record Unreadable(String reason) implements VonageSmsParameters {}

    Pattern SIG_IN_JSON = Pattern.compile("\"sig\"\\s*:");
    Pattern SIG_IN_PAIRS = Pattern.compile("(^|&)sig=");

    /**
     * Reads the body, if it is a JSON object, or query and form together. Every name may come once,
     * and nothing may come that {@code sig} does not cover: no nested value in JSON, no body of
     * another kind. What cannot be read is not signed either, unless a {@code sig} stands in it.
     */
    static VonageSmsParameters read(WebhookRequest request) {
        String type = FormPairs.mediaType(request.contentType());
        boolean json =
                request.body().length > 0
                        && (type.equals("application/json") || type.endsWith("+json"));
        VonageSmsParameters read = json ? readJson(request) : readPairs(request);
        return read instanceof Unreadable && !mentionsSig(request, json) ? new NotSigned() : read;
    }

    private static boolean mentionsSig(WebhookRequest request, boolean json) {
        // of UTF-16 this leaves the letters
        String body = new String(request.body(), StandardCharsets.ISO_8859_1).replace("\0", "");
        return json
                ? SIG_IN_JSON.matcher(body).find()
                : SIG_IN_PAIRS.matcher(body).find()
                        || SIG_IN_PAIRS
                                .matcher(Objects.requireNonNullElse(request.rawQuery(), ""))
                                .find();
    }

    private static VonageSmsParameters readJson(WebhookRequest request) {
        return BoundedJson.parse(request.body())
                .map(VonageSmsParameters::fromJson)
                .orElse(new Unreadable("malformed"));
    }

    private static VonageSmsParameters readPairs(WebhookRequest request) {
        Optional<FormPairs> query = FormPairs.parseQuery(request.rawQuery());
        boolean form = FormPairs.isForm(request.contentType());
        Optional<FormPairs> body = FormPairs.parse(form ? request.body() : new byte[0]);
        if (query.isEmpty() || body.isEmpty()) {
            return new Unreadable("form");
        }
        return fromPairs(query.get(), body.get(), !form && request.body().length > 0);
    }

    private static VonageSmsParameters fromJson(BoundedJson json) {
        if (!json.has("sig")) {
            return new NotSigned();
        }
        var parameters = new TreeMap<>(json.scalars());
        String sig = parameters.remove("sig");
        return json.nested().isEmpty()
                ? new Signed(parameters, sig, false)
                : new Unreadable("malformed");
    }

    private static VonageSmsParameters fromPairs(
            FormPairs query, FormPairs body, boolean foreignBody) {
        var parameters = new TreeMap<String, String>();
        boolean repeated = false;
        for (FormPairs pairs : new FormPairs[] {query, body}) {
            for (FormPairs.Pair pair : pairs.pairs()) {
                Optional<String> name = StrictUtf8.decode(pair.name());
                Optional<String> value = StrictUtf8.decode(pair.value());
                if (name.isEmpty() || value.isEmpty()) {
                    return new Unreadable("form");
                }
                repeated |= parameters.put(name.get(), value.get()) != null;
            }
        }
        String sig = parameters.remove("sig");
        if (sig == null) {
            return new NotSigned();
        }
        return repeated || foreignBody
                ? new Unreadable("malformed")
                : new Signed(parameters, sig, true);
    }
}
