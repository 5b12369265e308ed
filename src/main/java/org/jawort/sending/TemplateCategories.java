package org.jawort.sending;

import java.util.Optional;

/** What providers last said their templates are (FLT-6). */
public interface TemplateCategories {

    /**
     * Inside the caller's transaction.
     *
     * @param template as the tenant's file names it
     * @return the strictest of what the accounts' providers say in any language, MARKETING before
     *     all; empty if none said anything
     */
    Optional<TemplateCategory> of(String tenant, String template);
}
