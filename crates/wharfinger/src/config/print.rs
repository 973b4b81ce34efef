//! The configuration as text.

use std::fmt::Write as _;

use crate::config::{Config, SECTIONS};

const HEAD: &str = "\
# Every setting of Wharfinger with its default. A line `# key = value` shows the default; take the `# ` away to change it.
# Each key can also be set by the variable WHARFINGER__SECTION__KEY, or by WHARFINGER__SECTION__KEY_FILE, which names a file
# that holds the value; in a variable the items of a list stand between commas. Variables win over this file, arguments over both.
# Unknown keys are errors. `wharfinger config check` reads it without starting; `wharfinger config print` shows what is in force.
";

pub(super) fn plain(config: &Config) -> String {
    let mut text = String::new();
    for section in SECTIONS {
        let keys: Vec<String> = section
            .keys
            .iter()
            .filter_map(|key| Some(format!("{} = {}", key.name, (key.shown)(config)?)))
            .collect();
        if !keys.is_empty() {
            let separator = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{separator}[{}]\n{}", section.name, keys.join("\n"));
        }
    }
    text
}

pub(super) fn commented() -> String {
    let defaults = Config::default();
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        text.push('\n');
        for line in section.about {
            let _ = writeln!(text, "#{line}");
        }
        let _ = writeln!(text, "[{}]", section.name);
        for key in section.keys {
            for line in key.about {
                let _ = writeln!(text, "#{line}");
            }
            let _ = match (key.shown)(&defaults) {
                Some(value) => writeln!(text, "# {} = {value}", key.name),
                None => writeln!(text, "# {} is not set", key.name),
            };
        }
    }
    text
}
