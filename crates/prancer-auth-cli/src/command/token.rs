//! `prancer-auth token`

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper;
use crate::output;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let (session, _) = keeper::open(place).await?;
    let token = session.token().await;
    session.settled().await?;
    output::print(token?.expose().as_bytes())
}
