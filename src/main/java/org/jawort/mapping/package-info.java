/**
 * Turns one provider's webhook into the hub's words, and one event into a destination's words, by
 * the JSLT files under {@code mappings/}. {@link org.jawort.mapping.WebhookDocument} makes the
 * input, {@link org.jawort.mapping.Mappings} compiles once and runs thread-safely, and every entry
 * that comes out has passed {@code schema/mapping-output-v1.json}. A provider's new field never
 * stops the running hub; {@link org.jawort.mapping.ExampleCheck} is where it shows, before a
 * release.
 */
package org.jawort.mapping;
