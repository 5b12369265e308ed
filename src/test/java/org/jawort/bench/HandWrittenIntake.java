package org.jawort.bench;

/** Webhook to 200 by hand: verify, send the raw body to Kafka, wait for all replicas, answer. */
public final class HandWrittenIntake {

    private HandWrittenIntake() {}

    public static void main(String[] arguments) throws Exception {
        var kafka = HandWrittenKafka.newTopic("hand-written-intake");

        HandWrittenServer.serve(kafka::store);
    }
}
