/**
 * Events as objects of S3 buckets, for archives and document systems: under keys made of ids,
 * locked as long as the retention rule asks, held and deleted when the hub says so.
 */
package org.jawort.objects;
