//! `prancer-auth refresh`

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper::Keeper;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let keeper = Keeper::open(place)?;
    let renewed = keeper.session.refresh().await;
    keeper.keep_or_warn().await;
    renewed?;
    eprintln!("Renewed the access token at {}.", keeper.session.portal());
    Ok(())
}
