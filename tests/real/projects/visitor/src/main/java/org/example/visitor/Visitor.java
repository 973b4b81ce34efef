package org.example.visitor;

import org.example.harbour.Berth;
import org.example.harbour.Ship;

public final class Visitor {
    private Visitor() {
    }

    public static void main(String[] arguments) {
        System.out.println(Ship.name() + ", not only " + Berth.name());
    }
}
