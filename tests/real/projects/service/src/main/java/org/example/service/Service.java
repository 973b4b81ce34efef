package org.example.service;

import io.dropwizard.core.Application;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.setup.Environment;

public final class Service extends Application<Configuration> {
    @Override
    public void run(Configuration configuration, Environment environment) {
    }
}
