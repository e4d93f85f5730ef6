//! The binaries of this workspace, as cargo has built them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where cargo has put a binary of this workspace, built now if it is stale.
pub(crate) fn binary(name: &str) -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        // The whole workspace, so that features are what they are in the test's own build.
        let build = escargot::CargoBuild::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
            .arg("--workspace")
            .bin("prancer-auth")
            .bin("prancer-auth-emulator")
            .current_release();
        let mut paths = build.exec().unwrap().map(|message| message.unwrap());
        paths
            .find_map(|message| match message.decode().unwrap() {
                escargot::format::Message::CompilerArtifact(artifact) => artifact
                    .executable
                    .map(|path| path.parent().unwrap().to_owned()),
                _ => None,
            })
            .unwrap()
    });
    let path = folder.join(name);
    assert!(path.exists(), "{}", path.display());
    Box::leak(path.into_boxed_path())
}
