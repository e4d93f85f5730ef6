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
    /// The portal's URL, without a tenant and without /api/ [default: that of the session, else https://portal.prancer.io]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "PRANCER_PORTAL",
        hide_env_values = true
    )]
    pub(crate) portal: Option<String>,
    /// The segment of the path before /api/, such as customer1
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "PRANCER_TENANT",
        hide_env_values = true
    )]
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
    /// The email address
    #[arg(long, env = "PRANCER_EMAIL", hide_env_values = true)]
    pub(crate) email: Option<String>,
    /// The customer id, such as customer1 or prancer-customer1
    #[arg(
        long,
        value_name = "ID",
        env = "PRANCER_CUSTOMER_ID",
        hide_env_values = true
    )]
    pub(crate) customer_id: Option<String>,
    /// The company, which gives both tenant and customer id: ABC has prancer-abc
    #[arg(long, value_name = "NAME", conflicts_with_all = ["customer_id", "tenant"])]
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
