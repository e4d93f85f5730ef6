//! The configuration file, which a person writes by hand.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::NamedTempFile;
use toml_edit::{DocumentMut, Item, RawString, value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile_name;

/// How many links are followed to the file, as Linux does.
const LINKS: usize = 40;

/// What the file says. A store's URL may hold a password, so nothing of it has a `Debug`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The profile where nothing else is said.
    pub(crate) profile: Option<String>,
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, ProfileConfig>,
}

/// What the file says of a profile.
#[derive(Default, Clone, PartialEq, Deserialize)]
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

impl ProfileConfig {
    fn members(&self) -> impl Iterator<Item = (&'static str, Option<&str>)> {
        [
            ("portal", &self.portal),
            ("tenant", &self.tenant),
            ("company", &self.company),
            ("email", &self.email),
            ("customer_id", &self.customer_id),
            ("store", &self.store),
        ]
        .map(|(name, value)| (name, value.as_deref()))
        .into_iter()
    }
}

impl Config {
    /// Reads the file; where there is none, it says nothing.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = text(path)?;
        let config: Self = toml_edit::de::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text[..start].matches('\n').count() + 1;
            let said = without_value(error.message().trim()).replace('\n', "; ");
            Failure::plain(Exit::Usage, format!("{}:{line}: {said}", path.display()))
        })?;
        match config.problem() {
            Some(problem) => {
                let problem = format!("{}: {problem}", path.display());
                Err(Failure::plain(Exit::Usage, problem))
            }
            None => Ok(config),
        }
    }

    /// What is TOML, and makes no sense all the same.
    fn problem(&self) -> Option<String> {
        if self.profile.as_deref() == Some("") {
            return Some("`profile` is empty; leave it out".to_owned());
        }
        self.profiles.iter().find_map(|(name, profile)| {
            if !profile_name::is_name(name) {
                return Some(profile_name::problem(name));
            }
            let empty = profile.members().find(|(_, value)| *value == Some(""));
            empty.map(|(member, _)| {
                format!("`{member}` of the profile `{name}` is empty; leave it out")
            })
        })
    }

    /// Makes this profile the one where nothing else is said.
    pub(crate) fn choose(path: &Path, profile: &str) -> Result<(), Failure> {
        edit(path, |document| match document.get_mut("profile") {
            // A comment behind it stays.
            Some(Item::Value(old)) => {
                let decor = old.decor().clone();
                *old = profile.into();
                *old.decor_mut() = decor;
            }
            _ => document["profile"] = value(profile),
        })
    }

    /// Removes what the file says of this profile. Comments stay.
    pub(crate) fn remove(path: &Path, profile: &str) -> Result<(), Failure> {
        edit(path, |document| {
            remove_table(document, profile);
            if document.get("profile").and_then(|it| it.as_str()) == Some(profile)
                && let Some((key, _)) = document.remove_entry("profile")
            {
                let comments = comments(key.leaf_decor().prefix());
                let mut next = document.iter_mut();
                match next.find(|(_, item)| item.is_value()) {
                    Some((mut key, _)) => {
                        let decor = key.leaf_decor_mut();
                        decor.set_prefix(comments + &comments_and_space(decor.prefix()));
                    }
                    None => {
                        drop(next);
                        put_before(document, isize::MIN, &comments);
                    }
                }
            }
        })
    }
}

fn remove_table(document: &mut DocumentMut, profile: &str) {
    let profiles = document.get_mut("profiles");
    let Some(profiles) = profiles.and_then(|it| it.as_table_like_mut()) else {
        return;
    };
    if let Some(Item::Table(table)) = profiles.remove(profile) {
        let comments = comments(table.decor().prefix());
        put_before(document, table.position().unwrap_or(isize::MIN), &comments);
    }
}

/// Puts comments before the first table behind this position, else at the end.
fn put_before(document: &mut DocumentMut, position: isize, comments: &str) {
    let tables = document
        .get_mut("profiles")
        .and_then(|it| it.as_table_mut());
    let tables = tables.into_iter().flat_map(|it| it.iter_mut());
    let tables = tables.filter_map(|(_, item)| item.as_table_mut());
    let behind = tables.filter(|it| it.position().is_some_and(|it| it > position));
    match behind.min_by_key(|it| it.position()) {
        Some(table) => {
            let own = comments_and_space(table.decor().prefix());
            table.decor_mut().set_prefix(comments.to_owned() + &own);
        }
        None => {
            let trailing = comments.to_owned() + document.trailing().as_str().unwrap_or_default();
            document.set_trailing(trailing);
        }
    }
}

/// What stands before something, where that has a comment.
fn comments(prefix: Option<&RawString>) -> String {
    let text = Some(comments_and_space(prefix));
    text.filter(|it| it.contains('#')).unwrap_or_default()
}

fn comments_and_space(prefix: Option<&RawString>) -> String {
    let text = prefix.and_then(RawString::as_str);
    text.unwrap_or_default().to_owned()
}

/// What is wrong without the value that is, since a store's URL in the wrong place is one.
fn without_value(said: &str) -> String {
    match said.rsplit_once(", expected ") {
        Some((start, expected)) if start.starts_with("invalid ") => {
            let kind = start.split(':').next().unwrap_or_default();
            format!("{kind}, expected {expected}")
        }
        _ => said.to_owned(),
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

/// Changes the file and nothing else about it: a link stays one, and the mode stays.
fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<(), Failure> {
    // What it says must make sense first: the error names the line.
    Config::read(path)?;
    let failed = |error: &dyn std::error::Error| {
        Failure::new(format!("cannot write {}", path.display()), error)
    };
    let mut document: DocumentMut = text(path)?.parse().map_err(|error| failed(&error))?;
    change(&mut document);
    let target = target(path).map_err(|error| failed(&error))?;
    let folder = target
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let written = fs::create_dir_all(&folder)
        .and_then(|()| NamedTempFile::new_in(&folder))
        .and_then(|mut file| {
            file.write_all(document.to_string().as_bytes())?;
            if let Ok(metadata) = fs::metadata(&target) {
                file.as_file().set_permissions(metadata.permissions())?;
            }
            file.persist(&target).map_err(|error| error.error)
        });
    written.map(drop).map_err(|error| failed(&error))
}

/// What a link leads to, though that may not be there yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            // It is no link.
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("too many links"))
}
