/**
 * Asks processors to erase in the shape of OpenDSR 2.0 (DSR-10): one request per run and processor,
 * a receipt that the processor signed, and callbacks that tell how far it is.
 */
package org.jawort.opendsr;
