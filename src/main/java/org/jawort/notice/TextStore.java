package org.jawort.notice;

import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.store.TenantScope;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.jawort.tenant.TextKind;
import org.jawort.tenant.TextVersion;
import org.springframework.jdbc.core.JdbcTemplate;

/** The table of all text versions a tenant ever showed; only ever added to. */
final class TextStore {

    private final TenantScope scope;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    TextStore(TenantScope scope, JdbcTemplate jdbc, InstantSource clock) {
        this.scope = scope;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Adds what the tenant's file names and the store does not have yet.
     *
     * @return everything stored, also versions whose file is gone
     * @throws org.jawort.tenant.TenantFileInvalid if a file says something else than the stored
     *     version of the same number
     */
    List<Text> keep(Tenant tenant, Tenants tenants) {
        return scope.call(
                tenant.id(),
                () -> {
                    insert(tenant);
                    List<Text> stored = stored(tenant.id());
                    for (Text text : stored) {
                        tenants.texts().stream()
                                .filter(file -> file.reference().equals(text.reference()))
                                .forEach(file -> requireSame(tenant.id(), file, text));
                    }
                    return stored;
                });
    }

    private void insert(Tenant tenant) {
        List<Text> texts = new ArrayList<>();
        for (List<TextVersion> versions : tenant.texts().values()) {
            for (TextVersion version : versions) {
                version.texts().keySet().forEach(one -> texts.add(Text.of(version, one)));
            }
        }
        Bulk.update(
                jdbc,
                """
                insert into text_version (tenant, id, version, language, kind, purpose, embeds_notice, author, approved_by,
                                          valid_from, change, notice_url, words, sha256, stored_at)
                select ?, n.*, ?::timestamptz
                  from unnest(?::text[], ?::int[], ?::text[], ?::text[], ?::text[], ?::bool[], ?::text[], ?::text[],
                              ?::date[], ?::text[], ?::text[], ?::text[], ?::bytea[]) as n
                on conflict do nothing""",
                Column.one(tenant.id()),
                Column.one(clock.instant()),
                Column.of("text", texts, Text::id),
                Column.of("int4", texts, Text::version),
                Column.of("text", texts, Text::language),
                Column.of("text", texts, text -> text.kind().wireName()),
                Column.of("text", texts, Text::purpose),
                Column.of("bool", texts, Text::embedsNotice),
                Column.of("text", texts, Text::author),
                Column.of("text", texts, Text::approvedBy),
                Column.of("text", texts, text -> text.validFrom().toString()),
                Column.of("text", texts, text -> text.change().name().toLowerCase(Locale.ROOT)),
                Column.of("text", texts, Text::noticeUrl),
                Column.of("text", texts, Text::words),
                Column.of("bytea", texts, Text::sha256));
    }

    private List<Text> stored(String tenant) {
        return jdbc.query(
                "select * from text_version where tenant = ? order by id, version, language",
                (row, n) ->
                        new Text(
                                row.getString("id"),
                                row.getInt("version"),
                                row.getString("language"),
                                TextKind.of(row.getString("kind")),
                                row.getString("purpose"),
                                row.getBoolean("embeds_notice"),
                                row.getString("author"),
                                row.getString("approved_by"),
                                row.getObject("valid_from", LocalDate.class),
                                TextVersion.Change.valueOf(
                                        row.getString("change").toUpperCase(Locale.ROOT)),
                                row.getString("notice_url"),
                                row.getString("words")),
                tenant);
    }

    private static void requireSame(String tenant, TextVersion file, Text stored) {
        if (!file.texts().containsKey(stored.language())) {
            return; // no longer shown in this language; what was shown stays stored
        }
        Map<String, Object> before = facts(stored);
        facts(Text.of(file, stored.language()))
                .forEach(
                        (pointer, now) -> {
                            if (!Objects.equals(now, before.get(pointer))) {
                                throw file.place()
                                        .invalid(
                                                pointer,
                                                "differs from what tenant "
                                                        + tenant
                                                        + " already has as "
                                                        + stored.reference()
                                                        + "; a version never changes: raise the"
                                                        + " version (and the file's name to "
                                                        + stored.id()
                                                        + "-v"
                                                        + (stored.version() + 1)
                                                        + ".yaml)");
                            }
                        });
    }

    /** By JSON pointer into the file. */
    private static Map<String, Object> facts(Text text) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("/text/" + text.language(), text.words());
        facts.put("/kind", text.kind());
        facts.put("/purpose", text.purpose());
        facts.put("/embedsNotice", text.embedsNotice());
        facts.put("/author", text.author());
        facts.put("/approvedBy", text.approvedBy());
        facts.put("/validFrom", text.validFrom());
        facts.put("/change", text.change());
        facts.put("/noticeUrl", text.noticeUrl());
        return facts;
    }
}
