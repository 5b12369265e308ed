package org.jawort.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Period;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeriodsTest {

    @ParameterizedTest
    @DisplayName(
            "RET-3: a period is longer than another one if it is from a single day of any year")
    @CsvSource({
        "P366D, P12M, true", // but for a leap year
        "P12M, P366D, false",
        "P12M, P365D, true", // in a leap year only
        "P365D, P12M, false",
        "P31D, P1M, true",
        "P1M, P30D, true",
        "P4Y, P1460D, true",
        "P4Y, P1461D, false",
        "P8Y, P2920D, true",
        "P1Y, P12M, false",
        "P2M30D, P90D, true",
        "P90D, P3M, true", // from 1 February
        "P3M, P92D, false",
        "P100Y, P36525D, false"
    })
    void comparesFromEachDayThereIs(Period one, Period other, boolean isLonger) {
        assertThat(Periods.isLonger(one, other)).isEqualTo(isLonger);
    }

    @ParameterizedTest
    @CsvSource({
        "P100Y, false",
        "P101Y, true",
        "P1201M, true",
        "P999999999Y, true",
        "P-999999999Y, true",
        "P2147483647D, true",
        "P-2147483648D, true"
    })
    void knowsWhatNobodyCanMean(Period period, boolean isBeyond) {
        assertThat(Periods.isBeyondMeasure(period)).isEqualTo(isBeyond);
    }
}
