package org.jawort.intake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.LocalDate;
import java.util.Arrays;

/**
 * Seals webhooks for the topic and opens them again. Layout: version (1 byte), day of the key as days since 1970 (4 bytes,
 * big-endian), AES-256-GCM ciphertext bound to tenant and account.
 */
public final class WebhookSeal {

    private static final byte VERSION = 1;
    private static final int HEAD = 5;

    private final SealingKeys keys;

    public WebhookSeal(SealingKeys keys) {
        this.keys = keys;
    }

    public byte[] seal(String tenant, String account, WebhookRequest request) {
        LocalDate day = keys.today();
        try {
            byte[] sealed = keys.of(tenant, day)
                    .encrypt(SealedWebhook.plain(request), SealedWebhook.associatedData(tenant, account));
            return ByteBuffer.allocate(HEAD + sealed.length)
                    .put(VERSION)
                    .putInt((int) day.toEpochDay())
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * @throws WebhookUnsealable if these bytes are no webhook of this account
     */
    public WebhookRequest open(String tenant, String account, byte[] sealed) {
        if (sealed == null || sealed.length <= HEAD || sealed[0] != VERSION) {
            throw new WebhookUnsealable(null);
        }
        LocalDate day = LocalDate.ofEpochDay(ByteBuffer.wrap(sealed, 1, 4).getInt());
        try {
            return SealedWebhook.parse(keys.of(tenant, day)
                    .decrypt(
                            Arrays.copyOfRange(sealed, HEAD, sealed.length),
                            SealedWebhook.associatedData(tenant, account)));
        } catch (GeneralSecurityException | IOException notOurs) {
            throw new WebhookUnsealable(notOurs);
        }
    }

    /** Bytes on the topic that no key of the account opens; trying again cannot help. */
    public static class WebhookUnsealable extends RuntimeException {
        WebhookUnsealable(Throwable cause) {
            super("a record of the webhooks topic does not open", cause);
        }
    }
}
