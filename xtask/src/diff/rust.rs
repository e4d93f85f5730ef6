//! What programs in Rust can use of the generated client: it is made of both editions, and what the old one had has to be there.

use std::collections::BTreeSet;

use anyhow::Result;
use quote::quote;
use serde_json::Value;
use syn::{ImplItem, Item, Visibility};

use super::change::{Change, Impact};
use crate::generator;

/// A change for each thing that is gone, or is another now.
pub(super) fn compare(old: &Value, new: &Value) -> Result<Vec<Change>> {
    let (old, new) = (interface(old)?, interface(new)?);
    let gone = old.difference(&new).map(|it| Change {
        impact: Impact::Breaking,
        pointer: String::new(),
        sentence: format!("Rust: `{it}` is gone, or another."),
    });
    Ok(gone.collect())
}

fn interface(document: &Value) -> Result<BTreeSet<String>> {
    let file: syn::File = syn::parse2(generator::client(document)?)?;
    let mut found = BTreeSet::new();
    collect(&file.items, "", &mut found);
    Ok(found)
}

fn collect(items: &[Item], path: &str, found: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Mod(module) => {
                let (name, content) = (&module.ident, &module.content);
                let items = content.iter().flat_map(|(_, items)| items);
                let items: Vec<_> = items.cloned().collect();
                collect(&items, &format!("{path}{name}::"), found);
            }
            Item::Struct(item) => {
                found.insert(format!("{path}{}", item.ident));
                for field in item.fields.iter().filter(|it| is_public(&it.vis)) {
                    let (name, of) = (&field.ident, &field.ty);
                    found.insert(format!("{path}{}: {}", item.ident, quote!(#name #of)));
                }
            }
            Item::Enum(item) => {
                let (name, variants) = (&item.ident, &item.variants);
                found.insert(format!("{path}{name}: {}", quote!(#variants)));
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let of = &item.self_ty;
                for item in &item.items {
                    if let ImplItem::Fn(function) = item
                        && is_public(&function.vis)
                    {
                        let signature = &function.sig;
                        found.insert(format!("{path}{}: {}", quote!(#of), quote!(#signature)));
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed;

    #[test]
    fn a_member_that_may_be_there_takes_nothing_away_and_one_that_has_to_be_does() {
        let old = seed::document();
        let mut new = old.clone();
        let schema = &mut new["components"]["schemas"]["Credentials"];
        schema["properties"]["otp"] = serde_json::json!({ "type": "string" });
        assert_eq!(compare(&old, &new).unwrap().len(), 0);
        let schema = &mut new["components"]["schemas"]["Credentials"];
        let required = schema["required"].as_array_mut().unwrap();
        required.push("otp".into());
        let gone = compare(&old, &new).unwrap();
        assert_eq!(gone.len(), 1);
        assert!(gone[0].sentence.contains("fn new"), "{}", gone[0]);
    }
}
