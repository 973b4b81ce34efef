texts! {
    /// Settings of projects and repositories, and deleting them.
    SettingTexts {
        title: "Settings", "Einstellungen";
        project_lead: "What people call it, and who may read in it without being listed.", "Wie es heißt, und wer darin lesen darf, ohne in der Liste zu stehen.";
        repository_lead: "What it is for, who may pull, and what it lets happen to its packages.", "Wofür es da ist, wer herunterladen darf, und was es mit seinen Paketen geschehen lässt.";
        clash: "Somebody else changed this meanwhile. What you typed is below; saving again sets it.", "Jemand anders hat das inzwischen geändert. Unten steht, was du eingegeben hast; erneutes Speichern setzt es.";
        now: "Now", "Jetzt";
        no_access_manage: "Who may read is changed by who has access-manage here.", "Wer lesen darf, ändert, wer hier access-manage hat.";
        public_sure: "Anybody on the network may pull all {count} versions, from the next request on", "Jeder im Netz darf alle {count} Versionen herunterladen, ab der nächsten Anfrage";
        public_unsure: "To make it public, tick that anybody may pull.", "Um es öffentlich zu machen, hake an, dass jeder herunterladen darf.";
        policy: "Policy", "Regeln";
        policy_lines: "One a line.", "Eins je Zeile.";
        not_json: "This is not JSON", "Das ist kein JSON";
        delete_project: "Delete project…", "Projekt löschen…";
        delete_project_title: "Delete project {name}", "Projekt {name} löschen";
        delete_repository: "Delete repository…", "Repository löschen…";
        delete_repository_title: "Delete repository {name}", "Repository {name} löschen";
        goes: "What goes", "Was wegfällt";
        goes_repositories: "{count} repositories, with every package in them", "{count} Repositories mit allen Paketen darin";
        goes_grants: "{count} grants on it, in it, and to its team", "{count} Rechtevergaben darauf, darin und an sein Team";
        goes_versions: "{count} versions of packages", "{count} Versionen von Paketen";
        goes_bytes: "{bytes} stored", "{bytes} gespeichert";
        goes_clients: "Every client that pulls from it fails with its next request.", "Jeder Client, der daraus lädt, scheitert mit der nächsten Anfrage.";
        stays: "What stays", "Was bleibt";
        stays_audit: "What was done here, in the audit.", "Was hier getan wurde, im Protokoll.";
        stays_people: "People, teams and applications, with what they have elsewhere.", "Personen, Teams und Anwendungen mit dem, was sie anderswo haben.";
        for_good: "This cannot be undone. The name is free at once, and gives nothing back.", "Das lässt sich nicht rückgängig machen. Der Name ist sofort frei und gibt nichts zurück.";
        type_name: "Type {name} to confirm", "Gib {name} ein, um zu bestätigen";
        do_delete_project: "Delete project", "Projekt löschen";
        do_delete_repository: "Delete repository", "Repository löschen";
        project_gone: "The project is deleted.", "Das Projekt ist gelöscht.";
        repository_gone: "The repository is deleted.", "Das Repository ist gelöscht.";
        packages: "Packages", "Pakete";
    }
}
