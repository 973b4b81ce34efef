texts! {
    /// Log-in, set-up, and what else stands before the console.
    DoorTexts {
        log_in_title: "Log in", "Anmelden";
        log_in_to: "Log in to {host}", "Anmelden bei {host}";
        packages_of: "Packages of {organisation}", "Pakete von {organisation}";
        user: "User name or e-mail", "Benutzername oder E-Mail";
        password: "Password", "Passwort";
        new_password: "New password", "Neues Passwort";
        wrong: "User name and password do not fit together.", "Benutzername und Passwort passen nicht zusammen.";
        throttled: "Too many attempts from here. Try again in {secs} seconds.", "Zu viele Versuche von hier. In {secs} Sekunden geht es wieder.";
        no_log_in_needed: "Only pulling something public? No log-in needed.", "Nur etwas Öffentliches herunterladen? Das geht ohne Anmeldung.";
        look_around: "Look around", "Umsehen";
        token_is_for: "A token is for docker, mvn and dotnet, not for here.", "Ein Token ist für docker, mvn und dotnet, nicht für hier.";
        plain_title: "No log-in over plain HTTP", "Keine Anmeldung über unverschlüsseltes HTTP";
        plain_why: "This page came over plain HTTP, where anybody on the way can read a password and carry off a session. Anonymous pages go on working.", "Diese Seite kam über unverschlüsseltes HTTP; jeder auf dem Weg könnte das Passwort lesen und die Sitzung übernehmen. Öffentliche Seiten gehen weiterhin.";
        plain_mend: "An administrator mends it with one of two settings:", "Ein Administrator behebt das mit einer von zwei Einstellungen:";
        plain_tls: "TLS here: certificate and key in the configuration.", "TLS hier: Zertifikat und Schlüssel in der Konfiguration.";
        plain_proxy: "TLS at a proxy in front: its addresses as trusted proxies, and the public address.", "TLS an einem Proxy davor: seine Adressen als vertrauenswürdig und die öffentliche Adresse.";
        must_change: "An administrator set this password. Choose one of your own; the old one is good for nothing else.", "Dieses Passwort hat ein Administrator gesetzt. Wähle ein eigenes; das alte ist zu nichts anderem gut.";
        must_change_title: "Choose your password", "Wähle dein Passwort";
        old_password: "The password you were given", "Das Passwort, das du bekommen hast";
        set_password: "Set password", "Passwort setzen";
        password_hint: "12 characters or more. A few unrelated words are good.", "12 Zeichen oder mehr. Ein paar beliebige Wörter sind gut.";
        set_up_title: "Set up Wharfinger", "Wharfinger einrichten";
        set_up_lead: "Nobody administers this server yet. The code stands in the terminal that started it, or in its log.", "Diesen Server verwaltet noch niemand. Der Code steht im Terminal, das ihn gestartet hat, oder in seinem Log.";
        wrong_code: "The code is wrong, or somebody was first.", "Der Code ist falsch, oder jemand war schneller.";
        code: "One-time code", "Einmalcode";
        your_name: "Your user name", "Dein Benutzername";
        first_project: "First project", "Erstes Projekt";
        first_project_hint: "Its key is part of every address. It gets one repository for each format.", "Sein Schlüssel steht in jeder Adresse. Es bekommt je Format ein Repository.";
        set_up_do: "Set up", "Einrichten";
        set_up_token_title: "You administer this server now", "Du verwaltest jetzt diesen Server";
        set_up_token: "Your first token, for the command line. It is shown only here.", "Dein erstes Token, für die Kommandozeile. Es wird nur hier gezeigt.";
        go_on: "Go on", "Weiter";
        again: "Give your password again", "Passwort noch einmal eingeben";
        logged_out: "You are logged out.", "Du bist abgemeldet.";
        invitation_title: "Welcome", "Willkommen";
        invitation_lead: "You were invited to {organisation}. Choose a password.", "Du wurdest zu {organisation} eingeladen. Wähle ein Passwort.";
        invitation_code: "Code of the invitation", "Code der Einladung";
        invitation_done: "Your password is set. Log in with it.", "Dein Passwort ist gesetzt. Melde dich damit an.";
        password_done: "Your password is set. Log in with it.", "Dein Passwort ist gesetzt. Melde dich damit an.";
        form_old: "This form was open too long, or its cookie is gone. It is fresh now: send it again.", "Dieses Formular war zu lange offen, oder sein Cookie ist weg. Jetzt ist es frisch: bitte noch einmal senden.";
    }
}
