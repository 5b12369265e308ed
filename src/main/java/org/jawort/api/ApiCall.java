package org.jawort.api;

import java.util.List;
import org.jawort.tenant.Writer;

/**
 * A request that passed the gate.
 *
 * @param tenant whose key it carries and whose path it names
 * @param keyId which of the tenant's keys
 * @param writer who writes what comes with that key (FLT-7)
 * @param restricted the key opens what is kept out of ordinary access
 * @param path as requested
 * @param idempotencyKeys values of the header, as sent
 * @param body the bytes received; empty if none
 */
record ApiCall(
        String tenant,
        String keyId,
        Writer writer,
        boolean restricted,
        String path,
        Query query,
        List<String> idempotencyKeys,
        byte[] body) {

    static final String ATTRIBUTE = "jawort.api.call";

    @Override
    public String toString() {
        return "ApiCall[" + tenant + "]";
    }
}
