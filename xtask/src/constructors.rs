//! Constructors of the generated types: an argument for what has to be there, and nothing for the rest, so that programs which use
//! them compile with one more optional member.

use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use serde_json::Value;
use syn::{Field, Fields, Item, ItemStruct};

/// The client with a constructor for every schema that has members.
pub(crate) fn add(client: TokenStream, document: &Value) -> syn::Result<TokenStream> {
    let mut file: syn::File = syn::parse2(client)?;
    for item in &mut file.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            let mut made = Vec::new();
            for item in items.iter() {
                if let Item::Struct(item) = item
                    && let Some(constructor) = constructor(item, document)?
                {
                    made.push(syn::parse2(constructor)?);
                }
            }
            items.extend(made);
        }
    }
    Ok(file.into_token_stream())
}

/// The arguments are in the order of the document, of which the verdict sees that it stays.
fn constructor(item: &ItemStruct, document: &Value) -> syn::Result<Option<TokenStream>> {
    let name = &item.ident;
    let schema = &document["components"]["schemas"][name.to_string()];
    let (Some(properties), Fields::Named(fields)) =
        (schema["properties"].as_object(), &item.fields)
    else {
        return Ok(None);
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let required: Vec<_> = required.filter_map(Value::as_str).collect();
    let order: Vec<_> = properties.keys().collect();
    let place = |field: &Field| {
        let name = field.ident.as_ref().map(ToString::to_string);
        order.iter().position(|it| Some(it.to_snake_case()) == name)
    };
    let mut fields: Vec<_> = fields.named.iter().collect();
    fields.sort_by_key(|it| place(it).unwrap_or(usize::MAX));
    let (mut arguments, mut members) = (Vec::new(), Vec::new());
    for field in fields {
        let (name, of) = (&field.ident, &field.ty);
        if place(field).is_some_and(|it| required.contains(&order[it].as_str())) {
            arguments.push(quote!(#name: #of));
            members.push(quote!(#name));
        } else {
            let default = default(field)?;
            members.push(quote!(#name: #default));
        }
    }
    let doc = "With what has to be there; what may be missing is as if it were.";
    Ok(Some(quote! {
        impl #name {
            #[doc = #doc]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#members),* }
            }
        }
    }))
}

/// What stands for a member that may be missing.
fn default(field: &Field) -> syn::Result<TokenStream> {
    let mut default = quote!(::std::default::Default::default());
    for attribute in field.attrs.iter().filter(|it| it.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            let value = match meta.value() {
                Ok(value) => Some(value.parse::<syn::LitStr>()?),
                Err(_) => None,
            };
            if let Some(function) = value.filter(|_| meta.path.is_ident("default")) {
                let function = function.parse::<syn::ExprPath>()?;
                default = quote!(#function());
            }
            Ok(())
        })?;
    }
    Ok(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_missing_is_no_argument_and_the_order_is_the_documents() {
        let client = quote! {
            pub mod types {
                pub struct Pair {
                    #[serde(rename = "aName")]
                    pub a_name: String,
                    #[serde(default, skip_serializing_if = "Vec::is_empty")]
                    pub list: Vec<String>,
                    #[serde(skip_serializing_if = "Option::is_none")]
                    pub maybe: Option<String>,
                    #[serde(default = "defaults::pair_times")]
                    pub times: i64,
                    pub z: String,
                }
                pub struct Map(pub String);
            }
        };
        let schema = serde_json::json!({
            "required": ["aName", "z"],
            "properties": { "z": {}, "list": {}, "maybe": {}, "times": {}, "aName": {} },
        });
        let document = serde_json::json!({
            "components": { "schemas": { "Pair": schema, "Map": {} } },
        });
        let made = add(client, &document).unwrap().to_string();
        let expected = quote! {
            pub fn new(z: String, a_name: String) -> Self {
                Self {
                    z,
                    list: ::std::default::Default::default(),
                    maybe: ::std::default::Default::default(),
                    times: defaults::pair_times(),
                    a_name
                }
            }
        };
        assert!(made.contains(&expected.to_string()), "{made}");
        assert_eq!(made.matches("impl").count(), 1, "{made}");
    }
}
