//! `prancer-auth logout`

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper::Keeper;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let keeper = Keeper::open(place)?;
    if keeper.session.stored().is_none() {
        eprintln!("Nobody is logged in.");
        return Ok(());
    }
    let ended = keeper.session.logout().await;
    keeper.keep().await?;
    ended?;
    eprintln!("Logged out of {}.", keeper.session.portal());
    Ok(())
}
