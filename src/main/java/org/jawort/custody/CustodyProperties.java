package org.jawort.custody;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of the tenants' keys, prefix {@code jawort.keys}.
 *
 * @param announced how long a new version is known before anything is written under it: more than
 *     twice {@code refreshPeriodMillis}, so that every node can find what another writes
 * @param replaceAfter age at which a tenant's key is replaced; zero for never
 * @param openFor how long an opened key of a subject stays in memory
 * @param batchSize subjects per transaction while keys are wrapped anew
 */
@ConfigurationProperties("jawort.keys")
record CustodyProperties(
        int refreshPeriodMillis,
        Duration announced,
        Period replaceAfter,
        Duration openFor,
        int batchSize,
        Pkcs11 pkcs11) {

    /**
     * @param library the token's shared library
     * @param slot its number; empty for the first with a token
     * @param pin of the user; empty to read {@code pinFile}
     */
    record Pkcs11(String library, String slot, String pin, String pinFile) {

        String readPin() {
            if (pin != null && !pin.isBlank() || pinFile == null || pinFile.isBlank()) {
                return pin;
            }
            try {
                return Files.readString(Path.of(pinFile)).strip();
            } catch (IOException unreadable) {
                throw new IllegalStateException(
                        "JAWORT_PKCS11_PIN_FILE " + pinFile + " cannot be read", unreadable);
            }
        }

        @Override
        public String toString() {
            return "Pkcs11[" + library + "]";
        }
    }
}
