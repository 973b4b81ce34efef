package org.example.hashed;

/** Something to hash. */
public final class Hashed {
    private Hashed() {}
}
