package org.jawort.delivery;

import java.time.InstantSource;
import org.apache.camel.spi.Registry;
import org.jawort.tenant.Tenants;

class SalesforceContractTest extends DestinationContract {

    @Override
    protected String route() {
        return "crm-salesforce";
    }

    @Override
    protected void bind(Registry registry, Tenants tenants) {
        registry.bind("httpOutcome", new HttpOutcome(InstantSource.system()));
    }

    @Override
    protected Receiver receiver() {
        return new SalesforceServer();
    }

    /** The record is the message's, whichever event tells of it. */
    @Override
    protected String key(DestinationEvent event) {
        return event.json().at("/data/messageId").textValue();
    }
}
