//! The configuration file, which a person writes by hand.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::NamedTempFile;
use toml_edit::{DocumentMut, value};

use crate::exit::Exit;
use crate::failure::Failure;

/// What the file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The profile where nothing else is said.
    pub(crate) profile: Option<String>,
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, ProfileConfig>,
}

/// What the file says of a profile.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileConfig {
    pub(crate) portal: Option<String>,
    pub(crate) tenant: Option<String>,
    /// Gives both tenant and customer id.
    pub(crate) company: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) store: Option<String>,
}

impl Config {
    /// Reads the file; where there is none, it says nothing.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = text(path)?;
        toml_edit::de::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text[..start].matches('\n').count() + 1;
            let said = error.message().trim().replace('\n', "; ");
            Failure::plain(Exit::Usage, format!("{}:{line}: {said}", path.display()))
        })
    }

    /// Makes this profile the one where nothing else is said.
    pub(crate) fn choose(path: &Path, profile: &str) -> Result<(), Failure> {
        edit(path, |document| {
            document["profile"] = value(profile);
        })
    }

    /// Removes what the file says of this profile.
    pub(crate) fn remove(path: &Path, profile: &str) -> Result<(), Failure> {
        edit(path, |document| {
            if let Some(profiles) = document
                .get_mut("profiles")
                .and_then(|it| it.as_table_like_mut())
            {
                profiles.remove(profile);
            }
            if document.get("profile").and_then(|it| it.as_str()) == Some(profile) {
                document.remove("profile");
            }
        })
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => {
            read.map_err(|error| Failure::new(format!("cannot read {}", path.display()), &error))
        }
    }
}

/// Changes the file and nothing else in it, comments included.
fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<(), Failure> {
    // What it says must make sense first: the error names the line.
    Config::read(path)?;
    let failed = |error: &dyn std::error::Error| {
        Failure::new(format!("cannot write {}", path.display()), error)
    };
    let mut document: DocumentMut = text(path)?.parse().map_err(|error| failed(&error))?;
    change(&mut document);
    let folder = path
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let written = fs::create_dir_all(&folder)
        .and_then(|()| NamedTempFile::new_in(&folder))
        .and_then(|mut file| {
            file.write_all(document.to_string().as_bytes())?;
            file.persist(path).map_err(|error| error.error)
        });
    written.map(drop).map_err(|error| failed(&error))
}
