/**
 * Events on a Kafka topic of the tenant's own, in the clear, where somebody approved it by name:
 * the one exception to the rule that the hub puts no person's data into Kafka.
 */
package org.jawort.topics;
