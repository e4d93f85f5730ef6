//! What is chosen of many things, by the beginnings of their names.

use anyhow::{Result, bail};

/// All where none is named.
pub(crate) fn chosen(all: &[&'static str], names: &[String]) -> Result<Vec<&'static str>> {
    let named = |it: &&str, name: &String| it.starts_with(name.as_str());
    if let Some(unknown) = names
        .iter()
        .find(|&name| !all.iter().any(|it| named(it, name)))
    {
        bail!("no `{unknown}`; there are {}", all.join(", "));
    }
    let chosen = |it: &&str| names.is_empty() || names.iter().any(|name| named(it, name));
    Ok(all.iter().copied().filter(chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_their_beginnings() {
        let all = ["python/a", "go/redocly", "go/other", "python/b"];
        let some = chosen(&all, &["python".to_owned(), "go/r".to_owned()]).unwrap();
        assert_eq!(some, ["python/a", "go/redocly", "python/b"]);
        assert_eq!(chosen(&all, &[]).unwrap(), all);
        assert!(chosen(&all, &["cobol".to_owned()]).is_err());
    }
}
