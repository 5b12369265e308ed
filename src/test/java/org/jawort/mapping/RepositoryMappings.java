package org.jawort.mapping;

import java.nio.file.Path;

/** The mappings of this repository, compiled once for all tests of a JVM: that takes a while. */
public final class RepositoryMappings {

    public static final Mappings ALL = new Mappings(Path.of("mappings"));

    private RepositoryMappings() {}
}
