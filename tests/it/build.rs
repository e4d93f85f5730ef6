//! Generates the client of `other-client.yaml`, which `other_client` authenticates through a session.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use progenitor::{GenerationSettings, Generator, HooksMode};

const DOCUMENT: &str = "it/other-client.yaml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let document = serde_saphyr::from_str(&fs::read_to_string(DOCUMENT)?)?;
    let mut settings = GenerationSettings::new();
    settings
        .with_inner_type("::prancer_auth::Session".parse()?)
        .with_hooks(HooksMode::Expected);
    let code = Generator::new(&settings).generate_tokens(&document)?;
    let code = prettyplease::unparse(&syn::parse2(code)?);
    let file = Path::new(&env::var("OUT_DIR")?).join("other_client.rs");
    Ok(fs::write(file, code)?)
}
