//! What can be typed.

use clap::{Args, Parser, Subcommand};
use reqwest::Method;

/// Log in to the Prancer portal once, and have a valid token from then on.
#[derive(Parser)]
#[command(name = "prancer-auth", version, arg_required_else_help = true)]
#[command(
    after_help = "The password is asked for, or comes from --password-stdin or PRANCER_PASSWORD; never from an argument.\n\
    Exit codes: 0 done, 1 failed, 2 usage, 4 login needed or refused, 5 portal unreachable."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which portal.
#[derive(Args)]
pub(crate) struct Place {
    /// The portal's URL, without a tenant and without /api/, or PRANCER_PORTAL [default: that of the session, else the public one]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) portal: Option<String>,
    /// The segment of the path before /api/, such as customer1, or PRANCER_TENANT
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Log in and keep the session for this user of the machine
    Login(Login),
    /// Print a valid access token, renewed first if need be
    Token,
    /// Show who is logged in where, and for how long; nothing is sent
    Status,
    /// Renew the access token now
    Refresh,
    /// End the session, here and at the portal
    Logout,
    /// Call an API of the portal and print its answer
    Api(Api),
}

#[derive(Args)]
pub(crate) struct Login {
    /// The email address, or PRANCER_EMAIL
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// The customer id, such as customer1 or prancer-customer1, or PRANCER_CUSTOMER_ID
    #[arg(long, value_name = "ID")]
    pub(crate) customer_id: Option<String>,
    /// The company, which gives both tenant and customer id: ABC has prancer-abc
    #[arg(long, value_name = "NAME", conflicts_with = "customer_id")]
    pub(crate) company: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Args)]
pub(crate) struct Api {
    /// GET, POST, ...
    pub(crate) method: Method,
    /// Below /api/, such as user/get/; or from / on, such as /api/user/get/
    pub(crate) path: String,
}
