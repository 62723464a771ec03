//! A project in a folder of its own, and the real daemon serving it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::{Answer, try_request};
use super::program::program;
use super::stub::Stub;

/// How long anything may take that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A project folder, a data folder, and the environment that they are served in.
pub(crate) struct Project {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Project {
    /// A folder with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Project {
        let folder = tempfile::tempdir().unwrap();
        let project = Project { folder, environment: vec![] };
        fs::create_dir(project.path()).unwrap();
        fs::write(project.path().join("wf.toml"), "").unwrap();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A copy of a project of the repository; `change` may rewrite each text, as for a port.
    pub(crate) fn copy(of: &str, change: impl Fn(&str) -> String) -> Project {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(of);
        let project = Project::new(&[]);
        let mut folders = vec![from.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let relative = path.strip_prefix(&from).unwrap().to_str().unwrap();
                project.write(relative, &change(&fs::read_to_string(&path).unwrap()));
            }
        }
        project
    }

    /// Lets the project call a service, and trust it.
    pub(crate) fn calls(self, stub: &Stub) -> Project {
        let ca_file = stub.ca_file();
        self.set("WF_EGRESS_CA_FILE", ca_file.to_str().unwrap())
            .set("WF_EGRESS_ALLOW_PRIVATE", format!("localhost:{}", stub.port()))
    }

    /// Sets a variable of the daemon's environment.
    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Project {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The command of `wf` in this project, with this environment.
    pub(crate) fn wf(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).envs(self.environment.clone()).current_dir(self.path());
        command
    }

    /// Starts the daemon.
    pub(crate) fn serve(&self) -> Daemon {
        self.serve_at(".")
    }

    /// Starts the daemon with another path to the project.
    pub(crate) fn serve_at(&self, path: &str) -> Daemon {
        Daemon::start(self, path)
    }

    /// The messages in the outbox, in the order of their files' names.
    pub(crate) fn mails(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.data().join("outbox/new")) else { return vec![] };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// Waits until there are so many messages.
    pub(crate) fn wait_for_mails(&self, count: usize) -> Vec<String> {
        until(&format!("{count} mails"), || Some(self.mails()).filter(|mails| mails.len() >= count))
    }
}

/// Waits for something that must happen soon.
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    patiently(look).unwrap_or_else(|| panic!("gave up waiting for {what}"))
}

/// Waits for something that should happen soon; `None` when it did not.
pub(crate) fn patiently<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return Some(found);
        }
        thread::sleep(Duration::from_millis(10));
    }
    None
}

/// A running daemon; killed when it is dropped.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Daemon {
    fn start(project: &Project, path: &str) -> Daemon {
        let data = project.data();
        let arguments = ["serve", path, "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
        let mut child = project.wf(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let mut stderr = child.stderr.take().unwrap();
        let sink = log.clone();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = stderr.read(&mut bytes) {
                if count == 0 {
                    break;
                }
                sink.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let Some(line) = lines.next() else {
                let status = child.wait().unwrap();
                thread::sleep(Duration::from_millis(100));
                panic!("the daemon ended with {status}: {}", log.lock().unwrap());
            };
            if let Some((_, address)) = line.unwrap().split_once("://") {
                break address.trim().parse().unwrap();
            }
        };
        thread::spawn(move || lines.count());
        Daemon { child, address, log }
    }

    /// What it has written to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let answer = try_request(self.address, method, target, headers, body)
            .unwrap_or_else(|| panic!("no answer to {method} {target}: {}", self.log()));
        crate::openapi::check(method, target, &answer);
        answer
    }

    #[track_caller]
    pub(crate) fn get(&self, target: &str) -> Value {
        let answer = self.request("GET", target, &[], "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    #[track_caller]
    pub(crate) fn post(&self, target: &str, body: &Value) -> Answer {
        self.request("POST", target, &[], &body.to_string())
    }

    /// Sends an event that must be accepted.
    #[track_caller]
    pub(crate) fn send(&self, kind: &str, id: &str, params: Value) {
        let answer = self.post("/v1/events", &json!({ "type": kind, "id": id, "params": params }));
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    /// The runs, newest first.
    #[track_caller]
    pub(crate) fn runs(&self) -> Vec<Value> {
        self.get("/v1/runs")["items"].as_array().unwrap().clone()
    }

    /// Waits until the newest run has ended, and returns it with its steps.
    #[track_caller]
    pub(crate) fn ended_run(&self) -> Value {
        let id = until("the run to end", || {
            let run = self.runs().into_iter().next()?;
            let status = run["status"].as_str()?.to_owned();
            (!["running", "waiting"].contains(&status.as_str())).then(|| run["id"].as_str().unwrap().to_owned())
        });
        self.get(&format!("/v1/runs/{id}"))
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end.
    pub(crate) fn ask_to_end(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Asks it to end, waits until it has, and answers what it has written to standard error too.
    pub(crate) fn terminate_and_log(mut self) -> (Option<i32>, String) {
        self.ask_to_end();
        let code = self.child.wait().unwrap().code();
        // The reader of the pipe keeps it until its end.
        patiently(|| (Arc::strong_count(&self.log) == 1).then_some(()));
        (code, self.log())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn terminate(self) -> Option<i32> {
        self.ask_to_end();
        self.ended()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
