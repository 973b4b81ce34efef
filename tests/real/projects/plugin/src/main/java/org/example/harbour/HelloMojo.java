package org.example.harbour;

import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugins.annotations.Mojo;

@Mojo(name = "hello", requiresProject = false)
public final class HelloMojo extends AbstractMojo {
    @Override
    public void execute() {
        getLog().info("hello from the harbour of 1.0-SNAPSHOT");
    }
}
