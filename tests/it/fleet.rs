//! Worker processes that are stopped, killed and started again, and what they say.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use prancer_auth_emulator::Emulator;

use crate::binary::binary;

/// What a worker has said, and how long after the fleet began.
pub(crate) struct Line {
    pub(crate) worker: usize,
    pub(crate) after: Duration,
    pub(crate) text: String,
}

/// Workers that share one session.
pub(crate) struct Fleet {
    command: Box<dyn Fn() -> Command + Send>,
    workers: Vec<Worker>,
    began: Instant,
    sender: Sender<Line>,
    lines: Receiver<Line>,
    readers: Vec<JoinHandle<()>>,
}

struct Worker {
    process: Child,
    input: Option<ChildStdin>,
    /// Stopped until then.
    stopped: Option<Instant>,
}

impl Fleet {
    pub(crate) fn start(
        emulator: &Emulator,
        place: &str,
        credentials: bool,
        workers: usize,
    ) -> Self {
        let (url, user, place) = (emulator.url(), emulator.user().clone(), place.to_owned());
        let command = move || {
            let mut command = Command::new(binary("drive_worker"));
            command
                .env_clear()
                .arg(&place)
                .env("PRANCER_PORTAL", &url)
                .env("DRIVE_EMAIL", &user.email)
                .env("DRIVE_CUSTOMER_ID", &user.customer_id);
            if credentials {
                command
                    .env("PRANCER_EMAIL", &user.email)
                    .env("PRANCER_PASSWORD", user.password.expose())
                    .env("PRANCER_CUSTOMER_ID", &user.customer_id);
            }
            command
        };
        let (sender, lines) = channel();
        let mut fleet = Self {
            command: Box::new(command),
            workers: Vec::new(),
            began: Instant::now(),
            sender,
            lines,
            readers: Vec::new(),
        };
        for index in 0..workers {
            let worker = fleet.worker(index);
            fleet.workers.push(worker);
        }
        fleet
    }

    fn worker(&mut self, worker: usize) -> Worker {
        let mut command = (self.command)();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, began) = (self.sender.clone(), self.began);
        self.readers.push(spawn(move || {
            for text in output.lines().map_while(Result::ok) {
                let after = began.elapsed();
                let line = Line {
                    worker,
                    after,
                    text,
                };
                let _ = sender.send(line);
            }
        }));
        Worker {
            input: process.stdin.take(),
            process,
            stopped: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.workers.len()
    }

    /// It does nothing from now on, until that time has passed.
    pub(crate) fn stop(&mut self, index: usize, time: Duration) {
        let worker = &mut self.workers[index];
        signal(&worker.process, "STOP");
        worker.stopped = Some(Instant::now() + time);
    }

    /// Those whose time has passed go on.
    pub(crate) fn wake(&mut self) {
        let now = Instant::now();
        for index in 0..self.workers.len() {
            if self.workers[index].stopped.is_some_and(|it| it <= now) {
                self.go_on(index);
            }
        }
    }

    pub(crate) fn go_on(&mut self, index: usize) {
        let worker = &mut self.workers[index];
        signal(&worker.process, "CONT");
        worker.stopped = None;
    }

    /// They die at once, and others take their places.
    pub(crate) fn replace(&mut self, victims: &[usize]) {
        for index in victims {
            self.workers[*index].process.kill().unwrap();
        }
        for index in victims {
            self.workers[*index].process.wait().unwrap();
            self.workers[*index] = self.worker(*index);
        }
    }

    /// Everybody goes on, makes a last request, and ends. Gives all that was said.
    pub(crate) fn end(mut self) -> Vec<Line> {
        for index in 0..self.workers.len() {
            self.go_on(index);
            self.workers[index].input.take();
        }
        for reader in std::mem::take(&mut self.readers) {
            reader.join().unwrap();
        }
        for worker in &mut self.workers {
            worker.process.wait().unwrap();
        }
        self.lines.try_iter().collect()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            let _ = worker.process.kill();
            let _ = worker.process.wait();
        }
    }
}

fn signal(process: &Child, signal: &str) {
    // The shell's own; the program is not on every machine.
    let mut kill = Command::new("sh");
    let sent = kill.args(["-c", "kill -s $0 $1", signal, &process.id().to_string()]);
    assert!(sent.status().unwrap().success());
}
