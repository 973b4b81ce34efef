texts! {
    /// What is said when something is not shown or not done.
    FaultTexts {
        nothing_title: "Nothing here that you can see", "Hier ist nichts, was du sehen kannst";
        nothing_why: "The address is mistyped, it is gone, or it is not for you. We answer all three the same way.", "Die Adresse ist vertippt, es ist weg, oder es ist nicht für dich. Wir antworten in allen drei Fällen gleich.";
        look_for_it: "Look for it", "Danach suchen";
        sure: "Sure it exists? Ask its project’s administrator and give them this:", "Sicher, dass es existiert? Frage den Administrator des Projekts und nenne ihm dies:";
        failed_title: "The server failed", "Der Server hat versagt";
        failed_why: "It is written down under the number below. What you sent may or may not have been done: look before you send it again.", "Es ist unter der Nummer unten aufgeschrieben. Was du gesendet hast, kann erledigt sein oder nicht: sieh nach, bevor du es noch einmal sendest.";
        later_title: "Not at the moment", "Im Moment nicht";
        refused_title: "That was refused", "Das wurde abgelehnt";
        not_ours_title: "This form is not good any more", "Dieses Formular gilt nicht mehr";
        not_ours_why: "It came from another site, or you logged in anew since it was opened. Nothing was changed. Open it again.", "Es kam von einer anderen Seite, oder du hast dich seitdem neu angemeldet. Nichts wurde geändert. Öffne es neu.";
        request: "Request", "Anfrage";
        nearest: "What you can see nearby:", "Was du in der Nähe sehen kannst:";
    }
}
