package org.jawort.media;

import org.jawort.MigratedDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresPiecesIT extends PieceStoreContract {

    private static MigratedDatabase database;

    @BeforeAll
    static void start() {
        database = MigratedDatabase.create();
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @Override
    PieceStore store() {
        return new PostgresPieces(database.scope(), database.jdbc());
    }
}
