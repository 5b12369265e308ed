package org.jawort.tenant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the tenant files again while the hub runs, so that a key taken away is closed without a
 * restart (S17). Of a file that changed, {@code apiKeys} take effect; whatever else differs is only
 * told of. A file that cannot be used, or is gone, changes nothing: its tenant goes on as it was,
 * and the file is tried again at each run, as what is wrong may be mended in a text it names.
 * Registered as {@code tenantReload}.
 */
public final class TenantReload {

    private static final Logger LOG = LoggerFactory.getLogger(TenantReload.class);

    private final TenantFiles files;
    private final Tenants tenants;
    private final Counter refused;
    private final Map<Path, byte[]> taken = new HashMap<>();
    private final Map<Path, String> refusals = new HashMap<>();

    public TenantReload(TenantFiles files, Tenants tenants, MeterRegistry meters) {
        this.files = files;
        this.tenants = tenants;
        this.refused = meters.counter("jawort.tenant.files.refused");
    }

    /** Takes over what changed since the last run, or, at the first, since the start. */
    public synchronized void run() {
        List<Path> present;
        try {
            present = files.files();
        } catch (TenantFileInvalid noFolder) {
            refuse(noFolder);
            return;
        }
        Set<Path> gone = new HashSet<>(taken.keySet());
        gone.addAll(refusals.keySet());
        present.forEach(gone::remove);
        for (Path file : gone) {
            taken.remove(file);
            refusals.remove(file);
            refuse(
                    new TenantFileInvalid(
                            TenantFiles.shown(file),
                            0,
                            "is gone; to close a tenant's API keys, put 'apiKeys: []' into its file"));
        }
        present.forEach(this::read);
    }

    private void read(Path file) {
        try {
            byte[] bytes = files.read(file);
            if (!Arrays.equals(bytes, taken.get(file))) {
                take(files.parse(file, bytes));
                taken.put(file, bytes);
            }
            refusals.remove(file);
        } catch (TenantFileInvalid invalid) {
            refuse(file, invalid);
        } catch (
                RuntimeException unforeseen) { // of one file; the others have keys to close as well
            refuse(
                    file,
                    new TenantFileInvalid(
                            TenantFiles.shown(file),
                            0,
                            "cannot be used: " + unforeseen.getClass().getName()));
        }
    }

    private void take(Tenant found) {
        Tenant running = tenants.find(found.id()).orElse(null);
        if (running != null && !found.apiKeys().equals(running.apiKeys())) {
            tenants.replaceApiKeys(found.id(), found.apiKeys());
            LOG.info(
                    "tenant.apikeys.replaced tenant={} keys={}",
                    found.id(),
                    found.apiKeys().stream().map(Tenant.ApiKey::id).toList());
        }
        if (running == null || !found.withApiKeys(running.apiKeys()).equals(running)) {
            LOG.warn(
                    "tenant.file.differs tenant={}: only apiKeys are read while the hub runs; restart it for the rest",
                    found.id());
        }
    }

    /** Tells of the same mistake once. */
    private void refuse(Path file, TenantFileInvalid invalid) {
        if (!invalid.getMessage().equals(refusals.put(file, invalid.getMessage()))) {
            refuse(invalid);
        }
    }

    private void refuse(TenantFileInvalid invalid) {
        refused.increment();
        LOG.error(
                "tenant.file.refused {}; the tenant goes on as it was before",
                invalid.getMessage());
    }
}
