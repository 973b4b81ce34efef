package org.example.harbour;

public final class Ship {
    private Ship() {
    }

    public static String name() {
        return "ship at " + Berth.name();
    }
}
