package org.jawort.retention;

import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteTemplateDefinition;
import org.jawort.tenant.Destination;

/** What the route template of a destination says of erasures, by its parameter {@code erasure}. */
final class RouteErasure {

    private RouteErasure() {}

    /**
     * Whether the destination finds what it has by the id of its message alone, so that each
     * message has to be named: the parameter is {@code each-message}. Else one event about the
     * person does.
     */
    static boolean isOfEachMessage(CamelContext camel, Destination destination) {
        RouteTemplateDefinition template =
                camel.getCamelContextExtension()
                        .getContextPlugin(Model.class)
                        .getRouteTemplateDefinition(destination.route());
        return template != null
                && template.getTemplateParameters() != null
                && template.getTemplateParameters().stream()
                        .filter(parameter -> "erasure".equals(parameter.getName()))
                        .anyMatch(parameter -> "each-message".equals(parameter.getDefaultValue()));
    }
}
