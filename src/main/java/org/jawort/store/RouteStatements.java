package org.jawort.store;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.postgresql.core.Parser;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * Where camel-jdbc has its connections from: each statement runs in the transaction its route
 * opened, and knows how many parameters it has.
 *
 * <p>camel-jdbc asks for that number before each execution. The driver passes the question on to
 * the server, without the parameters' types, and because of that gives up the statement it has
 * prepared: each execution was parsed twice and planned anew.
 */
public final class RouteStatements extends TransactionAwareDataSourceProxy {

    /** By statement, of which routes have a bounded number. */
    private final Map<String, Integer> parameters = new ConcurrentHashMap<>();

    public RouteStatements(DataSource dataSource) {
        super(dataSource);
    }

    @Override
    protected Connection getTransactionAwareConnectionProxy(DataSource dataSource) {
        Connection connection = super.getTransactionAwareConnectionProxy(dataSource);
        return proxy(
                Connection.class,
                (proxy, method, arguments) -> {
                    Object result = invoke(connection, method, arguments);
                    return result instanceof PreparedStatement statement
                            ? counted(statement, (String) arguments[0])
                            : result;
                });
    }

    private PreparedStatement counted(PreparedStatement statement, String sql) throws SQLException {
        Integer known = parameters.get(sql);
        if (known == null) {
            known = count(sql);
            parameters.put(sql, known);
        }
        Integer count = known;
        var metadata =
                proxy(
                        ParameterMetaData.class,
                        (proxy, method, arguments) ->
                                method.getName().equals("getParameterCount")
                                        ? count
                                        : invoke(
                                                statement.getParameterMetaData(),
                                                method,
                                                arguments));
        return proxy(
                PreparedStatement.class,
                (proxy, method, arguments) ->
                        method.getName().equals("getParameterMetaData")
                                ? metadata
                                : invoke(statement, method, arguments));
    }

    /** As the driver counts them, which knows a question mark in quotes from a parameter. */
    private static int count(String sql) throws SQLException {
        return Parser.parseJdbcSql(sql, true, true, false, false, false)
                .getFirst()
                .bindPositions
                .length;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(
                        RouteStatements.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object invoke(Object target, Method method, Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failed) {
            throw failed.getTargetException();
        }
    }
}
