package org.jawort.document;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jawort.document.ArchiveProcedures.Procedure;
import org.jawort.document.ArchiveProcedures.Version;
import org.jawort.retention.RetentionRules;
import org.jawort.tenant.Tenant;
import org.springframework.jdbc.core.JdbcTemplate;

/** A description of how archives are fed, for people, in German. */
public final class ProcedureDocument {

    /** Forbids a browser everything but the page's own style. */
    public static final String CONTENT_SECURITY_POLICY = Page.CONTENT_SECURITY_POLICY;

    private final Page page;

    private ProcedureDocument(Page page) {
        this.page = page;
    }

    /**
     * @param history newest first
     */
    public static ProcedureDocument of(Procedure procedure, List<Version> history) {
        return new ProcedureDocument(
                ProcedureText.of(
                        procedure.description(), procedure.version(), procedure.until(), history));
    }

    /**
     * Of the files as they are; which version that is, if it is one, says the history.
     *
     * @param home the folder that holds tenants/, routes/ and mappings/
     * @param jdbc in a transaction for this tenant; {@code null} if there is no store to look into
     */
    public static ProcedureDocument of(
            Path home, Tenant tenant, RetentionRules rules, JdbcTemplate jdbc) {
        JsonNode description = ArchiveDescription.of(home, tenant, rules.rules(tenant.id()));
        List<Version> history =
                jdbc == null ? List.of() : ArchiveProcedures.versions(jdbc, tenant.id());
        Version newest = history.isEmpty() ? null : history.getFirst();
        boolean inForce =
                newest != null && newest.sha256().equals(ArchiveProcedures.sha256(description));
        return new ProcedureDocument(
                ProcedureText.of(description, inForce ? newest : null, null, history));
    }

    /** CommonMark with tables, UTF-8. */
    public byte[] markdown() {
        return page.markdown().getBytes(StandardCharsets.UTF_8);
    }

    /** One page without script, UTF-8. */
    public byte[] html() {
        return page.html("de").getBytes(StandardCharsets.UTF_8);
    }
}
