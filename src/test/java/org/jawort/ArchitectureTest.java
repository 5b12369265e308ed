package org.jawort;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows between packages, and what no class of the hub does. */
@AnalyzeClasses(packages = "org.jawort", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final Set<String> CLOCK_READS =
            Set.of(
                    "now",
                    "millis",
                    "currentTimeMillis",
                    "systemUTC",
                    "systemDefaultZone",
                    "system");

    @ArchTest static final ArchRule messageKnowsNobody = knowsOnlyItself("message");

    @ArchTest static final ArchRule vaultKnowsNobody = knowsOnlyItself("vault");

    @ArchTest
    static final ArchRule nobodyKnowsTheSurfaces =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "..jawort.api..", "..jawort.console..", "..jawort.check..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("..jawort.api..", "..jawort.console..", "..jawort.check..");

    @ArchTest
    static final ArchRule theSurfacesDoNotKnowEachOther =
            slices().matching("org.jawort.(api|console|check)..")
                    .should()
                    .notDependOnEachOther()
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packagesFormNoCircle =
            slices().matching("org.jawort.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule namesSayWhatAClassIs =
            noClasses()
                    .should()
                    .haveSimpleNameContaining("Util")
                    .orShould()
                    .haveSimpleNameContaining("Helper")
                    .orShould()
                    .haveSimpleNameEndingWith("Manager")
                    .orShould()
                    .haveSimpleNameContaining("Common")
                    .orShould()
                    .haveSimpleNameEndingWith("Impl");

    @ArchTest
    static final ArchRule timeComesFromTheInjectedClock =
            noClasses()
                    .that()
                    .doNotHaveFullyQualifiedName("org.jawort.HubConfiguration")
                    .should()
                    .callMethodWhere(readsTheSystemClock());

    @ArchTest
    static final ArchRule onlyTheCheckPrints =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("..jawort.check..")
                    .should()
                    .accessField(System.class, "out")
                    .orShould()
                    .accessField(System.class, "err")
                    .orShould()
                    .callMethod(Throwable.class, "printStackTrace");

    @ArchTest
    static final ArchRule sendingKnowsOnlyWhatItNeeds =
            noClasses()
                    .that()
                    .resideInAPackage("org.jawort.sending..")
                    .should()
                    .dependOnClassesThat(
                            DescribedPredicate.describe(
                                    "know what is to be sent and where, not who asked",
                                    (JavaClass other) ->
                                            other.getPackageName().startsWith("org.jawort")
                                                    && !other.getPackageName()
                                                            .matches(
                                                                    "org\\.jawort\\.(sending|tenant|mapping|message|label|consent|delivery|store|vault).*|org\\.jawort")));

    /** FLT-2: whoever can mint a decision token decides. */
    @ArchTest
    static final ArchRule decisionTokensAreMintedInSendingOnly =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("org.jawort.sending..")
                    .should()
                    .callMethod(
                            "org.jawort.sending.DecisionGate",
                            "mint",
                            "org.jawort.sending.SendRequest",
                            "java.time.Instant");

    /** FLT-2: what calls out stands in routes/, where it is checked. */
    @ArchTest
    static final ArchRule onlyRoutesCallOut =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.net.http..")
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(java.net.URLConnection.class);

    @ArchTest
    static final ArchRule fieldsAreNotInjected =
            com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;

    @Test
    void nothingWaitsInMemoryInASeda() throws IOException {
        try (Stream<Path> files =
                Stream.concat(Files.walk(Path.of("routes")), Files.walk(Path.of("src/main")))) {
            List<Path> found =
                    files.filter(Files::isRegularFile)
                            .filter(ArchitectureTest::mentionsSeda)
                            .toList();

            assertThat(found).isEmpty();
        }
    }

    private static boolean mentionsSeda(Path file) {
        try {
            return Files.readString(file).matches("(?s).*\\bseda\\b.*");
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    private static ArchRule knowsOnlyItself(String name) {
        return noClasses()
                .that()
                .resideInAPackage("org.jawort." + name + "..")
                .should()
                .dependOnClassesThat(
                        DescribedPredicate.describe(
                                "are of another package of the hub",
                                (JavaClass other) ->
                                        other.getPackageName().startsWith("org.jawort")
                                                && !other.getPackageName()
                                                        .startsWith("org.jawort." + name)));
    }

    private static DescribedPredicate<JavaCall<?>> readsTheSystemClock() {
        return DescribedPredicate.describe(
                "read the system's clock",
                call -> {
                    JavaClass owner = call.getTargetOwner();
                    boolean clock =
                            owner.getPackageName().equals("java.time")
                                    || owner.isEquivalentTo(System.class);
                    boolean injected =
                            owner.isEquivalentTo(InstantSource.class)
                                            && call.getName().equals("millis")
                                    || owner.isEquivalentTo(Clock.class)
                                            && call.getName().equals("millis");
                    return clock && !injected && CLOCK_READS.contains(call.getName());
                });
    }
}
