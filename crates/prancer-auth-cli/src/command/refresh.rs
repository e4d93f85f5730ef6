//! `prancer-auth refresh`

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let (session, _) = keeper::open(place).await?;
    session.refresh().await?;
    session.settled().await?;
    eprintln!("Renewed the access token at {}.", session.portal());
    Ok(())
}
