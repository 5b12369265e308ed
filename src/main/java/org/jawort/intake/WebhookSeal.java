package org.jawort.intake;

import com.google.crypto.tink.Aead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.LocalDate;
import java.util.Arrays;

/**
 * Seals webhooks for the topic and opens them again. Layout: version (1 byte), day of the key as
 * days since 1970 (4 bytes, big-endian), AES-256-GCM ciphertext bound to tenant and account.
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
            byte[] sealed =
                    keys.of(tenant, day)
                            .encrypt(
                                    SealedWebhook.plain(request),
                                    SealedWebhook.associatedData(tenant, account));
            return ByteBuffer.allocate(HEAD + sealed.length)
                    .put(VERSION)
                    .putInt((int) day.toEpochDay())
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Of the day whose key sealed it; {@code null} if these bytes are none of ours. */
    static Integer epochDay(byte[] sealed) {
        return sealed.length <= HEAD ? null : ByteBuffer.wrap(sealed, 1, 4).getInt();
    }

    /** A webhook as bytes, not sealed: for a caller that encrypts it under another key. */
    public static byte[] pack(WebhookRequest request) {
        return SealedWebhook.plain(request);
    }

    /**
     * Takes apart what {@link #pack} made.
     *
     * @throws WebhookUnsealable if these bytes are none of its
     */
    public static WebhookRequest unpack(byte[] packed) {
        try {
            return SealedWebhook.parse(packed);
        } catch (IOException | RuntimeException notOurs) {
            throw new WebhookUnsealable(notOurs);
        }
    }

    /**
     * @throws WebhookUnsealable if these bytes are no webhook of this account
     */
    public WebhookRequest open(String tenant, String account, byte[] sealed) {
        return open(tenant, account, sealed, keys::of);
    }

    /**
     * As {@link #open}, of a tenant this node has no file of; makes no keys.
     *
     * @throws WebhookUnsealable also if only the tenant's file says where its keys are
     */
    public WebhookRequest openOfStranger(String tenant, String account, byte[] sealed) {
        return open(tenant, account, sealed, keys::ofStranger);
    }

    private interface Keys {
        Aead of(String tenant, LocalDate day) throws GeneralSecurityException;
    }

    private static WebhookRequest open(String tenant, String account, byte[] sealed, Keys keys) {
        if (sealed == null || sealed.length <= HEAD || sealed[0] != VERSION) {
            throw new WebhookUnsealable(null);
        }
        LocalDate day = LocalDate.ofEpochDay(epochDay(sealed));
        try {
            return SealedWebhook.parse(
                    keys.of(tenant, day)
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
