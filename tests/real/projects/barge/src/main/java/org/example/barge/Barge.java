package org.example.barge;

public final class Barge {
    private Barge() {
    }
}
