//! How fast libraries hand out a token that they have cached and that is still valid: one line of JSON per peer and result.
//!
//! `--once` makes every call once and measures nothing; `--plot FOLDER` draws the lines that benchmarks printed.

mod aws_smithy_runtime;
mod azure_core;
mod azure_identity;
mod floor;
mod google_cloud_auth;
mod loopback;
mod measure;
mod object_store;
mod octocrab;
mod plot;
mod prancer_auth;
mod token;
mod versions;
mod yup_oauth2;

use measure::Bench;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [plot, folder] = &arguments[..]
        && plot == "--plot"
    {
        plot::draw(std::path::Path::new(folder), std::io::stdin());
        return;
    }
    let bench = Bench::new(arguments.iter().any(|it| it == "--once"));
    let server = loopback::serve();
    floor::run(&bench);
    prancer_auth::run(&bench);
    aws_smithy_runtime::run(&bench);
    azure_core::run(&bench);
    azure_identity::run(&bench);
    google_cloud_auth::run(&bench, &server);
    object_store::run(&bench, &server);
    octocrab::run(&bench, &server);
    yup_oauth2::run(&bench, &server);
}
