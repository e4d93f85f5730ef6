//! `prancer-auth token`

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::output;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let keeper = Keeper::open(place)?;
    let token = keeper.session.token().await;
    keeper.keep_or_warn().await;
    output::print(token?.expose().as_bytes())
}
