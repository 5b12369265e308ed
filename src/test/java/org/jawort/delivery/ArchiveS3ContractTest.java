package org.jawort.delivery;

import java.time.Instant;
import java.time.InstantSource;
import org.apache.camel.spi.Registry;
import org.jawort.objects.Buckets;
import org.jawort.objects.EventObjects;
import org.jawort.objects.ObjectDuties;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.SAME_THREAD) // one server for all, which takes its time when it is new
class ArchiveS3ContractTest extends DestinationContract {

    private static final Instant FAR = Instant.parse("2999-01-01T00:00:00Z");

    /** Whatever an item is, it is kept until then, and its files until another time. */
    static RulePeriods periods(Instant until, Instant filesUntil) {
        return new RulePeriods() {
            @Override
            public String label(String tenant, String dataType) {
                return dataType + "@1";
            }

            @Override
            public Instant until(
                    String tenant,
                    String dataType,
                    String channel,
                    String purpose,
                    String category,
                    Instant start) {
                return dataType.equals("media") ? filesUntil : until;
            }
        };
    }

    static void bindObjects(Registry registry, Tenants tenants) {
        InstantSource clock = InstantSource.system();
        Buckets buckets = new Buckets(tenants, DEADLINE, DEADLINE);
        registry.bind(
                "eventObjects",
                new EventObjects(buckets, periods(FAR, FAR), Attachments.NONE, clock));
        registry.bind("objectDuties", new ObjectDuties(buckets, null, clock));
    }

    @Override
    protected String route() {
        return "archive-s3";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        bindObjects(registry, tenants);
    }

    @Override
    protected Receiver receiver() {
        return new BucketReceiver("/data/content/text");
    }
}
