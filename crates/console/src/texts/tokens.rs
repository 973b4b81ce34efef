texts! {
    /// Personal tokens and sessions.
    TokenTexts {
        title: "Personal tokens", "Persönliche Token";
        caption: "Your tokens", "Deine Token";
        lead: "What docker, mvn and dotnet log in with in your name. The command line too.", "Womit sich docker, mvn und dotnet in deinem Namen anmelden. Die Kommandozeile auch.";
        new: "New token", "Neues Token";
        none_title: "No token yet", "Noch kein Token";
        none: "Make one, and give it to the client that is to act in your name.", "Mach eins, und gib es dem Programm, das in deinem Namen handeln soll.";
        begins: "Begins with", "Beginnt mit";
        may: "May", "Darf";
        may_all: "everything you may", "alles, was du darfst";
        last_used: "Last used", "Zuletzt benutzt";
        never: "never", "nie";
        ends: "Ends", "Endet";
        ends_never: "never", "nie";
        state: "State", "Zustand";
        rotate: "Rotate", "Erneuern";
        revoke: "Revoke", "Widerrufen";
        make: "Make token", "Token machen";
        name_hint: "So that you know it again: the machine, the job.", "Damit du es wiedererkennst: der Rechner, der Job.";
        days: "Ends in", "Endet in";
        days_30: "30 days", "30 Tagen";
        days_90: "90 days", "90 Tagen";
        days_365: "one year", "einem Jahr";
        days_never: "no end", "ohne Ende";
        what: "What it may", "Was es darf";
        all: "Everything I may", "Alles, was ich darf";
        all_hint: "Now and later: it follows your own rights.", "Jetzt und später: es folgt deinen eigenen Rechten.";
        only: "Only this", "Nur das";
        only_hint: "Never more than you may yourself at the same place.", "Nie mehr, als du selbst am selben Ort darfst.";
        where_on: "Where", "Wo";
        where_hint: "A project, or project/repository. Several lines are several places.", "Ein Projekt, oder projekt/repository. Mehrere Zeilen sind mehrere Orte.";
        rights: "Rights there", "Rechte dort";
        networks: "Only from these networks", "Nur aus diesen Netzen";
        networks_hint: "One a line, such as 10.0.0.0/8. Empty: from anywhere.", "Eins je Zeile, etwa 10.0.0.0/8. Leer: von überall.";
        shown_title: "Your token {name}", "Dein Token {name}";
        shown: "It is shown only here. Copy it now.", "Es wird nur hier gezeigt. Kopiere es jetzt.";
        secret: "Secret", "Geheimnis";
        revoked: "The token is revoked. It opens nothing any more.", "Das Token ist widerrufen. Es öffnet nichts mehr.";
        already: "This form was sent before, and the token was made. Its secret cannot be shown again: revoke it and make another.", "Dieses Formular wurde schon gesendet, und das Token ist gemacht. Sein Geheimnis kann nicht noch einmal gezeigt werden: widerrufe es und mach ein anderes.";
        sessions_title: "Sessions", "Sitzungen";
        sessions_lead: "Where you are logged in to this console.", "Wo du in dieser Konsole angemeldet bist.";
        sessions_caption: "Your sessions", "Deine Sitzungen";
        session_from: "From", "Von";
        session_agent: "Browser", "Browser";
        session_here: "this one", "diese";
        session_seen: "Last used", "Zuletzt benutzt";
        session_began: "Began", "Begonnen";
        end: "End", "Beenden";
        end_others: "End all others", "Alle anderen beenden";
        ended: "Ended. It is good for nothing from now on.", "Beendet. Ab jetzt gilt sie nicht mehr.";
    }
}
