/**
 * What an archive or a document management system ingests: each event as an Internet message or a
 * line, in files that are closed with a manifest, and the verification of such files without the
 * hub (RET-11).
 */
package org.jawort.archive;
