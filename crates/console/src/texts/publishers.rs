texts! {
    /// Trusted publishers of a project.
    PublisherTexts {
        title: "Publishers", "Publisher";
        lead: "Machines that get short-lived tokens by showing who they are, without a secret that somebody keeps.", "Maschinen, die kurzlebige Token bekommen, indem sie zeigen, wer sie sind, ohne Geheimnis, das jemand aufbewahrt.";
        caption: "Publishers of {project}", "Publisher von {project}";
        none_title: "No publisher yet", "Noch kein Publisher";
        none: "A job of GitHub Actions or GitLab CI, or a service account of Kubernetes, can be one.", "Ein Job von GitHub Actions oder GitLab CI oder ein Dienstkonto von Kubernetes kann einer sein.";
        new: "New publisher", "Neuer Publisher";
        make: "Make publisher", "Publisher anlegen";
        name_hint: "What the audit and its application call it.", "So nennen ihn Protokoll und Anwendung.";
        issuer: "Issuer", "Aussteller";
        issuer_hint: "The name of one that the organisation believes. Its administrators know which.", "Der Name eines, dem die Organisation glaubt. Ihre Administratoren kennen sie.";
        claims: "Claims", "Angaben";
        claims_hint: "What its token must say, name=value, one a line. GitHub: repository, workflow; if wanted environment, ref, event_name. GitLab: project_path; if wanted ref, ref_protected, environment. Kubernetes and others: sub. ref may end in *.", "Was sein Token sagen muss, name=wert, eins je Zeile. GitHub: repository, workflow; wenn gewünscht environment, ref, event_name. GitLab: project_path; wenn gewünscht ref, ref_protected, environment. Kubernetes und andere: sub. ref darf auf * enden.";
        on: "Where", "Wo";
        on_hint: "project/repository, one a line. Empty: the whole project.", "projekt/repository, eins je Zeile. Leer: das ganze Projekt.";
        nowhere: "Its last repository is gone: it is good nowhere any more. project/repository, one a line, or the project’s name for all of it.", "Sein letztes Repository ist weg: er gilt nirgends mehr. projekt/repository, eins je Zeile, oder der Name des Projekts für das ganze.";
        ends_tokens: "What it has by then ends, unless only the minutes are others. Other claims: its ids are pinned anew.", "Was er bis dahin hat, endet, außer wenn nur die Minuten andere sind. Andere Angaben: seine Nummern werden neu festgehalten.";
        may: "May", "Darf";
        minutes: "Minutes that a token is good", "Minuten, die ein Token gilt";
        minutes_hint: "1 to 60.", "1 bis 60.";
        application: "Application", "Anwendung";
        application_hint: "That owns the tokens and takes part in the project. Empty: one of its own.", "Der die Token gehören und die am Projekt teilnimmt. Leer: eine eigene.";
        own_application: "its own, goes with it", "eigene, geht mit ihm";
        direct: "Its token may be shown as it is", "Sein Token darf gezeigt werden, wie es ist";
        direct_hint: "In place of one of ours; of issuers of the kind kubernetes alone.", "Statt eines von uns; nur bei Ausstellern der Art kubernetes.";
        pinned: "Pinned", "Festgehalten";
        pin_until: "Pins ids with its first success, until {when}", "Hält beim ersten Erfolg Nummern fest, bis {when}";
        last_used: "Last token", "Letztes Token";
        never: "never", "nie";
        try_title: "Try a token", "Ein Token probieren";
        try_hint: "The token of the issuer, as the job has it. Nothing is made, it stays good, and it is not kept.", "Das Token des Ausstellers, wie es der Job hat. Nichts wird gemacht, es bleibt gut und wird nicht aufbewahrt.";
        token: "Token", "Token";
        try_do: "Try", "Probieren";
        takes: "It would be taken.", "Es würde genommen.";
        takes_not: "It would not be taken.", "Es würde nicht genommen.";
        unfit: "{claim}: wanted {wanted}, found {found}", "{claim}: verlangt {wanted}, da steht {found}";
        nothing: "nothing", "nichts";
        delete_title: "Delete publisher {name}?", "Publisher {name} löschen?";
        delete: "Delete publisher", "Publisher löschen";
        goes_tokens: "The tokens that it made, from the next request on.", "Die Token, die er gemacht hat, ab der nächsten Anfrage.";
        goes_application: "Its application {name}.", "Seine Anwendung {name}.";
        stays_application: "The application {name}, with its other tokens and rights.", "Die Anwendung {name} mit ihren anderen Token und Rechten.";
        stays_packages: "What was published.", "Was veröffentlicht wurde.";
    }
}
