package org.jawort;

import org.jawort.retention.DeletionEvidence;
import org.jawort.retention.Erasure;
import org.jawort.retention.ErasureViews;
import org.jawort.retention.RetainedMessages;
import org.jawort.retention.RetentionRules;
import org.jawort.rights.DeletedFiles;
import org.jawort.rights.ErasureRun;
import org.jawort.rights.KeptByLaw;
import org.jawort.rights.Periods;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the rights of a person need of retention, here so that neither package knows the other. */
@Configuration(proxyBeanMethods = false)
class RightsBridge {

    @Bean
    Periods retentionPeriods(RetentionRules rules) {
        return new RetentionPeriods(rules);
    }

    @Bean
    KeptByLaw keptByLaw(RetainedMessages retained) {
        return new RetainedLetters(retained);
    }

    @Bean
    DeletedFiles deletedFiles(JdbcTemplate jdbc, RetentionRules rules) {
        return new DeletionEvidence(jdbc, rules)::deleted;
    }

    @Bean
    ErasureRun requestedErasure(Erasure erasure, ErasureViews views) {
        return new RequestedErasure(erasure, views);
    }
}
