package org.jawort;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;

/**
 * The routes of tenants' destinations and accounts, as they are started. Camel logs what goes wrong
 * meanwhile and leaves out all that would have come after it: a hub that looks well and delivers
 * nothing. Here each is tried, and the start of the hub ends if one did not start.
 */
public final class TenantRoutes implements ApplicationRunner {

    private final List<RuntimeException> failures = new ArrayList<>();

    /**
     * @param route starts one, or throws what says whose it is and why it does not start
     */
    public synchronized void start(Runnable route) {
        try {
            route.run();
        } catch (RuntimeException unusable) {
            failures.add(unusable);
        }
    }

    /**
     * @throws RuntimeException the first of what went wrong, with the others
     */
    @Override
    public synchronized void run(ApplicationArguments arguments) {
        if (!failures.isEmpty()) {
            RuntimeException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }
}
