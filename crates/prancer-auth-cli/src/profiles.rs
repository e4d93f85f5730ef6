//! The profiles that there are: those of the configuration file, and those that have a session.

use std::path::PathBuf;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::source::Source;

/// The profile where nothing else is said.
pub(crate) const DEFAULT: &str = "default";

/// A profile's name is part of a file's name.
pub(crate) fn check_name(name: &str) -> Result<(), Failure> {
    let letters = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && name.chars().all(letters) {
        return Ok(());
    }
    let problem =
        format!("Invalid profile name `{name}`: use letters, digits, hyphens, `_` and `.`");
    Err(Failure::plain(Exit::Usage, problem))
}

impl Settings {
    /// Fails where something names a profile that does not exist.
    pub(crate) fn check_profile(&self) -> Result<(), Failure> {
        match self.profile.source {
            Source::Default => Ok(()),
            _ => self.known(&self.profile.value),
        }
    }

    /// Fails where there is no such profile, and lists those that there are.
    pub(crate) fn known(&self, name: &str) -> Result<(), Failure> {
        let profiles = self.profiles();
        if name == DEFAULT || profiles.iter().any(|it| it == name) || self.in_keyring(name).exists()
        {
            return Ok(());
        }
        let problem = format!("no profile {name}; there are: {}", profiles.join(", "));
        Err(Failure::plain(Exit::Usage, problem).next("prancer-auth login --profile NAME"))
    }

    /// All profiles, in order.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let mut profiles: Vec<_> = self.config.profiles.keys().cloned().collect();
        let entries = std::fs::read_dir(&self.state);
        let files = entries.into_iter().flatten().flatten();
        let files = files.filter_map(|entry| entry.file_name().into_string().ok());
        for file in files {
            if let Some(of_file) = file
                .strip_prefix("session")
                .and_then(|it| it.strip_suffix(".json"))
            {
                match of_file.strip_prefix('-') {
                    Some(name) => profiles.push(name.to_owned()),
                    None if of_file.is_empty() => profiles.push(DEFAULT.to_owned()),
                    None => {}
                }
            } else if let Some(name) = file.strip_suffix(".saving")
                && !name.ends_with(".json")
                && !profiles.iter().any(|it| in_file_name(it) == name)
            {
                profiles.push(name.to_owned());
            }
        }
        if self.profile.source == Source::Default {
            profiles.push(self.profile.value.clone());
        }
        profiles.sort();
        profiles.dedup();
        profiles
    }

    /// The file of a profile's session.
    pub(crate) fn session_file(&self, profile: &str) -> PathBuf {
        match profile {
            DEFAULT => self.state.join("session.json"),
            profile => self.state.join(format!("session-{profile}.json")),
        }
    }

    /// A file that is there once the keyring was asked to hold a session of a profile.
    pub(crate) fn in_keyring(&self, profile: &str) -> PathBuf {
        self.state.join(format!("{}.saving", in_file_name(profile)))
    }
}

/// A profile's name, as the store of the keyring writes it.
fn in_file_name(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(letter).collect()
}
