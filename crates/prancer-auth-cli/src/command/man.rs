//! `prancer-auth man`: the manual pages, from the same definition as the help.

use std::path::Path;

use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::failure::Failure;

pub(crate) fn run(folder: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot write to {}", folder.display()), &error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(failed)
}
