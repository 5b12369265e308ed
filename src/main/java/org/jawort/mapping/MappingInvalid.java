package org.jawort.mapping;

/**
 * A mapping file that does not compile, told to the engineer who wrote it. Only seen at start or in
 * a check, never with a webhook.
 */
public final class MappingInvalid extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final int line;
    private final int column;

    /**
     * @param file below the mappings folder
     * @param line from 1; 0 if the whole file is meant
     * @param column from 1; 0 if the whole line is meant
     * @param fix what is wrong, in words that tell what to change
     */
    MappingInvalid(String file, int line, int column, String fix) {
        super("mappings/" + file + (line > 0 ? ":" + line + ":" + column : "") + ": " + fix);
        this.file = file;
        this.line = line;
        this.column = column;
    }

    public String file() {
        return file;
    }

    public int line() {
        return line;
    }

    public int column() {
        return column;
    }
}
