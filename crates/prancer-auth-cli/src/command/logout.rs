//! `prancer-auth logout`

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let (session, kept) = keeper::open(place).await?;
    if kept.is_none_or(|kept| kept.tokens.is_none()) {
        eprintln!("Nobody is logged in.");
        return Ok(());
    }
    session.logout().await?;
    eprintln!("Logged out of {}.", session.portal());
    Ok(())
}
