package org.jawort.delivery;

import org.apache.camel.spi.Registry;
import org.jawort.tenant.Tenants;

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
