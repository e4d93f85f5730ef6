//! The customer id of a company, as the portal writes it.

const PREFIX: &str = "prancer-";

/// The customer id of a company, which is its tenant too: `ABC` has `prancer-abc`, `prancer-abc` has itself.
pub(crate) fn of_company(company: &str) -> String {
    let name = company.trim().to_lowercase();
    if name.starts_with(PREFIX) {
        name
    } else {
        format!("{PREFIX}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_has_one_customer_id_however_it_is_written() {
        for company in ["ABC", "abc", " Abc ", "prancer-abc", "Prancer-ABC"] {
            assert_eq!(of_company(company), "prancer-abc", "{company}");
        }
    }
}
