package org.jawort.retention;

import java.util.List;
import org.jawort.tenant.Tenant;
import org.jawort.tenant.Tenants;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.JdbcTemplate;

/** Stops the start while a table holds data of tenants that no rule would ever delete (RET-1). */
final class RetentionCoverage implements InitializingBean {

    private final JdbcTemplate jdbc;
    private final RetentionRules rules;
    private final Tenants tenants;

    RetentionCoverage(JdbcTemplate jdbc, RetentionRules rules, Tenants tenants) {
        this.jdbc = jdbc;
        this.rules = rules;
        this.tenants = tenants;
    }

    @Override
    public void afterPropertiesSet() {
        List<String> tables =
                jdbc.queryForList(
                        "select table_name from information_schema.columns natural join information_schema.tables"
                                + " where table_schema = current_schema() and column_name = 'tenant' and table_type = 'BASE TABLE'",
                        String.class);
        for (String table : tables) {
            String dataType = RetentionRules.DATA_TYPE_BY_TABLE.get(table);
            if (dataType == null) {
                throw new IllegalStateException(
                        "table "
                                + table
                                + " has no data type and so no retention rule (RET-1);"
                                + " name one in RetentionRules");
            }
            for (Tenant tenant : tenants.all()) {
                rules.rule(tenant.id(), dataType);
            }
        }
    }
}
