//! Ctrl-C: the terminal and the session stay whole.

use std::process::exit;
use std::time::Duration;

use crate::exit::Exit;
use crate::keeper;

/// How long a renewal that is under way may still take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Ends the process when it is interrupted: after a renewal that is on its way, and with a terminal that shows what is typed.
pub(crate) fn watch() -> Result<(), ctrlc::Error> {
    #[cfg(unix)]
    let terminal = rustix::termios::tcgetattr(std::io::stdin()).ok();
    ctrlc::set_handler(move || {
        if let Some(session) = keeper::current_session() {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                let _ = runtime
                    .block_on(async { tokio::time::timeout(PATIENCE, session.settled()).await });
            }
        }
        #[cfg(unix)]
        if let Some(terminal) = &terminal {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, terminal);
        }
        eprintln!();
        exit(Exit::Interrupted as i32);
    })
}
