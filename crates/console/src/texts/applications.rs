texts! {
    /// Applications.
    ApplicationTexts {
        title: "Applications", "Anwendungen";
        caption: "Applications of the organisation", "Anwendungen der Organisation";
        lead: "Programs with a client ID and tokens of their own, which end with nobody’s leaving.", "Programme mit eigener Client-ID und eigenen Token, die nicht enden, wenn jemand geht.";
        new: "New application", "Neue Anwendung";
        make: "Make application", "Anwendung anlegen";
        name_hint: "What grants name it by. It stays.", "So nennen sie Berechtigungen. Er bleibt.";
        client_id: "Client ID", "Client-ID";
        rights: "Rights", "Rechte";
        granted: "What it is granted", "Was ihr gewährt ist";
        granted_hint: "Rights come from grants and teams, as those of people do.", "Rechte kommen aus Berechtigungen und Teams, wie bei Personen.";
        requests: "What it requests", "Was sie verlangt";
        requests_hint: "It has the rights ticked below in each project where somebody authorised it, and nothing elsewhere.", "Sie hat die unten gewählten Rechte in jedem Projekt, das sie zugelassen hat, und nirgends sonst etwas.";
        requested: "Requested rights", "Verlangte Rechte";
        projects: "Authorised in", "Zugelassen in";
        no_projects: "No project authorised it yet, so it may nothing.", "Noch kein Projekt hat sie zugelassen, also darf sie nichts.";
        authorise: "Authorise", "Zulassen";
        authorise_in: "Authorise in project", "Zulassen im Projekt";
        authorise_hint: "Its key. You need access-manage there.", "Sein Schlüssel. Du brauchst dort access-manage.";
        take_back: "Take back", "Zurücknehmen";
        tokens: "Tokens", "Token";
        all_words: "everything it may", "alles, was sie darf";
        no_tokens: "No token yet: it can log in with none.", "Noch kein Token: sie kann sich nicht anmelden.";
        token_all: "Everything it may", "Alles, was sie darf";
        token_all_hint: "Now and later: it follows the rights of the application.", "Jetzt und später: es folgt den Rechten der Anwendung.";
        token_only_hint: "Never more than the application may at the same place.", "Nie mehr, als die Anwendung am selben Ort darf.";
        suspend: "Suspend", "Sperren";
        suspend_why: "Its tokens ({tokens}) are refused from the next request on. Grants stay.", "Ihre Token ({tokens}) werden ab der nächsten Anfrage abgelehnt. Berechtigungen bleiben.";
        resume: "Reinstate", "Wieder zulassen";
        resume_why: "Its tokens are good again at once.", "Ihre Token gelten sofort wieder.";
        delete_title: "Delete application {name}?", "Anwendung {name} löschen?";
        delete: "Delete application", "Anwendung löschen";
        goes_tokens: "Its tokens ({count}): refused from the next request on.", "Ihre Token ({count}): ab der nächsten Anfrage abgelehnt.";
        goes_grants: "Every grant to it, its places in teams, and where it is authorised ({count}).", "Jede Berechtigung für sie, ihre Plätze in Teams, und wo sie zugelassen ist ({count}).";
        stays_packages: "What it published, and what it did in the audit.", "Was sie veröffentlicht hat, und im Protokoll, was sie getan hat.";
    }
}
