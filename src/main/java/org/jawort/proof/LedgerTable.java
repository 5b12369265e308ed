package org.jawort.proof;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jawort.consent.LedgerEntry;
import org.jawort.consent.PersonalPart;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The rows of the ledger as they are, read within one transaction that names the tenant. It needs
 * no key: nothing is decrypted.
 */
public final class LedgerTable {

    private static final int FETCH = 2_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();

    /**
     * @param personal {@code null} once it was erased
     */
    public record Row(LedgerEntry entry, PersonalPart personal) {}

    private final JdbcTemplate jdbc;

    public LedgerTable(JdbcTemplate jdbc) {
        this.jdbc = new JdbcTemplate(jdbc.getDataSource());
        this.jdbc.setFetchSize(FETCH);
    }

    public long count(String tenant) {
        return jdbc.queryForObject(
                "select count(*) from consent_event where tenant = ?", Long.class, tenant);
    }

    /** In order of their numbers; to be closed. */
    Stream<Row> rows(String tenant) {
        return jdbc.queryForStream(
                "select "
                        + LedgerEntry.SELECT
                        + ", s.salt, s.address_lookup, s.sealed_evidence from consent_event e"
                        + " left join consent_salt s on s.tenant = e.tenant and s.event_id = e.id"
                        + " where e.tenant = ? order by e.chain_index, e.position",
                (row, n) ->
                        new Row(
                                LedgerEntry.read(row),
                                row.getBytes("salt") == null
                                        ? null
                                        : new PersonalPart(
                                                row.getBytes("salt"),
                                                row.getBytes("address_lookup"),
                                                row.getBytes("sealed_evidence"))),
                tenant);
    }

    /** Entries that name this hash as their predecessor's. */
    List<LedgerEntry> after(String tenant, String hash) {
        return jdbc.query(
                "select "
                        + LedgerEntry.SELECT
                        + " from consent_event e where e.tenant = ? and e.prev_hash = ?",
                (row, n) -> LedgerEntry.read(row),
                tenant,
                HEX.parseHex(hash));
    }

    Optional<LedgerAnchors.Head> head(String tenant) {
        return jdbc
                .query(
                        "select chain_index, entry_hash from consent_chain where tenant = ?",
                        (row, n) ->
                                new LedgerAnchors.Head(
                                        row.getLong(1), LedgerEntry.hex(row.getBytes(2))),
                        tenant)
                .stream()
                .findFirst();
    }

    /** By hash, what is wrong with terms that entries name. */
    Map<String, String> changedTerms(String tenant) {
        Map<String, String> wrong = new HashMap<>();
        jdbc.query(
                "select n.sha256, t.terms from"
                        + " (select distinct terms_sha256 as sha256 from consent_event"
                        + "   where tenant = ? and terms_sha256 is not null) n"
                        + " left join consent_terms t on t.tenant = ? and t.sha256 = n.sha256",
                row -> {
                    String sha256 = HEX.formatHex(row.getBytes(1));
                    String terms = row.getString(2);
                    if (terms == null) {
                        wrong.put(sha256, "are gone");
                    } else if (!LedgerVerifier.isHashOf(sha256, parsed(terms))) {
                        wrong.put(sha256, "were changed");
                    }
                },
                tenant,
                tenant);
        return wrong;
    }

    /** By {@code version/language}, what is wrong with texts whose hash entries hold. */
    Map<String, String> changedTexts(String tenant) {
        Map<String, String> wrong = new HashMap<>();
        jdbc.query(
                """
                select n.text_version, n.language, t.id is null as gone
                  from (select distinct text_version, language, text_sha256 from consent_event
                         where tenant = ? and text_sha256 is not null) n
                  left join text_version t on t.tenant = ? and t.id || '-v' || t.version = regexp_replace(n.text_version, '^texts/', '')
                                          and t.language = split_part(n.language, '-', 1)
                 where t.id is null or t.sha256 <> n.text_sha256 or sha256(convert_to(t.words, 'UTF8')) <> n.text_sha256""",
                row -> {
                    wrong.put(
                            row.getString(1) + "/" + row.getString(2),
                            row.getBoolean(3) ? "is gone" : "was changed");
                },
                tenant,
                tenant);
        return wrong;
    }

    private static com.fasterxml.jackson.databind.JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
