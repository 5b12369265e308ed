package org.jawort;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The hub. */
@SpringBootApplication
public class JawortApplication {

    public static void main(String[] args) {
        SpringApplication.run(JawortApplication.class, args);
    }
}
