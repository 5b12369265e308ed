package org.jawort.api;

/** Ends a request with a problem and undoes what its transaction did. */
final class ApiProblem extends RuntimeException {

    private final transient Problem problem;

    ApiProblem(Problem problem) {
        super(problem.code(), null, false, false);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
