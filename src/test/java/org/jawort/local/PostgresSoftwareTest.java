package org.jawort.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PostgresSoftwareTest {

    @Test
    void runsAsNobodyForRootAndAsItselfForOthers() {
        assertThat(PostgresSoftware.prefix(true, true)).containsExactly("unshare", "-U");
        assertThat(PostgresSoftware.prefix(false, false)).isEmpty();
    }

    @Test
    void saysWhatRootCanDoWhereThereAreNoNamespaces() {
        assertThatThrownBy(() -> PostgresSoftware.prefix(true, false))
                .isInstanceOf(LocalStartFailed.class)
                .hasMessageContaining("does not run as root")
                .hasMessageContaining("--user")
                .message()
                .doesNotContain("\n");
    }
}
