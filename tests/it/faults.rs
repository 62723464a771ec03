//! Disks that fail and disks that are full, made by a library that stands between the daemon and the system.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::json;

use crate::support::{Daemon, Project, Reply, Stub, until};

/// Fails what reaches a regular file, while a file of this name exists: `fsync` and `fdatasync` with EIO, writes with ENOSPC;
/// with `FAULT_TAKEN` only writes to where a file has no room yet, as when somebody else takes all that becomes free.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
static int on(const char *name) { const char *flag = getenv(name); return flag && access(flag, F_OK) == 0; }
static int full(int fd, off64_t end) {
  struct stat s; if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode)) return 0;
  return on("FAULT_FULL") || (on("FAULT_TAKEN") && end > s.st_blocks * 512); }
#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
int fsync(int fd) { REAL(fsync); if (on("FAULT_FSYNC")) { errno = EIO; return -1; } return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); if (on("FAULT_FSYNC")) { errno = EIO; return -1; } return real(fd); }
ssize_t write(int fd, const void *b, size_t n) {
  REAL(write); if (full(fd, lseek(fd, 0, SEEK_CUR) + n)) { errno = ENOSPC; return -1; } return real(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) {
  REAL(pwrite); if (full(fd, o + n)) { errno = ENOSPC; return -1; } return real(fd, b, n, o); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
  REAL(pwrite64); if (full(fd, o + n)) { errno = ENOSPC; return -1; } return real(fd, b, n, o); }
int ftruncate64(int fd, off64_t n) {
  REAL(ftruncate64); struct stat s;
  if (fstat(fd, &s) == 0 && n > s.st_size && on("FAULT_FULL")) { errno = ENOSPC; return -1; } return real(fd, n); }
"#;

/// A project whose daemon's disk fails while a file exists.
struct Faulty {
    project: Project,
    flag: PathBuf,
    _folder: tempfile::TempDir,
}

impl Faulty {
    fn new(fault: &str, project: Project) -> Faulty {
        let folder = tempfile::tempdir().unwrap();
        let (source, library) = (folder.path().join("fault.c"), folder.path().join("fault.so"));
        fs::write(&source, LIBRARY).unwrap();
        // SQLite is built with it too.
        let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl").output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let flag = folder.path().join("flag");
        let project = project.set("LD_PRELOAD", library.to_str().unwrap()).set(fault, flag.to_str().unwrap());
        Faulty { project, flag, _folder: folder }
    }

    fn begin(&self) {
        fs::write(&self.flag, "").unwrap();
    }

    fn end(&self) {
        fs::remove_file(&self.flag).unwrap();
    }
}

const PROGRAM: &str = r#"
    event left { email: email }
    webhook promo { get "ORIGIN/x" returns json { code: string } attempts 3 from 10ms to 20ms }
    message code { email { from "shop@example.com" subject "x" text "x" } }
    workflow w { on left identify by email event.email else create call promo send code }
"#;

fn event(id: &str) -> serde_json::Value {
    json!({ "type": "left", "id": id, "params": { "email": format!("{id}@example.com") } })
}

/// The ids of the events that are kept.
fn kept(daemon: &Daemon) -> Vec<String> {
    let events = daemon.get("/v1/events?limit=500");
    let mut ids: Vec<String> =
        events["items"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn the_first_fsync_that_fails_ends_the_daemon_and_nothing_more_is_answered() {
    let stub = Stub::json(r#"{"code": "A"}"#);
    let project = Project::new(&[("a.wf", &PROGRAM.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let faulty = Faulty::new("FAULT_FSYNC", project);
    let daemon = faulty.project.serve();
    for id in ["a", "b"] {
        assert_eq!(daemon.post("/v1/events", &event(id)).status, 202);
    }
    faulty.project.wait_for_mails(2);
    faulty.begin();
    let address = daemon.address;
    let body = event("c").to_string();
    let answer = crate::support::try_request(address, "POST", "/v1/events", &[], &body);
    assert!(answer.as_ref().is_none_or(|answer| answer.status >= 500), "{answer:?}");
    assert_eq!(daemon.ended(), Some(74));
    faulty.end();

    let daemon = faulty.project.serve();
    let ids = kept(&daemon);
    assert!(ids.starts_with(&["a".to_owned(), "b".to_owned()]), "{ids:?}");
    assert_eq!(daemon.post("/v1/events", &event("c")).status, 202, "unknown means: send it again");
    faulty.project.wait_for_mails(3);
}

#[test]
fn a_full_disk_is_said_and_passes_by_itself() {
    let (stub, arrival, go) = Stub::held(r#"{"code": "A"}"#);
    let (faulty, daemon) = with_a_call_under_way("FAULT_FULL", PROGRAM, &stub, &arrival);
    let answer = daemon.post("/v1/events", &event("b"));
    assert_eq!((answer.status, answer.header("retry-after")), (507, Some("10")), "{answer:?}");
    let ready = daemon.request("GET", "/readyz", &[], "");
    assert_eq!(ready.status, 503, "{ready:?}");
    assert_eq!(ready.json()["type"], "urn:wf:disk-full");
    assert_eq!(daemon.request("GET", "/healthz", &[], "").status, 200);
    assert!(daemon.request("GET", "/metrics", &[], "").body.contains("\nwf_store_full 1\n"));
    // What was under way comes to its end when there is room again; nobody has to do anything, and nothing is called twice.
    go.send(()).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    faulty.end();
    until("it to be ready", || (daemon.request("GET", "/readyz", &[], "").status == 200).then_some(()));
    assert_eq!(daemon.post("/v1/events", &event("b")).status, 202);
    faulty.project.wait_for_mails(2);
    assert_eq!(kept(&daemon), ["a", "b"]);
    assert_eq!(stub.received().len(), 2);
    assert_eq!(daemon.terminate(), Some(0));
}

/// Whoever looks after the machine makes room, and need not know that a daemon is to be started again.
#[test]
fn a_start_on_a_full_disk_goes_on_when_there_is_room() {
    let stub = Stub::json(r#"{"code": "A"}"#);
    let project = Project::new(&[("a.wf", &PROGRAM.replace("ORIGIN", &stub.origin()))]).calls(&stub);
    let faulty = Faulty::new("FAULT_FULL", project);
    for orderly in [true, false] {
        let daemon = faulty.project.serve();
        match orderly {
            true => assert_eq!(daemon.terminate(), Some(0)),
            false => daemon.kill(),
        }
        faulty.begin();
        let daemon = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_secs(2));
                faulty.end();
            });
            faulty.project.serve()
        });
        assert!(daemon.log().contains("the disk of the data folder is full"), "{orderly}: {}", daemon.log());
        let id = format!("{orderly}");
        until("it to be ready", || (daemon.request("GET", "/readyz", &[], "").status == 200).then_some(()));
        assert_eq!(daemon.post("/v1/events", &event(&id)).status, 202);
        until("the run to end", || kept(&daemon).contains(&id).then_some(()));
        assert_eq!(daemon.terminate(), Some(0));
    }
}

/// Somebody else takes all that becomes free, also what the daemon gives up for itself.
#[test]
fn how_a_call_ended_is_kept_on_a_disk_that_stays_full() {
    let (stub, arrival, go) = Stub::held(r#"{"code": "A"}"#);
    // What comes behind the call does not begin, and does not keep how it ended from being written down.
    let program = PROGRAM.replace("call promo", "call promo call promo as again");
    let (faulty, daemon) = with_a_call_under_way("FAULT_TAKEN", &program, &stub, &arrival);
    let mut accepted = 1;
    while daemon.post("/v1/events", &event(&format!("b{accepted}"))).status == 202 {
        accepted += 1;
    }
    // Room is looked for more than once meanwhile.
    std::thread::sleep(Duration::from_millis(2500));
    go.send(()).unwrap();
    let oldest = daemon.runs().pop().unwrap()["id"].as_str().unwrap().to_owned();
    until("the outcome", || {
        let run = daemon.get(&format!("/v1/runs/{oldest}"));
        (run["steps"][0]["attempts"][0]["outcome"] == "succeeded").then_some(())
    });
    assert!(daemon.request("GET", "/metrics", &[], "").body.contains("\nwf_store_full 1\n"));
    daemon.kill();
    faulty.end();
    let _daemon = faulty.project.serve();
    faulty.project.wait_for_mails(accepted);
    assert_eq!(stub.received().len(), 2 * accepted, "nothing is called again");
}

/// Where nothing can be written at all, the operator hears what is not known.
#[test]
fn an_end_on_a_full_disk_says_what_is_not_written_down() {
    let (stub, arrival, go) = Stub::held(r#"{"code": "A"}"#);
    let (_faulty, daemon) = with_a_call_under_way("FAULT_FULL", PROGRAM, &stub, &arrival);
    assert_eq!(daemon.post("/v1/events", &event("b")).status, 507);
    go.send(()).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let (code, log) = daemon.terminate_and_log();
    assert_eq!(code, Some(74));
    assert!(log.contains("how 1 call(s) ended is not written down"), "{log}");
}

/// A daemon whose disk fails from now on, with a call under way.
fn with_a_call_under_way(fault: &'static str, program: &str, stub: &Stub, arrival: &Receiver<()>) -> (Faulty, Daemon) {
    let project = Project::new(&[("a.wf", &program.replace("ORIGIN", &stub.origin()))]).calls(stub);
    let faulty = Faulty::new(fault, project);
    let daemon = faulty.project.serve();
    assert_eq!(daemon.post("/v1/events", &event("a")).status, 202);
    arrival.recv_timeout(Duration::from_secs(30)).unwrap();
    faulty.begin();
    (faulty, daemon)
}

/// Runs come and rest again while the disk is full; the log says once that it is, and once that it is not any more.
#[test]
fn a_full_disk_does_not_fill_the_log() {
    let stub = Stub::start(|_, _| Reply::ok("application/json", r#"{"code": "A"}"#));
    let program = PROGRAM.replace("ORIGIN", &stub.origin()).replace("call promo", "wait 3s call promo");
    let project = Project::new(&[("a.wf", &program)]).calls(&stub).set("RUST_LOG", "runtime=debug");
    let faulty = Faulty::new("FAULT_FULL", project);
    let daemon = faulty.project.serve();
    for id in ["a", "b"] {
        assert_eq!(daemon.post("/v1/events", &event(id)).status, 202);
    }
    faulty.begin();
    until("the runs to rest", || (daemon.log().matches(" rests\"").count() >= 4).then_some(()));
    faulty.end();
    faulty.project.wait_for_mails(2);
    let log = daemon.log();
    let is_loud = |line: &&str| !["debug", "info"].iter().any(|level| line.contains(&format!(r#""level":"{level}""#)));
    let told: Vec<&str> = log.lines().filter(is_loud).collect();
    assert!(matches!(&told[..], [line] if line.contains("the disk of the data folder is full")), "{told:#?}");
    assert_eq!(log.matches("there is room on the disk of the data folder again").count(), 1, "{log}");
}
