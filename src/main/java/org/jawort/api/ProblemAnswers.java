package org.jawort.api;

import jakarta.servlet.http.HttpServletResponse;
import java.sql.SQLException;
import org.apache.camel.CamelExecutionException;
import org.jawort.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Makes a problem of whatever ends a request early. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ProblemAnswers extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemAnswers.class);

    private final Answers answers;

    ProblemAnswers(Answers answers) {
        this.answers = answers;
    }

    @ExceptionHandler
    ResponseEntity<byte[]> problem(ApiProblem problem) {
        return answers.of(problem.problem());
    }

    /**
     * @throws Exception the failure itself where an answer has begun: Tomcat breaks it off, while
     *     anything written behind the half of it would make it look whole
     */
    @ExceptionHandler
    ResponseEntity<byte[]> failure(Exception failure, HttpServletResponse response)
            throws Exception {
        Throwable cause =
                failure instanceof CamelExecutionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        boolean isTransient = isTransient(cause);
        LOG.warn(
                "api.failed code={} cause={}",
                isTransient ? "UNAVAILABLE" : "INTERNAL",
                Failures.describe(cause));
        if (response.isCommitted()) {
            throw failure;
        }
        return answers.of(isTransient ? Problem.UNAVAILABLE : Problem.INTERNAL);
    }

    /** What Spring MVC itself refuses: unknown path, wrong method and the like. */
    @Override
    protected ResponseEntity<Object> handleExceptionInternal(
            Exception failure,
            Object body,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        if (isBegun(request)) {
            throw failure instanceof RuntimeException broken
                    ? broken
                    : new IllegalStateException(failure);
        }
        Problem problem = Problem.ofStatus(status.value());
        HttpHeaders all = new HttpHeaders();
        all.addAll(headers);
        answers.headers(problem.status()).forEach(all::put);
        return ResponseEntity.status(problem.status())
                .headers(all)
                .body((Object) answers.bytes(problem));
    }

    private static boolean isBegun(WebRequest request) {
        return request instanceof ServletWebRequest servlet
                && servlet.getResponse() != null
                && servlet.getResponse().isCommitted();
    }

    /** Whether trying again can help. */
    static boolean isTransient(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof TransactionException
                    || at instanceof DataAccessResourceFailureException
                    || at instanceof TransientDataAccessException
                    || at instanceof RecoverableDataAccessException
                    || at instanceof SQLException sql && isLost(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    /** Connection lost (class 08) or the server is going down or coming up (57P). */
    private static boolean isLost(String state) {
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }
}
