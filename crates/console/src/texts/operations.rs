texts! {
    /// How the gateway is.
    OperationTexts {
        title: "Operations", "Betrieb";
        lead: "How the gateway is, and what it does for all without being asked.", "Wie es dem Gateway geht, und was es ungefragt für alle tut.";
        health: "This node", "Dieser Knoten";
        ready: "Ready", "Bereit";
        yes: "yes", "ja";
        no: "no", "nein";
        database: "Database", "Datenbank";
        reads: "answers", "antwortet";
        silent: "does not answer", "antwortet nicht";
        disk: "Disk", "Platte";
        disk_free: "{free} free", "{free} frei";
        disk_least: "Full below", "Voll unter";
        disk_none: "none is used", "keine wird benutzt";
        audit_waiting: "Events waiting", "Wartende Ereignisse";
        audit_lost: "Events lost", "Verlorene Ereignisse";
        unstored: "Unstored changes", "Ungespeicherte Änderungen";
        workers: "Workers", "Hintergrundarbeit";
        workers_caption: "Workers", "Hintergrundarbeiten";
        working: "at work", "arbeitet";
        waiting: "waiting", "wartet";
        late: "late by {secs} s", "{secs} s zu spät";
        last: "Last done", "Zuletzt erledigt";
        next: "Next", "Nächstes Mal";
        failures: "Failures since", "Fehlschläge seitdem";
        failing: "{things} are tried again", "{things} werden noch einmal versucht";
        given_up: "{things} were given up", "{things} wurden aufgegeben";
        never: "never", "nie";
        nodes: "Nodes", "Knoten";
        nodes_caption: "Processes that share the rows", "Prozesse mit denselben Daten";
        here: "this one", "dieser";
        release: "Release", "Version";
        started: "Started", "Gestartet";
        policy: "Policy version", "Stand der Rechte";
        lease: "Alive until", "Lebt bis";
        jobs: "Jobs", "Aufträge";
        jobs_caption: "Jobs, the newest first", "Aufträge, die neuesten zuerst";
        no_jobs: "Nothing was asked for.", "Es wurde nichts verlangt.";
        job: "Job", "Auftrag";
        verify: "Verify the audit", "Protokoll prüfen";
        verify_why: "Computes the chain of administrative events anew, from the first that is kept.", "Berechnet die Kette der Verwaltungsereignisse neu, ab dem ersten, das noch da ist.";
        cancel: "Take back", "Zurücknehmen";
        state: "State", "Zustand";
        done: "Done", "Erledigt";
        asked_by: "Asked for by", "Verlangt von";
        result: "Result", "Ergebnis";
        of: "{done} of {total} {unit}", "{done} von {total} {unit}";
        queued: "waiting", "wartet";
        running: "running", "läuft";
        is_done: "done", "erledigt";
        failed: "failed", "fehlgeschlagen";
        cancelled: "taken back", "zurückgenommen";
    }
}
