texts! {
    /// Lines to paste.
    ConnectTexts {
        title: "Connect to {repository}", "Mit {repository} verbinden";
        lead: "Everything below is filled in for you and works as it stands.", "Alles hier ist für dich ausgefüllt und gilt, wie es dasteht.";
        client: "What do you use?", "Was benutzt du?";
        token: "A token", "Ein Token";
        token_lead: "It stands in for your password, for this computer only.", "Es steht für dein Passwort, nur auf diesem Rechner.";
        may: "May", "Darf";
        may_here: "pull and push here", "hier herunter- und hochladen";
        may_pull: "pull here", "hier herunterladen";
        may_all: "everything I may", "alles, was ich darf";
        made: "Token “{name}” is made. It stands in the lines below, and is not shown again.", "Token „{name}“ ist gemacht. Es steht in den Zeilen unten und wird nicht noch einmal gezeigt.";
        until_made: "Until you make one, $WHARFINGER_TOKEN stands in its place.", "Bis du eins machst, steht $WHARFINGER_TOKEN an seiner Stelle.";
        log_in: "Log in", "Anmelden";
        push: "Push", "Hochladen";
        pull: "Pull", "Herunterladen";
        shell: "shell", "Shell";
        worked: "Did it work?", "Hat es geklappt?";
        look: "Look whether it was used", "Nachsehen, ob es benutzt wurde";
        seen: "Yes: last used {when}.", "Ja: zuletzt benutzt {when}.";
        not_seen: "Not seen yet. Paste the lines, then look again.", "Noch nicht gesehen. Füge die Zeilen ein und sieh noch einmal nach.";
        no_push: "You may pull here, not push. Who manages access to the project can give you publish.", "Du darfst hier herunterladen, nicht hochladen. Wer den Zugriff auf das Projekt verwaltet, kann dir publish geben.";
        anonymous: "Anybody may pull from here, without logging in.", "Von hier darf jeder herunterladen, ohne Anmeldung.";
    }
}
