texts! {
    /// The first page.
    HomeTexts {
        title: "Home", "Start";
        your_projects: "Your projects", "Deine Projekte";
        no_project_title: "You take part in no project yet", "Du bist noch in keinem Projekt";
        no_project: "Ask an administrator, or look at what is public.", "Frage einen Administrator, oder sieh dir an, was öffentlich ist.";
        all_projects: "All projects", "Alle Projekte";
        needs_you: "Needs you", "Wartet auf dich";
        nothing_waits: "Nothing is waiting.", "Nichts wartet.";
        token_ends: "Token {name} ends {when}", "Token {name} endet {when}";
        your_role: "You are", "Du bist";
        administers: "administrator", "Verwalter";
        publishes: "may publish", "darf veröffentlichen";
        reads: "may read", "darf lesen";
        reads_some: "may read in it", "darf einiges lesen";
        all_numbers: "All numbers", "Alle Zahlen";
        saved: "Saved by sharing", "Durch Teilen gespart";
        counted: "counted {when}", "gezählt {when}";
        newest: "Newest versions", "Neueste Versionen";
        newest_none: "Nothing was published yet of what you may read.", "Von dem, was du lesen darfst, wurde noch nichts veröffentlicht.";
        when: "When", "Wann";
        part_failed: "This could not be had just now. Load the page again in a moment.", "Das war gerade nicht zu bekommen. Lade die Seite gleich noch einmal.";
        webhook_fails: "Webhook {name} of {place} has been failing since {when}", "Webhook {name} von {place} scheitert seit {when}";
        webhook_off: "Webhook {name} of {place} was switched off {when}, after it failed for long", "Webhook {name} von {place} wurde {when} abgeschaltet, nachdem er lange scheiterte";
        worker_gave_up: "{name} has given things up after twenty tries: {things}", "{name} hat nach zwanzig Versuchen aufgegeben: {things}";
        worker_fails: "{name} is late or failing; failures so far: {failures}", "{name} ist im Verzug oder scheitert; Fehler bisher: {failures}";
        node_silent: "Node {id} has not been heard of; if it has not ended, it cannot reach the database", "Knoten {id} meldet sich nicht; wenn er nicht beendet wurde, erreicht er die Datenbank nicht";
        audit_waits: "{waiting} waiting, {lost} lost", "{waiting} warten, {lost} verloren";
        health: "Health", "Zustand";
        welcome_title: "Packages of {organisation}", "Pakete von {organisation}";
        welcome: "Docker images, Maven and NuGet packages, and files. What is public anybody may pull, without an account.", "Docker-Images, Maven- und NuGet-Pakete und Dateien. Was öffentlich ist, darf jeder herunterladen, ohne Konto.";
        try_it: "Try it", "Probier es aus";
        public_repositories: "Public repositories", "Öffentliche Repositories";
        nothing_public_title: "Nothing is public here", "Hier ist nichts öffentlich";
        nothing_public: "Log in to see what you take part in.", "Melde dich an, um zu sehen, woran du teilnimmst.";
    }
}
