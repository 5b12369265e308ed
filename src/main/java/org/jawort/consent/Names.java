package org.jawort.consent;

import com.github.f4b6a3.uuid.UuidCreator;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jawort.consent.ConsentBook.Person;

/**
 * Which subjects of a book are names of one person: those of one identity (decision 0007). Not
 * thread-safe.
 */
final class Names {

    private final Map<Person, UUID> identities = new HashMap<>();
    private final Map<Person, UUID> changed = new HashMap<>();

    void loaded(Person name, UUID identity) {
        identities.put(name, identity);
    }

    boolean areOnes(Person one, Person other) {
        UUID identity = identities.get(one);
        return identity != null && identity.equals(identities.get(other));
    }

    /** What else the person is known as. */
    List<Person> others(Person name) {
        return identities.containsKey(name)
                ? identities.keySet().stream()
                        .filter(other -> !other.equals(name) && areOnes(name, other))
                        .sorted(Comparator.comparing(Person::subject))
                        .toList()
                : List.of();
    }

    /** This name and the others. */
    List<Person> all(Person name) {
        return Stream.concat(Stream.of(name), others(name).stream()).toList();
    }

    /** From now on all names of both are one person's. */
    void join(Person one, Person other) {
        UUID identity =
                Stream.of(one, other)
                        .map(identities::get)
                        .filter(known -> known != null)
                        .findFirst()
                        .orElseGet(UuidCreator::getRandomBasedFast);
        Stream.concat(all(one).stream(), all(other).stream())
                .toList()
                .forEach(
                        name -> {
                            if (!identity.equals(identities.put(name, identity))) {
                                changed.put(name, identity);
                            }
                        });
    }

    void leave(Person name) {
        if (identities.remove(name) != null) {
            changed.put(name, null);
        }
    }

    /** Identities that are to be stored, by name; null for whoever has one name again. */
    Map<Person, UUID> changed() {
        return changed;
    }
}
