package org.jawort.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/**
 * A column of ids as PostgreSQL's own bytes ({@code array_send}). The driver writes arrays of them
 * as text only, which costs both sides four times as much (docs/decisions/0013). It asks for bytes
 * only over a connection with {@code binaryTransferEnable=2951}, else for text.
 */
final class UuidArray extends PGobject implements PGBinaryObject {

    private static final long serialVersionUID = 1;

    private static final int UUID_OID = 2950;
    private static final int HEAD = 20;

    private final UUID[] ids;

    /**
     * @param ids each may be {@code null}
     */
    UuidArray(UUID[] ids) {
        this.ids = ids;
        this.type = "_uuid";
    }

    @Override
    public String getValue() {
        return Arrays.stream(ids)
                .map(id -> id == null ? "NULL" : id.toString())
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Override
    public int lengthInBytes() {
        return HEAD + Arrays.stream(ids).mapToInt(id -> Integer.BYTES + bytes(id)).sum();
    }

    private static int bytes(UUID id) {
        return id == null ? 0 : 2 * Long.BYTES;
    }

    @Override
    public void toBytes(byte[] bytes, int offset) {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        out.position(offset);
        out.putInt(1); // dimensions
        out.putInt(Arrays.asList(ids).contains(null) ? 1 : 0);
        out.putInt(UUID_OID);
        out.putInt(ids.length);
        out.putInt(1); // the first is number 1
        for (UUID id : ids) {
            if (id == null) {
                out.putInt(-1);
            } else {
                out.putInt(bytes(id));
                out.putLong(id.getMostSignificantBits());
                out.putLong(id.getLeastSignificantBits());
            }
        }
    }

    @Override
    public void setByteValue(byte[] bytes, int offset) {
        throw new UnsupportedOperationException("is written only");
    }
}
