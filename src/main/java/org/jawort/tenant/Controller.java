package org.jawort.tenant;

import java.util.List;

/**
 * Who is responsible and what a person is told of it (GDPR Art. 13(1)(a)), as the tenant file says;
 * what it does not say is {@code null}.
 *
 * @param address postal
 * @param contact for questions about data protection, such as an e-mail address
 * @param rightsUrl where a person reads what rights they have and how to use them
 * @param jurisdiction ISO 3166 code of the country whose law applies
 * @param storageLocations where what is stored lies, such as {@code EU}; empty if not told
 */
public record Controller(
        String name,
        String address,
        String contact,
        String rightsUrl,
        String jurisdiction,
        List<String> storageLocations) {}
