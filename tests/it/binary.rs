//! The binaries and examples of this workspace, as cargo has built them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use escargot::CargoBuild;
use escargot::format::Message;

/// All of them, built now if they are stale: the whole workspace, so that features are what they are in the test's own
/// build.
static PATHS: LazyLock<HashMap<String, PathBuf>> = LazyLock::new(|| {
    let build = CargoBuild::new()
        .manifest_path("../Cargo.toml")
        .arg("--workspace")
        .bins()
        .examples()
        .current_release();
    let mut paths = HashMap::new();
    for message in build.exec().unwrap() {
        if let Message::CompilerArtifact(artifact) = message.unwrap().decode().unwrap()
            && let Some(path) = artifact.executable
        {
            paths.insert(artifact.target.name.into_owned(), path.into_owned());
        }
    }
    paths
});

/// The path of a binary or an example.
pub(crate) fn binary(name: &str) -> &'static PathBuf {
    &PATHS[name]
}
