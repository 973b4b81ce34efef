texts! {
    /// Roles of a project, and what they hold.
    RoleTexts {
        title: "Roles", "Rollen";
        lead: "What each role may do in this project. A change holds for everybody who has it, from the next request on.", "Was jede Rolle in diesem Projekt darf. Eine Änderung gilt für alle, die sie haben, ab der nächsten Anfrage.";
        caption: "Which right each role has in this project", "Welches Recht jede Rolle in diesem Projekt hat";
        region: "Roles and rights", "Rollen und Rechte";
        right: "Right", "Recht";
        holders_one: "1 holder", "1 Inhaber";
        holders: "{count} holders", "{count} Inhaber";
        packages: "Packages", "Pakete";
        repositories: "Repositories", "Repositories";
        project: "Project", "Projekt";
        cell: "{right} for {role}", "{right} für {role}";
        never: "cannot be given", "nicht zu vergeben";
        one_by_one: "one by one", "einzeln";
        along: "comes along", "kommt mit";
        fixed: "set under Settings", "unter Einstellungen gesetzt";
        beyond: "you do not have it", "du hast es nicht";
        legend: "– cannot be given to this role. “One by one”: people from outside get single rights under Participants. “Comes along”: another right brings read with it.", "– ist an diese Rolle nicht zu vergeben. „Einzeln“: wer von außen kommt, bekommt einzelne Rechte unter Beteiligte. „Kommt mit“: ein anderes Recht bringt read mit.";
        change_one: "{count} change", "{count} Änderung";
        changes: "{count} changes", "{count} Änderungen";
        at_once: "In force for the very next request once saved.", "Gilt nach dem Speichern ab der nächsten Anfrage.";
        nothing_changed: "Nothing is changed.", "Nichts ist geändert.";
        clash: "Somebody else changed a role meanwhile. What you ticked is below; saving again sets it.", "Jemand anders hat inzwischen eine Rolle geändert. Unten steht, was du angehakt hast; erneutes Speichern setzt es.";
        now: "{role} holds now: {rights}", "{role} hält jetzt: {rights}";
        saved: "Saved. The next request is judged by it.", "Gespeichert. Die nächste Anfrage wird danach beurteilt.";
        new: "New role", "Neue Rolle";
        name_hint: "Lower-case letters, digits, and - _ . inside; it stays.", "Kleinbuchstaben, Ziffern und innen - _ .; er bleibt.";
        rights: "Rights", "Rechte";
        make: "Make role", "Rolle anlegen";
        made: "The role is there. Give it to somebody under Participants.", "Die Rolle ist da. Vergib sie unter Beteiligte.";
        role_title: "Role {role} in {project}", "Rolle {role} in {project}";
        builtin: "predefined", "vordefiniert";
        custom: "of this project", "von diesem Projekt";
        holds: "It holds", "Sie hält";
        holds_nothing: "nothing", "nichts";
        who_has_it: "Who has it", "Wer sie hat";
        reset_title: "Reset to the organisation’s template", "Auf die Vorlage der Organisation zurücksetzen";
        reset_same: "It is as the template says.", "Sie ist, wie die Vorlage sagt.";
        reset_would: "It would hold", "Sie hielte dann";
        do_reset: "Reset", "Zurücksetzen";
        delete_title: "Delete this role", "Diese Rolle löschen";
        delete_unused: "Nobody has it.", "Niemand hat sie.";
        delete_grants: "Take it from who has it, too ({count})", "Auch denen nehmen, die sie haben ({count})";
        do_delete: "Delete role", "Rolle löschen";
        deleted: "The role is deleted.", "Die Rolle ist gelöscht.";
        hint_read: "fetch, list, search", "abrufen, auflisten, suchen";
        hint_publish: "new names and versions", "neue Namen und Versionen";
        hint_overwrite: "replace an existing one", "Vorhandenes ersetzen";
        hint_delete_package: "delete, unlist, relist", "löschen, verbergen, wieder zeigen";
        hint_repository_create: "make one in this project", "in diesem Projekt anlegen";
        hint_repository_settings: "public or private, policies", "öffentlich oder privat, Regeln";
        hint_repository_delete: "with everything in it", "mit allem, was darin ist";
        hint_access_manage: "participants, roles, grants", "Beteiligte, Rollen, Rechte";
        hint_audit_view: "who did what here", "wer hier was getan hat";
    }
}
