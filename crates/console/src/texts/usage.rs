texts! {
    /// What was fetched and made, and what there is.
    UsageTexts {
        title: "Usage", "Nutzung";
        title_mine: "Usage of what you may read", "Nutzung von dem, was du lesen darfst";
        title_of: "Usage of {place}", "Nutzung von {place}";
        lead: "Downloads that came to their end, and versions that were made; days are those of UTC.", "Downloads, die zu Ende kamen, und Versionen, die entstanden; Tage sind die von UTC.";
        period: "Period", "Zeitraum";
        month: "30 days", "30 Tage";
        year: "365 days", "365 Tage";
        pulled: "Pulled", "Heruntergeladen";
        handed_out: "Handed out", "Ausgeliefert";
        published: "Published", "Veröffentlicht";
        packages: "Packages", "Pakete";
        versions: "Versions", "Versionen";
        stored: "Stored", "Gespeichert";
        stored_once: "{bytes} with what is shared counted once", "{bytes}, wenn Geteiltes einmal zählt";
        within: "within these {days} days", "in diesen {days} Tagen";
        too_much: "What there is takes longer than a second to count. The rest is here.", "Was da ist zu zählen dauert länger als eine Sekunde. Der Rest ist hier.";
        chart: "Pulls and publishes", "Downloads und Veröffentlichungen";
        chart_none: "Nothing was pulled or published within these days.", "In diesen Tagen wurde nichts heruntergeladen oder veröffentlicht.";
        chart_sentence: "{pulled} downloads and {published} new versions; most downloads on {day}: {most}.", "{pulled} Downloads und {published} neue Versionen; die meisten Downloads am {day}: {most}.";
        chart_sentence_week: "{pulled} downloads and {published} new versions; most downloads in the week of {day}: {most}.", "{pulled} Downloads und {published} neue Versionen; die meisten Downloads in der Woche ab {day}: {most}.";
        legend: "Blue-green: pulled. Brass: published.", "Blaugrün: heruntergeladen. Messing: veröffentlicht.";
        legend_times: "Blue-green: pulled. Brass: published × {times}.", "Blaugrün: heruntergeladen. Messing: veröffentlicht × {times}.";
        as_table: "The same as a table", "Dasselbe als Tabelle";
        csv: "Download as CSV", "Als CSV herunterladen";
        day: "Day", "Tag";
        week: "Week of", "Woche ab";
        top: "Most pulled packages", "Am meisten heruntergeladene Pakete";
        top_lead: "Of the packages you may read, by downloads of all time.", "Von den Paketen, die du lesen darfst, nach Downloads aller Zeiten.";
        top_none: "Nothing was pulled yet of what you may read.", "Von dem, was du lesen darfst, wurde noch nichts heruntergeladen.";
        top_failed: "The packages could not be put in order just now. Load the page again in a moment.", "Die Pakete ließen sich gerade nicht ordnen. Lade die Seite gleich noch einmal.";
        all_time: "All time", "Insgesamt";
        lately: "30 days", "30 Tage";
    }
}
