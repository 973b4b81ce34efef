texts! {
    /// Repositories as they are looked at: packages, versions, files; and search.
    PackageTexts {
        caption: "Packages of {repository}", "Pakete von {repository}";
        latest: "Newest", "Neueste";
        versions: "Versions", "Versionen";
        count_versions: "versions", "Versionen";
        version: "Version", "Version";
        size: "Size", "Größe";
        published: "Published", "Veröffentlicht";
        changed: "Changed", "Geändert";
        digest: "Digest", "Digest";
        media_type: "Media type", "Medientyp";
        files: "Files", "Dateien";
        caption_files: "Files of {version}", "Dateien von {version}";
        unlisted: "unlisted", "nicht gelistet";
        pinned: "pinned", "festgehalten";
        empty_title: "Nothing in it yet", "Noch nichts darin";
        empty_may: "Connect shows the lines that push the first package.", "Verbinden zeigt die Zeilen, die das erste Paket hochladen.";
        empty_may_not: "You may read here. Somebody who may publish pushes the first package.", "Du darfst hier lesen. Wer veröffentlichen darf, lädt das erste Paket hoch.";
        address: "Address", "Adresse";
        facts: "Facts", "Fakten";
        search_title: "Packages", "Pakete";
        search_caption: "Packages found", "Gefundene Pakete";
        any_format: "Any format", "Jedes Format";
        in_project: "In project", "Im Projekt";
        query: "Words, a digest, or a line to pull", "Wörter, ein Digest oder eine Zeile zum Abrufen";
        only_public: "only what is public", "nur Öffentliches";
        by_hash: "Content with this hash", "Inhalt mit diesem Hash";
        by_hash_none: "Nothing that you may read has this SHA-256, SHA-512 or SHA-1.", "Nichts, was du lesen darfst, hat diesen SHA-256, SHA-512 oder SHA-1.";
        by_words: "In titles, tags, authors and descriptions", "In Titeln, Tags, Autoren und Beschreibungen";
        found_none_title: "Nothing found", "Nichts gefunden";
        found_none: "No package that you may read has this in its name or says it of itself. Fewer letters find more.", "Kein Paket, das du lesen darfst, hat das im Namen oder sagt es von sich. Weniger Buchstaben finden mehr.";
        found_none_filtered: "No package that you may read is like this. Without the filters there may be more.", "Kein Paket, das du lesen darfst, ist so. Ohne die Filter sind es vielleicht mehr.";
        repository: "Repository", "Repository";
        bytes_stored: "{bytes} stored", "{bytes} gespeichert";
    }
}
