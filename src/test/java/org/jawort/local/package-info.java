/**
 * What stands in for the world outside when the hub runs on one machine: providers that sign as the
 * real ones do.
 */
package org.jawort.local;
