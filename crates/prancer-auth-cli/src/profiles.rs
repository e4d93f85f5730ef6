//! The profiles that there are: those of the configuration file, and those that have a session.

use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile_name::{DEFAULT, is_name};
use crate::settings::Settings;
use crate::source::Source;

/// How the name of a file ends that tells of a session in the keyring.
const KEYRING: &str = "keyring";

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
        let mut profiles = self.profiles();
        if name == DEFAULT || profiles.iter().any(|it| it == name) || self.in_keyring(name).exists()
        {
            return Ok(());
        }
        if !profiles.iter().any(|it| it == DEFAULT) {
            profiles.insert(0, DEFAULT.to_owned());
        }
        let known = profiles.join(", ");
        let problem = format!("unknown profile `{name}`; known profiles: {known}");
        Err(Failure::plain(Exit::Usage, problem).next("prancer-auth login --profile NAME"))
    }

    /// All profiles, in order.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let mut profiles: Vec<_> = self.config.profiles.keys().cloned().collect();
        let entries = std::fs::read_dir(&self.state);
        let files = entries.into_iter().flatten().flatten();
        let files = files.filter_map(|entry| entry.file_name().into_string().ok());
        profiles.extend(files.filter_map(|file| of_file(&file)));
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

    /// A file that is there while the keyring has the session of a profile, or what a logout left of it.
    pub(crate) fn in_keyring(&self, profile: &str) -> PathBuf {
        self.session_file(profile).with_extension(KEYRING)
    }
}

/// The profile whose session is in this file, or in the keyring as this file tells.
fn of_file(file: &str) -> Option<String> {
    let (name, extension) = file.strip_prefix("session")?.rsplit_once('.')?;
    if extension != "json" && extension != KEYRING {
        return None;
    }
    match name.strip_prefix('-') {
        // What is no profile's name is none of this command's files.
        Some(name) => is_name(name).then(|| name.to_owned()),
        None => name.is_empty().then(|| DEFAULT.to_owned()),
    }
}

/// Makes a folder that only its owner enters.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
