texts! {
    /// Oneself.
    ProfileTexts {
        title: "Profile", "Profil";
        called: "What people call you", "Wie man dich nennt";
        password: "Password", "Passwort";
        password_why: "Ends every session of yours, this one too, and what the old password gave out. Tokens stay.", "Beendet jede deiner Sitzungen, auch diese, und was das alte Passwort ausgegeben hat. Token bleiben.";
        current: "Present password", "Jetziges Passwort";
        new: "New password", "Neues Passwort";
        change: "Change password", "Passwort ändern";
        wrong_password: "The present password is another one.", "Das jetzige Passwort ist ein anderes.";
        rights: "What you may", "Was du darfst";
        rights_caption: "What you may, by place", "Was du darfst, nach Ort";
        rights_none: "Nothing is granted to you; what is public you may read.", "Dir ist nichts gewährt; was öffentlich ist, darfst du lesen.";
        place: "Place", "Ort";
        may: "You may", "Du darfst";
        anyone: "everybody may this too", "das darf auch jeder andere";
        emails: "Addresses", "Adressen";
        events: "What I did", "Was ich getan habe";
    }
}
