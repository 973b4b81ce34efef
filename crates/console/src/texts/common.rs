texts! {
    /// What every page has.
    Common {
        skip: "Skip to content", "Zum Inhalt springen";
        menu: "Menu", "Menü";
        main_nav: "Main", "Hauptmenü";
        main_nav_small: "Main, small screen", "Hauptmenü, schmal";
        breadcrumb: "Breadcrumb", "Pfad";
        sections: "Sections", "Abschnitte";
        projects: "Projects", "Projekte";
        packages: "Packages", "Pakete";
        access: "Access", "Zugriff";
        api: "API", "API";
        connect: "Connect", "Verbinden";
        search_label: "Search every package", "In allen Paketen suchen";
        search_hint: "Search packages", "Pakete suchen";
        search: "Search", "Suchen";
        account: "Account menu", "Kontomenü";
        tokens: "Personal tokens", "Persönliche Token";
        sessions: "Sessions", "Sitzungen";
        log_in: "Log in", "Anmelden";
        log_out: "Log out", "Abmelden";
        served_by: "Served by Wharfinger {release}", "Wharfinger {release}";
        look: "Look and language", "Aussehen und Sprache";
        theme: "Theme", "Farben";
        theme_system: "As the system", "Wie das System";
        theme_light: "Light", "Hell";
        theme_dark: "Dark", "Dunkel";
        language: "Language", "Sprache";
        keys: "Key shortcuts", "Tastenkürzel";
        keys_on: "On", "An";
        keys_off: "Off", "Aus";
        apply: "Apply", "Übernehmen";
        copy: "Copy", "Kopieren";
        copied: "Copied", "Kopiert";
        copy_what: "Copy {what}", "{what} kopieren";
        select_then: "Selected. Press Ctrl+C.", "Ausgewählt. Strg+C drücken.";
        next_page: "Next page", "Nächste Seite";
        first_page: "First page", "Erste Seite";
        filter: "Filter", "Filtern";
        name: "Name", "Name";
        format: "Format", "Format";
        description: "Description", "Beschreibung";
        optional: "optional", "freiwillig";
        public: "public", "öffentlich";
        private: "private", "privat";
        closed: "closed", "geschlossen";
        internal: "internal", "intern";
        discard: "Discard", "Verwerfen";
        updated: "Updated", "Geändert";
        created: "Created", "Angelegt";
    }
}
