package org.jawort.media;

/** Why a file is not there. The names are told to receivers and callers of the API. */
enum FetchFault {
    /** Nobody has asked for it yet. */
    NOT_YET(false),
    /** The provider has no file there, or not yet. */
    NOT_FOUND(false),
    /** The provider says that it had one. */
    GONE(true),
    /** The provider takes the account's credentials for no good ones. */
    UNAUTHORIZED(false),
    RATE_LIMITED(false),
    /** The provider refuses otherwise. */
    REFUSED(false),
    /** An answer of 500 and above. */
    PROVIDER_FAULT(false),
    /** It took longer than a fetch may. */
    TIMEOUT(false),
    /** No connection, or one that broke. */
    CONNECTION(false),
    TOO_LARGE(true),
    EMPTY(false),
    /** The answer is packed although nobody asked for that. */
    PACKED(true),
    TOO_MANY_REDIRECTS(false),
    /** What was told is no URL of the provider's hosts, or of none that the hub knows yet. */
    HOST_NOT_ALLOWED(false),
    /** A name of the provider leads to an address that is not public. */
    ADDRESS_REFUSED(false),
    /** The provider told an id and no place. */
    NO_URL(true),
    /** The hub could not store it. */
    NOT_STORED(false),
    /** The message was taken out of ordinary use before the file was there. */
    RETAINED(true);

    private final boolean isFinal;

    FetchFault(boolean isFinal) {
        this.isFinal = isFinal;
    }

    /** Whether trying again cannot help. */
    boolean isFinal() {
        return isFinal;
    }
}
