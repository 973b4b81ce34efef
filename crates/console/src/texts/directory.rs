texts! {
    /// What the pages of members, teams and applications have in common.
    DirectoryTexts {
        query: "Words in the name", "Wörter im Namen";
        state: "State", "Zustand";
        active: "active", "aktiv";
        suspended: "suspended", "gesperrt";
        any_state: "Any state", "Jeder Zustand";
        label: "Title", "Anzeigename";
        label_hint: "What people call it. Empty: its name.", "Wie man es nennt. Leer: der Name.";
        none_title: "Nobody and nothing found", "Nichts gefunden";
        none: "There is none like this.", "So gibt es hier keins.";
        more: "Facts", "Fakten";
        edit: "Change", "Ändern";
        delete: "Delete…", "Löschen…";
        goes: "This goes", "Das verschwindet";
        stays: "This stays", "Das bleibt";
        back: "Back", "Zurück";
        type_name: "Type {name} to confirm", "Zur Bestätigung {name} eintippen";
        last_admin: "This is the last active administrator of the organisation. Put somebody else into the team org-admins first.", "Das ist der letzte aktive Administrator der Organisation. Nimm zuerst jemand anderen in das Team org-admins auf.";
        gone: "Deleted. It is good for nothing from now on.", "Gelöscht. Ab jetzt gilt nichts mehr davon.";
        clash: "What you typed is still here. Save again to set it over what somebody else saved meanwhile.", "Was du eingegeben hast, steht noch hier. Speichere noch einmal, um es über das zu setzen, was inzwischen jemand anderes gespeichert hat.";
        now: "Now there: {what}", "Jetzt steht dort: {what}";
        done_suspended: "Suspended. Nothing of it is let in any more.", "Gesperrt. Nichts davon wird mehr eingelassen.";
        done_resumed: "Reinstated.", "Wieder zugelassen.";
        done_logged_out: "The sessions are ended. The password stays.", "Die Sitzungen sind beendet. Das Passwort bleibt.";
        done_withdrawn: "Taken back.", "Zurückgenommen.";
        done_made: "Made.", "Angelegt.";
        done_added: "Added. It counts from the next request on.", "Aufgenommen. Es gilt ab der nächsten Anfrage.";
        done_started: "Asked for. A node begins with it when it is its turn.", "Verlangt. Ein Knoten beginnt damit, wenn es an der Reihe ist.";
        done_removed: "Taken out. It counts from the next request on.", "Herausgenommen. Es gilt ab der nächsten Anfrage.";
    }
}

impl DirectoryTexts {
    /// What was done just now, by the word of the address.
    pub(crate) fn notice(&self, done: &str) -> Option<&'static str> {
        match done {
            "suspended" => Some(self.done_suspended),
            "resumed" => Some(self.done_resumed),
            "logged-out" => Some(self.done_logged_out),
            "withdrawn" => Some(self.done_withdrawn),
            "made" => Some(self.done_made),
            "added" => Some(self.done_added),
            "started" => Some(self.done_started),
            "removed" => Some(self.done_removed),
            "deleted" => Some(self.gone),
            _ => None,
        }
    }
}
