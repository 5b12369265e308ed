package org.jawort;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.DefaultThreadPoolFactory;
import org.apache.camel.util.concurrent.CamelThreadFactory;

/**
 * Camel's pools, but that who takes records from Kafka does so on a thread of the operating
 * system's. There are few of them, they live as long as the hub, and all they do is wait for Kafka
 * and PostgreSQL with a limit, which costs a virtual thread two wake-ups of other threads each
 * time.
 */
final class PlatformThreadsForConsumers extends DefaultThreadPoolFactory {

    @Override
    public ExecutorService newThreadPool(ThreadPoolProfile profile, ThreadFactory threads) {
        if (threads instanceof CamelThreadFactory camel
                && camel.getName().startsWith("KafkaConsumer[")) {
            return super.newThreadPool(
                    profile, Thread.ofPlatform().daemon().name(camel.getName() + "-", 0).factory());
        }
        return super.newThreadPool(profile, threads);
    }
}
