texts! {
    /// The user guide, whose pages are in English.
    GuideTexts {
        name: "Guide", "Anleitung";
        pages: "Pages of the guide", "Seiten der Anleitung";
        parts: "Parts of the API", "Teile der API";
        shell: "shell", "Shell";
        refused: "shell, must be refused", "Shell, muss abgelehnt werden";
        text: "text", "Text";
        block: "{what}, block {number}", "{what}, Block {number}";
        table: "Table {number}", "Tabelle {number}";
        see: "In the guide:", "In der Anleitung:";
        more: "More about {program}", "Mehr über {program}";
    }
}
