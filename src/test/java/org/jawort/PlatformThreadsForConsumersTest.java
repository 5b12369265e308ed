package org.jawort;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.junit.jupiter.api.Test;

class PlatformThreadsForConsumersTest {

    private final ThreadPoolProfile profile = new ThreadPoolProfile("one");

    @Test
    void givesConsumersThreadsOfTheirOwnKind() throws Exception {
        Thread thread =
                thread(new CamelThreadFactory("Camel #name#", "KafkaConsumer[webhooks]", true));

        assertThat(thread.isVirtual()).isFalse();
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getName()).isEqualTo("KafkaConsumer[webhooks]-0");
    }

    @Test
    void leavesAllOthersToCamel() throws Exception {
        Thread thread = thread(work -> Thread.ofVirtual().name("another").unstarted(work));

        assertThat(thread.isVirtual()).isTrue();
        assertThat(thread.getName()).isEqualTo("another");
    }

    private Thread thread(ThreadFactory threads) throws Exception {
        profile.setPoolSize(1);
        profile.setMaxPoolSize(1);
        profile.setKeepAliveTime(1L);
        profile.setTimeUnit(TimeUnit.SECONDS);
        profile.setMaxQueueSize(1);
        profile.setAllowCoreThreadTimeOut(false);
        profile.setRejectedPolicy(ThreadPoolRejectedPolicy.Abort);
        try (ExecutorService pool =
                new PlatformThreadsForConsumers().newThreadPool(profile, threads)) {
            return pool.submit(Thread::currentThread).get();
        }
    }
}
