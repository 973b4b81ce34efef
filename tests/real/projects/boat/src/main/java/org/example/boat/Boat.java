package org.example.boat;

public final class Boat {
    private Boat() {
    }

    public static void main(String[] arguments) {
        System.out.println("a boat");
    }
}
