/**
 * Measures the hub against hand-written programs on one machine: {@code ./hub bench intake} and
 * {@code ./hub bench pipeline}. Everything measured is a process of its own on 127.0.0.1;
 * candidates take turns in random order, so that what else the machine does falls on all of them,
 * and only their ratios are judged. {@link org.jawort.bench.HandWrittenIntake}, {@link
 * org.jawort.bench.HandWrittenPipeline} and {@link org.jawort.bench.AfternoonProgram} are what the
 * hub is held against; each is meant to be as good as its description allows.
 */
package org.jawort.bench;
