//! A running emulator, which ends with its handle.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use tokio::runtime;
use tokio::sync::oneshot;

use crate::calls::{Calls, Operation};
use crate::clock::Clock;
use crate::document::Document;
use crate::fault::{Fault, Faults};
use crate::portal::Portal;
use crate::routes::{self, Context};
use crate::server;
use crate::settings::{Settings, User};

/// A portal in a box, on loopback. It runs on a thread of its own until it is dropped.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let emulator = prancer_auth_emulator::Emulator::start()?;
/// println!("{} knows {}", emulator.url(), emulator.user().email);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    tenant: Option<String>,
    user: User,
    context: Arc<Context>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts one with the [default settings](Settings::default).
    ///
    /// # Errors
    ///
    /// No port is free, or no thread can be started.
    pub fn start() -> io::Result<Self> {
        Settings::default().start()
    }

    fn new(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(settings.address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let tenant = settings.tenant.clone();
        let user = settings.users.first().cloned().unwrap_or_default();
        let clock = Clock::default();
        let context = Arc::new(Context {
            calls: Calls::default(),
            document: Document::read()?,
            faults: Faults::default(),
            shape: settings.shape,
            latency: settings.latency,
            portal: Portal::new(settings, clock.clone()),
            clock,
        });

        let router = routes::router(Arc::clone(&context), tenant.as_deref());
        #[cfg(feature = "docs")]
        let router = router.merge(crate::docs::router(&context.document, tenant.as_deref()));
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(server::serve(listener, router, stopped));
        };
        let thread = thread::Builder::new()
            .name("prancer-auth-emulator".to_owned())
            .spawn(serve)?;
        Ok(Self {
            address,
            tenant,
            user,
            context,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The URL of the portal, without a tenant and without a `/` at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The tenant that the paths start with, if there is one.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The first of its users.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// What time the emulator thinks it is.
    pub fn now(&self) -> SystemTime {
        self.context.clock.now()
    }

    /// Moves its clock forward: tokens grow older, the machine's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        self.context.clock.advance(by);
    }

    /// Moves its clock back.
    pub fn rewind(&self, by: Duration) {
        self.context.clock.rewind(by);
    }

    /// How many requests to this operation have arrived so far, including those that met a [`Fault`].
    pub fn calls(&self, operation: Operation) -> u64 {
        self.context.calls.count(operation)
    }

    /// Makes the next request to this operation meet a fault. With several faults, each meets one request, in order.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        self.context.faults.push(operation, fault);
    }

    /// How many sessions are alive: they were not ended, and one of their tokens has not expired.
    pub fn sessions(&self) -> usize {
        self.context.portal.sessions()
    }

    /// Ends every session, as an administrator might: from now on, all of their tokens are rejected.
    pub fn revoke_all(&self) {
        self.context.portal.revoke_all();
    }
}

impl Settings {
    /// Starts the emulator on a thread of its own.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on, the thread cannot be started, or the tenant is not one segment of a path.
    pub fn start(mut self) -> io::Result<Emulator> {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_segment = |it: &String| !it.is_empty() && it.bytes().all(letters);
        if !self.tenant.iter().all(is_segment) {
            let problem = "a tenant is one segment of a path: letters, digits, `-`, `_` and `.`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        if self.users.is_empty() {
            self.users.push(User::default());
        }
        Emulator::new(self)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    /// The emulator's secrets are made up, and people paste what it prints all the same.
    #[test]
    fn no_type_of_this_crate_shows_a_secret() {
        let user = User {
            password: "canary".into(),
            ..User::default()
        };
        let settings = Settings::default().user(user.clone());
        let emulator = settings.clone().start().unwrap();
        // With tokens of a session.
        let pair = emulator.context.portal.any_pair().unwrap();
        let fault = crate::Fault::Drop;
        let all: [&dyn Debug; 5] = [&user, &settings, &emulator, &pair, &fault];
        for shown in all {
            let shown = format!("{shown:?} {shown:#?}");
            assert!(
                !shown.contains("canary") && !shown.contains("eyJ"),
                "{shown}"
            );
        }
    }
}
