package org.example.harbour;

public final class Berth {
    private Berth() {
    }

    public static String name() {
        return "berth of 1.0-SNAPSHOT";
    }
}
