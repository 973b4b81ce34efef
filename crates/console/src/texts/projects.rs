texts! {
    /// Projects and their repositories.
    ProjectTexts {
        title: "Projects", "Projekte";
        caption: "Projects that you may know of", "Projekte, von denen du wissen darfst";
        new: "New project", "Neues Projekt";
        new_title: "New project", "Neues Projekt";
        make: "Make project", "Projekt anlegen";
        none_title: "No project", "Kein Projekt";
        none: "None with these words, or none that you may know of.", "Keins mit diesen Worten, oder keins, von dem du wissen darfst.";
        filter: "Words in key or title", "Wörter in Schlüssel oder Titel";
        key: "Key", "Schlüssel";
        key_hint: "Part of every address: lower-case letters, digits, and - _ . inside; it stays.", "Teil jeder Adresse: Kleinbuchstaben, Ziffern und innen - _ .; er bleibt.";
        label: "Title", "Titel";
        label_hint: "What people call it.", "Wie man es nennt.";
        access: "Who may read", "Wer lesen darf";
        closed: "closed: only participants", "geschlossen: nur Beteiligte";
        closed_hint: "Nobody else sees that it exists, but for what is public in it.", "Niemand sonst sieht, dass es existiert, außer was darin öffentlich ist.";
        internal: "internal: every member may read", "intern: jedes Mitglied darf lesen";
        internal_hint: "Every member of the organisation; guests and collaborators do not.", "Jedes Mitglied der Organisation; Gäste und externe Mitarbeiter nicht.";
        you_may: "You may here", "Du darfst hier";
        you_may_nothing: "You see what is public here.", "Du siehst, was hier öffentlich ist.";
        repositories: "Repositories", "Repositories";
        no_repository_title: "No repository that you can read", "Kein Repository, das du lesen darfst";
        no_repository: "Make one for images, jars, NuGet packages or files.", "Lege eins für Images, Jars, NuGet-Pakete oder Dateien an.";
        new_repository: "New repository", "Neues Repository";
        make_repository: "Make repository", "Repository anlegen";
        repository_hint: "Part of every address, like the project’s key.", "Teil jeder Adresse, wie der Schlüssel des Projekts.";
        visibility: "Who may pull", "Wer herunterladen darf";
        private_hint: "Who has read here.", "Wer hier lesen darf.";
        public_hint: "Anybody on the network may pull, without logging in.", "Jeder im Netz darf herunterladen, ohne Anmeldung.";
        made: "The project is there. You administer it.", "Das Projekt ist da. Du verwaltest es.";
        repository_made: "The repository is there.", "Das Repository ist da.";
        saved: "Saved. It is in force.", "Gespeichert. Es gilt.";
    }
}
