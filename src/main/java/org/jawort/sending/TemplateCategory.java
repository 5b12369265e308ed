package org.jawort.sending;

import org.jawort.consent.Purpose;

/** What a provider says a template is; its author's opinion does not count (FLT-6). */
public enum TemplateCategory {
    UTILITY,
    MARKETING,
    AUTHENTICATION;

    /** Whether a template of this category may carry a message of this purpose. */
    boolean fits(Purpose purpose) {
        return switch (this) {
            case MARKETING -> purpose == Purpose.MARKETING;
            case AUTHENTICATION -> purpose == Purpose.AUTHENTICATION;
            case UTILITY -> purpose != Purpose.MARKETING && purpose != Purpose.AUTHENTICATION;
        };
    }
}
