//! The settings of progenitor, and the Rust code that it makes of a document.

use std::fs;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail, ensure};
use openapiv3::OpenAPI;
use proc_macro2::{Group, TokenStream, TokenTree};
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl};
use quote::{ToTokens as _, format_ident, quote};
use serde_json::Value;

use crate::constructors;
use crate::outputs::Output;
use crate::workspace::{CLIENT, DOCUMENT, HTTPMOCK, SCHEMAS};

/// Schemas that are secrets, and the types of the client crate that take their place.
pub(crate) const REPLACEMENTS: [(&str, &str); 3] = [
    ("AccessToken", "crate::AccessToken"),
    ("Password", "crate::Password"),
    ("RefreshToken", "crate::RefreshToken"),
];

/// The files that a document makes.
pub(crate) fn outputs(document: &Value) -> Result<Vec<Output>> {
    let (paths, code): (Vec<_>, Vec<_>) = generate(document)?.into_iter().unzip();
    let files = paths.into_iter().zip(format(code)?);
    let files = files.map(|(path, content)| Output { path, content });
    Ok(files.collect())
}

/// The client alone.
pub(crate) fn client(document: &Value) -> Result<String> {
    let [(_, client), ..] = generate(document)?;
    Ok(format(vec![client])?.concat())
}

/// The hook of panics is one for the whole process.
static HOOK: Mutex<()> = Mutex::new(());

fn generate(document: &Value) -> Result<[(&'static str, TokenStream); 3]> {
    let api: OpenAPI = serde_json::from_value(document.clone())?;
    let api = &api;
    let mut generator = Generator::new(&settings());
    // What it cannot take, it may say with a panic, whose place is of no interest.
    let alone = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let code = catch_unwind(AssertUnwindSafe(|| {
        let client = generator.generate_tokens(api)?;
        let httpmock = generator.httpmock(api, "prancer_auth_client")?;
        let schemas = schemas(document);
        Ok::<_, progenitor::Error>([(CLIENT, client), (HTTPMOCK, httpmock), (SCHEMAS, schemas)])
    }));
    panic::set_hook(hook);
    drop(alone);
    let code = match code {
        Ok(code) => code.with_context(|| format!("progenitor cannot take {DOCUMENT}"))?,
        Err(said) => bail!(
            "progenitor cannot take {DOCUMENT}: {}; nothing was written",
            said.downcast_ref::<String>()
                .map_or("it does not say why", String::as_str)
        ),
    };
    let [(path, client), mocks, schemas] = code;
    let client = constructors::add(client, document)
        .with_context(|| format!("cannot read what progenitor made of {DOCUMENT}"))?;
    Ok([(path, client), mocks, schemas])
}

/// What tests compare: every schema with its Rust type.
fn schemas(document: &Value) -> TokenStream {
    let all = document["components"]["schemas"].as_object().into_iter();
    let schemas = all.flatten().map(|(name, _)| {
        let of = format_ident!("{name}");
        match REPLACEMENTS.iter().any(|(it, _)| name == it) {
            true => quote!((#name, of::<prancer_auth_client::#of>())),
            false => quote!((#name, of::<prancer_auth_client::types::#of>())),
        }
    });
    quote! {
        use super::{OfType, of};
        pub(super) fn schemas() -> Vec<(&'static str, OfType)> {
            vec![#(#schemas),*]
        }
    }
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_inner_type("crate::Credential".parse().unwrap_or_default())
        .with_hooks(HooksMode::Expected)
        .with_derive("schemars::JsonSchema");
    for (schema, replacement) in REPLACEMENTS {
        settings.with_replacement(schema, replacement, std::iter::empty::<TypeImpl>());
    }
    settings
}

/// The text of each, by one `rustfmt` for all of them.
fn format(code: Vec<TokenStream>) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let mut files = Vec::new();
    for code in code {
        let file = folder.path().join(format!("{}.rs", files.len()));
        let code = prettyplease::unparse(&syn::parse2(split_docs(code))?);
        let about =
            format!("//! Generated from `{DOCUMENT}` by `cargo xtask generate`; do not edit.");
        fs::write(&file, format!("{about}\n\n{code}"))?;
        files.push(file);
    }
    let status = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "newline_style=Unix"])
        .args(&files)
        .status()
        .context("cannot start rustfmt; install it with: rustup component add rustfmt")?;
    ensure!(status.success(), "rustfmt failed: {status}");
    files.iter().map(|it| Ok(fs::read_to_string(it)?)).collect()
}

/// Gives every line of a doc comment a `///` of its own: rustdoc takes the indented lines of a `/** */` for code.
fn split_docs(code: TokenStream) -> TokenStream {
    let mut split = TokenStream::new();
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let next_is_doc = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#')
            && matches!(tokens.peek(), Some(TokenTree::Group(group)) if doc(group).is_some());
        match (token, next_is_doc) {
            (_, true) => {
                let text = match tokens.next() {
                    Some(TokenTree::Group(group)) => doc(&group).unwrap_or_default(),
                    _ => String::new(),
                };
                // An empty text is one empty line.
                for line in text.trim().split('\n') {
                    let line = format!(" {}", line.trim_start());
                    let line = line.trim_end();
                    split.extend(quote!(#[doc = #line]));
                }
            }
            (TokenTree::Group(group), _) => {
                Group::new(group.delimiter(), split_docs(group.stream())).to_tokens(&mut split);
            }
            (token, _) => token.to_tokens(&mut split),
        }
    }
    split
}

/// The text of `[doc = "text"]`.
fn doc(attribute: &Group) -> Option<String> {
    let meta = syn::parse2::<syn::MetaNameValue>(attribute.stream()).ok()?;
    match meta.value {
        syn::Expr::Lit(literal) if meta.path.is_ident("doc") => match literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
