package org.jawort.delivery;

import org.apache.camel.spi.Registry;
import org.jawort.tenant.Tenants;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.SAME_THREAD) // one server for all, which takes its time when it is new
class DmsS3ContractTest extends DestinationContract {

    @Override
    protected String route() {
        return "dms-s3";
    }

    @Override
    protected String mapping() {
        return "destinations/document.jslt";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        ArchiveS3ContractTest.bindObjects(registry, tenants);
    }

    @Override
    protected Receiver receiver() {
        return new BucketReceiver("/text");
    }
}
