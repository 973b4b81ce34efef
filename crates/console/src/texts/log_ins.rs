texts! {
    /// Log-in by others, and who vouches for people.
    LogInTexts {
        with: "Log in with {provider}", "Anmelden mit {provider}";
        or: "or with a password", "oder mit einem Passwort";
        going_on: "On to {provider}", "Weiter zu {provider}";
        go_on: "Go on to {provider}", "Weiter zu {provider}";
        failed_title: "Nothing came of it", "Daraus wurde nichts";
        failed: "The log-in did not work. Try it once more; if it stays so, tell an administrator the number of this request.", "Die Anmeldung hat nicht geklappt. Versuche es noch einmal; bleibt es dabei, nenne einem Administrator die Nummer dieser Anfrage.";
        not_linked: "Nobody here is linked to that log-in: log in by password and link it in your profile.", "Hier ist niemand mit dieser Anmeldung verknüpft: melde dich mit Passwort an und verknüpfe sie in deinem Profil.";
        request: "Request", "Anfrage";
        title: "Log-in by others", "Anmeldung durch andere";
        lead: "Who vouches for people, so that they need no password here (OpenID Connect).", "Wer für Personen bürgt, so dass sie hier kein Passwort brauchen (OpenID Connect).";
        none: "People log in by password only.", "Angemeldet wird sich nur mit Passwort.";
        new: "New log-in by others", "Neue Anmeldung durch andere";
        name_hint: "Part of addresses here. It stays.", "Teil von Adressen hier. Er bleibt.";
        title_hint: "What stands on the button of the log-in. Empty: the name.", "Was auf dem Knopf der Anmeldung steht. Leer: der Name.";
        issuer: "Issuer", "Aussteller";
        issuer_hint: "What its tokens say in iss, to the letter: https://login.example.org. It stays while people are linked.", "Was seine Token in iss sagen, Zeichen für Zeichen: https://login.example.org. Er bleibt, solange Personen verknüpft sind.";
        back: "Where it has to send people back to:", "Wohin er Personen zurückschicken muss:";
        client_id: "Client ID", "Client-ID";
        secret: "Client secret", "Client-Geheimnis";
        secret_hint: "Never shown again. Empty: the one that is set.", "Wird nie wieder gezeigt. Leer: das gesetzte.";
        secret_set: "Secret set", "Geheimnis gesetzt";
        linked_count: "People linked: {count}", "Verknüpfte Personen: {count}";
        make: "Whoever is linked to nobody here", "Wer hier mit niemandem verknüpft ist";
        make_never: "stays outside", "bleibt draußen";
        make_member: "becomes a member", "wird Mitglied";
        make_guest: "becomes a guest", "wird Gast";
        make_hint: "Never by e-mail: people link themselves in their profile, once they are logged in.", "Nie über E-Mail: Personen verknüpfen sich selbst in ihrem Profil, sobald sie angemeldet sind.";
        scopes: "Scopes", "Scopes";
        scopes_hint: "What is asked of it, separated by spaces; openid among it.", "Was von ihm verlangt wird, durch Leerzeichen getrennt; darunter openid.";
        name_claim: "Claim of the name", "Claim des Namens";
        name_claim_hint: "What new people are named by.", "Wonach neue Personen heißen.";
        groups_claim: "Claim of the groups", "Claim der Gruppen";
        groups_claim_hint: "A list of texts. Empty: no groups.", "Eine Liste von Texten. Leer: keine Gruppen.";
        groups: "Groups and teams", "Gruppen und Teams";
        groups_hint: "One a line: GROUP = TEAM. From log-in to log-in members are in these teams as it says; who is in one by hand stays. org-admins only if it stands here itself.", "Je Zeile: GRUPPE = TEAM. Von Anmeldung zu Anmeldung sind Mitglieder in diesen Teams, wie er es sagt; wer von Hand in einem ist, bleibt. org-admins nur, wenn es hier selbst steht.";
        test: "Test", "Testen";
        tested: "It answers, people can log in there, and it has {count} keys by which tokens can be verified. Nothing is saved by that.", "Er antwortet, dort kann man sich anmelden, und er hat {count} Schlüssel, mit denen sich Token prüfen lassen. Gespeichert wird dadurch nichts.";
        delete: "Delete log-in", "Anmeldung löschen";
        delete_title: "Let nobody log in with {name} any more?", "Niemanden mehr mit {name} anmelden lassen?";
        goes_sessions: "The sessions that it began end at once.", "Die Sitzungen, die er begonnen hat, enden sofort.";
        goes_linked: "Whom people are there is forgotten: {count}.", "Wer Personen dort sind, wird vergessen: {count}.";
        goes_teams: "People leave the teams that its groups put them into.", "Personen verlassen die Teams, in die seine Gruppen sie gebracht haben.";
        stays: "The people themselves, with their tokens.", "Die Personen selbst, mit ihren Token.";
        mine: "Log-in by others", "Anmeldung durch andere";
        mine_none: "You are linked to nobody elsewhere.", "Du bist mit niemandem anderswo verknüpft.";
        since: "linked", "verknüpft";
        last: "last used", "zuletzt benutzt";
        link: "Link {provider}", "{provider} verknüpfen";
        unlink: "Unlink", "Verknüpfung lösen";
        unlink_title: "Log in with {name} no more?", "Nicht mehr mit {name} anmelden?";
        unlink_goes: "Sessions that you began with it end, this one too if it is one.", "Sitzungen, die du damit begonnen hast, enden, auch diese, wenn sie eine ist.";
        linked: "You are linked, and can log in with it from now on.", "Du bist verknüpft und kannst dich ab jetzt damit anmelden.";
    }
}
