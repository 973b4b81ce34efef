texts! {
    /// The audit.
    AuditTexts {
        title: "Audit", "Protokoll";
        title_of: "Audit of {place}", "Protokoll von {place}";
        lead: "What was done and what was refused, as it was named at the time. Nothing here can be edited.", "Was getan und was abgelehnt wurde, wie es damals hieß. Nichts hier lässt sich ändern.";
        own_title: "What I did", "Was ich getan habe";
        own_lead: "Everything done in your name, wherever, and what was refused.", "Alles, was in deinem Namen getan wurde, egal wo, und was abgelehnt wurde.";
        filter_label: "Filter events", "Ereignisse filtern";
        caption: "Events, the newest first", "Ereignisse, die neuesten zuerst";
        who: "Who", "Wer";
        who_hint: "Who: member:alice", "Wer: member:alice";
        class: "What kind", "Welche Art";
        any_class: "Everything", "Alles";
        admin: "Administration", "Verwaltung";
        access: "Log-ins and refusals", "Anmeldungen und Ablehnungen";
        transfer: "Transfers", "Übertragungen";
        action: "Action", "Handlung";
        action_hint: "Action: grant.put", "Handlung: grant.put";
        object: "On what", "Woran";
        object_hint: "Name of the object", "Name des Objekts";
        outcome: "Outcome", "Ergebnis";
        any_outcome: "Allowed and refused", "Erlaubt und abgelehnt";
        done: "done", "erledigt";
        refused: "refused", "abgelehnt";
        failed: "failed", "fehlgeschlagen";
        since: "From day", "Ab Tag";
        until: "Until day", "Bis Tag";
        when: "When", "Wann";
        did: "Did", "Tat";
        to: "To", "Woran";
        from: "From", "Von";
        as_csv: "Download as CSV", "Als CSV herunterladen";
        as_json: "Download as JSON lines", "Als JSON-Zeilen herunterladen";
        none_title: "Nothing happened", "Nichts ist geschehen";
        none: "No event is like this. Without the filters there may be some.", "Kein Ereignis ist so. Ohne die Filter sind es vielleicht welche.";
        details: "Details", "Einzelheiten";
        alone: "This event alone", "Nur dieses Ereignis";
        all: "All events", "Alle Ereignisse";
        times: "{count} times", "{count} Mal";
        token: "Token", "Token";
        made_by: "made by {who}", "gemacht von {who}";
        session: "Session", "Sitzung";
        request: "Request", "Anfrage";
        operation: "Operation", "Operation";
        agent: "Program", "Programm";
        policy: "Policy version", "Stand der Rechte";
        bytes: "Size", "Größe";
        digest: "Digest", "Digest";
        chain: "Chain", "Kette";
        before: "Before", "Vorher";
        after: "After", "Nachher";
        cut: "The rest is in the API.", "Den Rest hat die API.";
    }
}
