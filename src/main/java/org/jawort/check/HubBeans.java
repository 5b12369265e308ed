package org.jawort.check;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** The names routes may refer to, read from the hub's configurations without starting it. */
final class HubBeans {

    /**
     * Bound to Camel's registry when it starts, because as beans they would displace Boot's own.
     */
    private static final Set<String> BOUND_AT_START =
            Set.of(
                    "transactionalDataSource",
                    "deliveryThreads",
                    "retentionThreads",
                    "mediaThreads");

    private final Map<String, Class<?>> types = new LinkedHashMap<>();

    HubBeans() {
        var scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AnnotationTypeFilter(Configuration.class));
        for (BeanDefinition found : scan.findCandidateComponents("org.jawort")) {
            try {
                add(Class.forName(found.getBeanClassName()));
            } catch (ClassNotFoundException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private void add(Class<?> configuration) {
        for (Method method : configuration.getDeclaredMethods()) {
            Bean bean = method.getAnnotation(Bean.class);
            if (bean != null) {
                String name = bean.value().length > 0 ? bean.value()[0] : method.getName();
                types.put(name, method.getReturnType());
            }
        }
    }

    boolean has(String name) {
        return types.containsKey(name) || BOUND_AT_START.contains(name);
    }

    /** Empty if the bean is known not to have the method. */
    Optional<String> method(String bean, String method) {
        Class<?> type = types.get(bean);
        boolean there =
                type == null
                        || Arrays.stream(type.getMethods())
                                .anyMatch(found -> found.getName().equals(method));
        return there ? Optional.of(method) : Optional.empty();
    }

    String names() {
        return String.join(", ", types.keySet().stream().sorted().toList());
    }
}
