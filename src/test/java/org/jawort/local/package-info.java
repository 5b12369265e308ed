/**
 * Runs the hub on one machine with nothing installed but a JDK: an embedded PostgreSQL, a Kafka
 * node as a child process, and a CRM that keeps what it receives. {@link org.jawort.local.LocalHub}
 * puts them together for {@code ./hub run}, {@link org.jawort.local.Simulate} plays the providers,
 * and tests and benchmarks use the parts on their own. Everything binds to 127.0.0.1 and is for
 * development: its passwords and keys are published.
 */
package org.jawort.local;
