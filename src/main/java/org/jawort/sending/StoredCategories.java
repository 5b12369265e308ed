package org.jawort.sending;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jawort.store.Bulk;
import org.jawort.store.Bulk.Column;
import org.jawort.tenant.Template;
import org.jawort.tenant.Tenants;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What providers' events said last of the names a template has with them; before any did, what the
 * tenant's file says the provider approved it as.
 */
final class StoredCategories implements TemplateCategories {

    private static final List<TemplateCategory> STRICTEST_FIRST =
            List.of(
                    TemplateCategory.MARKETING,
                    TemplateCategory.AUTHENTICATION,
                    TemplateCategory.UTILITY);

    private final Tenants tenants;
    private final JdbcTemplate jdbc;

    StoredCategories(Tenants tenants, JdbcTemplate jdbc) {
        this.tenants = tenants;
        this.jdbc = jdbc;
    }

    @Override
    public Optional<TemplateCategory> of(String tenant, String template) {
        Template file = tenants.get(tenant).templates().get(template);
        List<String> names = new ArrayList<>(List.of(template));
        if (file != null) {
            file.languages().values().stream()
                    .flatMap(variant -> variant.providers().values().stream())
                    .flatMap(one -> Stream.of(one.name(), one.providerId()))
                    .filter(Objects::nonNull)
                    .forEach(names::add);
        }
        return Bulk.query(
                        jdbc,
                        "select distinct category from template_category where tenant = ? and template = any(?::text[])",
                        row -> TemplateCategory.valueOf(row.getString(1)),
                        Column.one(tenant),
                        Column.of("text", names, name -> name))
                .stream()
                .min(Comparator.comparing(STRICTEST_FIRST::indexOf))
                .or(
                        () ->
                                Optional.ofNullable(file)
                                        .map(one -> TemplateCategory.valueOf(one.category())));
    }
}
