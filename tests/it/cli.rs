//! The built program as scripts see it: exit codes, standard output, standard error.

mod completions;
mod daemon;
mod fmt;
mod project;
mod review;
mod test;

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::program;

/// A folder to work in, and the program.
struct Bench {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a call of the program came to.
#[derive(Debug)]
struct Told {
    exit: i32,
    out: String,
    err: String,
}

impl Bench {
    fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// A folder with these files.
    fn with(files: &[(&str, &str)]) -> Bench {
        let bench = Bench::new();
        for (path, text) in files {
            bench.write(path, text);
        }
        bench
    }

    fn set(mut self, name: &str, value: &str) -> Bench {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The program in this folder.
    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = program();
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Told {
        told(self.command(arguments).output().unwrap())
    }

    /// Runs it with `input` as standard input.
    fn feed(&self, arguments: &[impl AsRef<OsStr>], input: &str) -> Told {
        let mut command = self.command(arguments);
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        told(child.wait_with_output().unwrap())
    }

    /// Runs a line of words and compares: the exit code, all of standard output unless it is `None`, and a part of
    /// standard error.
    #[track_caller]
    fn check(&self, line: &str, exit: i32, out: Option<&str>, err: &str) {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        self.run(&words).check(line, exit, out, err);
    }
}

impl Told {
    #[track_caller]
    fn check(&self, what: &str, exit: i32, out: Option<&str>, err: &str) {
        let Told { exit: found, out: found_out, err: found_err } = self;
        assert_eq!(*found, exit, "exit code of `{what}`\n{found_out}{found_err}");
        if let Some(out) = out {
            assert_eq!(found_out, out, "standard output of `{what}`\n{found_err}");
        }
        assert!(found_err.contains(err), "standard error of `{what}` lacks {err:?}:\n{found_err}");
        assert!(!found_out.contains('\u{1b}') && !found_err.contains('\u{1b}'), "`{what}` paints a pipe");
        if err.is_empty() {
            assert_eq!(found_err, "", "standard error of `{what}`");
        }
    }
}

fn told(output: Output) -> Told {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told { exit: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn usage_is_told_on_the_right_stream() {
    let bench = Bench::new();
    let version = format!("wf {}\n", env!("CARGO_PKG_VERSION"));
    bench.check("--version", 0, Some(&version), "");
    bench.check("--help", 0, None, "");
    assert!(bench.run(&["--help"]).out.contains("Usage: wf"), "help is a result");
    let near_misses = [
        ("", "Usage: wf"),
        ("inti x", "a similar subcommand exists: 'init'"),
        ("runs lst", "a similar subcommand exists: 'list'"),
        ("runs list --limits 3", "a similar argument exists: '--limit'"),
        ("runs list --status faild", "a similar value exists: 'failed'"),
        ("runs list --limit 0", "0 is not in 1..=1000000"),
        ("runs list --format yaml", "[possible values: table, json]"),
        ("events send", "required arguments were not provided"),
        ("init a b", "unexpected argument 'b'"),
    ];
    for (line, err) in near_misses {
        bench.check(line, 2, Some(""), err);
    }
}

/// Results that nobody reads are no failure; results that cannot be written are.
#[test]
#[cfg(target_os = "linux")]
fn a_closed_or_full_output_is_no_panic() {
    let bench = Bench::new();
    for arguments in [["init", "a"], ["help", "events"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = bench.command(&arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("error"), "{arguments:?}");
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = bench.command(&["init", "b"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    told(output).check("init b", 3, Some(""), "error: cannot write to standard output: No space left on device");
}
