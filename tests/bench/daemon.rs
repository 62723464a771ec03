//! The daemon in a process of its own, and what the system says of that process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::stub::Stub;

/// The system's clock ticks a second, in which it tells CPU time.
const TICKS: f64 = 100.0;

/// The job: one event, one call, one message.
pub(crate) fn one_workflow(stub: &Stub) -> String {
    format!(
        r#"event cart_abandoned {{ email: email  town: string  order_id: string  total: decimal }}
        webhook promo {{
          post "https://localhost:{}/promo"
          body json {{ id: event.id  email: event.email  town: event.town }}
          returns json {{ promocode: string }}
        }}
        message code {{
          email {{
            from "Shop <hello@shop.example.com>"
            subject "Your code"
            text "$event.id Hello $event.email, your code is $data.get('promo').get('promocode')"
          }}
        }}
        workflow yardstick {{
          on cart_abandoned
          identify by email event.email else create
          call promo
          send code
        }}
        event slept {{ email: email }}
        workflow sleeper {{
          on slept
          identify by email event.email else create
          wait 30d
          send greeting
        }}
        message greeting {{ email {{ from "shop@shop.example.com" subject "Hello" text "Hello" }} }}
        "#,
        stub.port
    )
}

/// The same beside many workflows that other events start.
pub(crate) fn many_workflows(stub: &Stub, many: usize) -> String {
    let mut program = one_workflow(stub);
    for number in 0..many {
        program.push_str(&format!(
            "event e{number} {{ email: email }}\n\
             workflow w{number} {{ on e{number} identify by email event.email else create wait 1d send greeting }}\n"
        ));
    }
    program
}

/// The folders that a daemon is served from.
pub(crate) struct Folders(TempDir);

impl Folders {
    pub(crate) fn new(program: &str) -> Folders {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("project")).unwrap();
        std::fs::write(folder.path().join("project/wf.toml"), "").unwrap();
        std::fs::write(folder.path().join("project/bench.wf"), program).unwrap();
        Folders(folder)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn project(&self) -> PathBuf {
        self.0.path().join("project")
    }
}

/// A running daemon.
pub(crate) struct Daemon {
    pub(crate) address: SocketAddr,
    process: Child,
    /// Held so that the daemon can write to it.
    _output: BufReader<ChildStdout>,
    folders: Folders,
}

impl Daemon {
    pub(crate) async fn start(stub: &Stub, program: &str) -> Daemon {
        Daemon::start_in(stub, Folders::new(program)).await
    }

    pub(crate) async fn start_in(stub: &Stub, folders: Folders) -> Daemon {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wf"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WF_")) {
            command.env_remove(name);
        }
        command
            .arg("serve")
            .arg(folders.project())
            .arg("--data")
            .arg(folders.data())
            .args(["--listen", "127.0.0.1:0"])
            .env("WF_EGRESS_CA_FILE", stub.ca_file())
            .env("WF_EGRESS_ALLOW_PRIVATE", "localhost")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).await.unwrap();
        let address = line.trim().rsplit_once("://").unwrap_or_else(|| panic!("the daemon did not start: {line}")).1;
        Daemon { address: address.parse().unwrap(), process, _output: output, folders }
    }

    fn proc(&self, file: &str) -> String {
        let pid = self.process.id().unwrap();
        std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join(file)).unwrap()
    }

    /// The CPU time that it has taken.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = self.proc("stat");
        // The name, in brackets, may hold blanks; user and system time are the 12th and 13th field after it.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
        Duration::from_secs_f64(ticks / TICKS)
    }

    /// The memory that it has now, in MB.
    pub(crate) fn resident(&self) -> f64 {
        self.memory("VmRSS:")
    }

    /// The most that it has had.
    pub(crate) fn resident_at_most(&self) -> f64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }

    /// Stops it, and leaves its folders.
    pub(crate) async fn stop(mut self) -> Folders {
        let pid = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").arg(pid).status().await.unwrap().success());
        assert!(self.process.wait().await.unwrap().success());
        self.folders
    }
}
