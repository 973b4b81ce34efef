texts! {
    /// Teams.
    TeamTexts {
        title: "Teams", "Teams";
        caption: "Teams of the organisation", "Teams der Organisation";
        lead: "People, applications and other teams under one name that rights can be granted to.", "Personen, Anwendungen und andere Teams unter einem Namen, dem Rechte gewährt werden können.";
        new: "New team", "Neues Team";
        make: "Make team", "Team anlegen";
        name_hint: "What grants name it by. It stays.", "So nennen es Berechtigungen. Er bleibt.";
        members: "Members", "Mitglieder";
        direct: "directly in it", "direkt darin";
        builtin: "built in", "eingebaut";
        builtin_why: "Every installation has it. It cannot be deleted.", "Jede Installation hat es. Es kann nicht gelöscht werden.";
        computed: "computed", "berechnet";
        computed_is: "Who is in it is computed:", "Wer darin ist, wird berechnet:";
        members_caption: "Everybody in {name}, and every team in it", "Alle in {name}, und jedes Team darin";
        who: "Who", "Wer";
        how: "How", "Wie";
        directly: "directly", "direkt";
        through: "through a team in it", "über ein Team darin";
        take_out: "Take out", "Herausnehmen";
        nobody: "Nobody is in it.", "Niemand ist darin.";
        add: "Add", "Aufnehmen";
        add_title: "Add somebody", "Jemanden aufnehmen";
        find: "Find", "Finden";
        find_hint: "Words in the name of a person, an application or a team.", "Wörter im Namen einer Person, einer Anwendung oder eines Teams.";
        found_caption: "Found", "Gefunden";
        found_none: "Nobody with these words who is not in it directly.", "Niemand mit diesen Worten, der nicht schon direkt darin ist.";
        delete_title: "Delete team {name}?", "Team {name} löschen?";
        delete: "Delete team", "Team löschen";
        goes_rights: "Every grant to it: who was in it loses what they have through it, from the next request on.", "Jede Berechtigung für das Team: wer darin war, verliert, was er darüber hat, ab der nächsten Anfrage.";
        goes_places: "Its place in other teams.", "Sein Platz in anderen Teams.";
        stays_members: "The people, applications and teams in it ({count} directly).", "Die Personen, Anwendungen und Teams darin ({count} direkt).";
    }
}
