package org.jawort.intake;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

    /**
     * Reads the body, if it is a JSON object, or query and form together. Every name may come once,
     * and nothing may come that {@code sig} does not cover: no nested value in JSON, no body of
     * another kind.
     */
    static VonageSmsParameters read(WebhookRequest request) {
        String type = FormPairs.mediaType(request.contentType());
        if (request.body().length > 0
                && (type.equals("application/json") || type.endsWith("+json"))) {
            return BoundedJson.parse(request.body())
                    .map(VonageSmsParameters::fromJson)
                    .orElse(new Unreadable("malformed"));
        }
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
