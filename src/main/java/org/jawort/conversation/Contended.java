package org.jawort.conversation;

/**
 * Another transaction made the same row first. Nothing was stored; the batch is done again and
 * finds it.
 */
public class Contended extends RuntimeException {

    Contended(String what) {
        super(what, null, false, false);
    }
}
