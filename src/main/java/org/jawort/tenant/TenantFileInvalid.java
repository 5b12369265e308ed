package org.jawort.tenant;

/**
 * A tenant file that cannot be used; the message is one line: file, line, what is wrong and how to
 * mend it.
 */
public class TenantFileInvalid extends RuntimeException {

    public TenantFileInvalid(String file, int line, String problem) {
        super(file + (line > 0 ? ":" + line : "") + ": " + problem);
    }
}
