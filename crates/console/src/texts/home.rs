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
        welcome_title: "Packages of {organisation}", "Pakete von {organisation}";
        welcome: "Docker images, Maven and NuGet packages, and files. What is public anybody may pull, without an account.", "Docker-Images, Maven- und NuGet-Pakete und Dateien. Was öffentlich ist, darf jeder herunterladen, ohne Konto.";
        public_repositories: "Public repositories", "Öffentliche Repositories";
        nothing_public_title: "Nothing is public here", "Hier ist nichts öffentlich";
        nothing_public: "Log in to see what you take part in.", "Melde dich an, um zu sehen, woran du teilnimmst.";
    }
}
