//! Servers that outlive the command that started them: spawned apart from the terminal, recognised later by process
//! id *and* command line, and ended only when both still match.

use std::fs::{self, OpenOptions};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command as BlockingCommand, Stdio};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::process::Command;

use super::service_error::last_line;

/// How often a condition is looked at again while waiting for it.
pub(super) const POLL: Duration = Duration::from_millis(20);

/// Starts a server whose output goes to a log file and which no Ctrl-C or closed terminal reaches: it is the leader
/// of a process group of its own, which is never the terminal's foreground group. Answers its process id.
pub(super) fn spawn_detached(mut command: Command, log: &Path) -> io::Result<u32> {
    let output = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(log)?;
    let server = command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .process_group(0)
        .kill_on_drop(false)
        .spawn()?;
    server
        .id()
        .ok_or_else(|| io::Error::other("it ended at once"))
}

/// The last line of a server's log: why it ended.
pub(super) fn last_words(log: &Path) -> String {
    last_line(&fs::read(log).unwrap_or_default())
}

/// Whether that process is alive and has `argument` among its arguments. A process id alone proves nothing: after a
/// crash or a reboot it may be somebody else's.
pub(super) fn is_running(pid: u32, argument: &Path) -> bool {
    let Some(argument) = argument.to_str() else {
        return false;
    };
    match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => line
            .split(|byte| *byte == 0)
            .any(|found| found == argument.as_bytes()),
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => is_running_by_ps(pid, argument),
    }
}

/// Whether there is any process of that id, whoever it belongs to.
pub(super) fn exists(pid: u32) -> bool {
    let Some(pid) = to_pid(pid) else { return false };
    !matches!(test_kill_process(pid), Err(Errno::SRCH))
}

fn to_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// The same question on systems without `/proc`.
fn is_running_by_ps(pid: u32, argument: &str) -> bool {
    BlockingCommand::new("ps")
        .args(["-ww", "-o", "args=", "-p", &pid.to_string()])
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(argument))
}

/// Sends the signals one after the other, each with its time to take effect, until the process is gone.
/// Answers whether it is.
pub(super) async fn end(pid: u32, argument: &Path, signals: &[(Signal, Duration)]) -> bool {
    for (signal, patience) in signals {
        if !is_running(pid, argument) {
            return true;
        }
        let Some(raw) = to_pid(pid) else { return true };
        // A failure means that the process ended by itself just now, which the loop below sees.
        let _ = kill_process(raw, *signal);
        let deadline = Instant::now() + *patience;
        while Instant::now() < deadline {
            if !is_running(pid, argument) {
                return true;
            }
            tokio::time::sleep(POLL).await;
        }
    }
    !is_running(pid, argument)
}

/// Free loopback ports, the preferred one where it is still free: a server that comes back on its old port is found
/// by every client that was connected to it. All are held at once, so that they differ.
pub(super) fn free_ports<const N: usize>(preferred: [Option<u16>; N]) -> io::Result<[u16; N]> {
    let mut listeners = Vec::with_capacity(N);
    for port in preferred {
        let listener = match port.map(|port| TcpListener::bind(("127.0.0.1", port))) {
            Some(Ok(listener)) => listener,
            _ => TcpListener::bind(("127.0.0.1", 0))?,
        };
        listeners.push(listener);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_this_process_by_its_arguments_only() {
        let own = std::env::args().next().expect("a process has a name");
        assert!(is_running(std::process::id(), Path::new(&own)));
        assert!(!is_running(
            std::process::id(),
            Path::new("/somewhere/else")
        ));
    }

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = taken.local_addr().expect("its address").port();
        let [first, second] = free_ports([Some(port), None]).expect("two free ports");
        assert_ne!(first, port);
        assert_ne!(first, second);
    }

    #[test]
    fn a_free_port_is_used_again() {
        let [port] = free_ports([None]).expect("a free port");
        assert_eq!(free_ports([Some(port)]).expect("the same port"), [port]);
    }
}
