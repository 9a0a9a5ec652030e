//! A process that goes on until it is told to stop, with its log in memory. It never outlives the test.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use rustix::process::{Pid, kill_process};

use crate::support::until;

pub(crate) use rustix::process::Signal;

/// A running process.
pub(crate) struct Running {
    child: Child,
    log: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    pub(super) fn start(command: Command) -> Running {
        Running::try_start(command).unwrap()
    }

    /// For programs that may not be there.
    pub(crate) fn try_start(mut command: Command) -> std::io::Result<Running> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = Arc::default();
        let readers = vec![
            read(child.stdout.take().unwrap(), &log),
            read(child.stderr.take().unwrap(), &log),
        ];
        Ok(Running {
            child,
            log,
            readers,
        })
    }

    /// Everything it has printed so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it has printed this text.
    pub(crate) async fn await_log(&self, text: &str) {
        let what = format!("\"{text}\" in the log");
        until(&what, || async { self.log() }, |log| log.contains(text)).await;
    }

    /// Sends a signal; `Signal::KILL` leaves it no time for anything.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end and returns how it ended, and everything it printed.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        let child = &mut self.child;
        let mut status = None;
        until(
            "the process to end",
            || {
                status = status.or(child.try_wait().unwrap());
                std::future::ready(status)
            },
            Option::is_some,
        )
        .await;
        for reader in std::mem::take(&mut self.readers) {
            reader.join().unwrap();
        }
        (status.unwrap(), self.log())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the process printed:\n{}", self.log());
        }
    }
}

/// A thread of its own, so that a full pipe never stops the process.
fn read(stream: impl Read + Send + 'static, log: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    })
}
