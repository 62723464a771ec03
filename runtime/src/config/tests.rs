//! Settings as people write them, and get them wrong.

use super::*;

const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn read(toml: &str, environment: &[(&str, &str)], flags: &Flags) -> Result<Settings, SettingsError> {
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Settings::read(Some(toml), Path::new("/project"), environment, flags)
}

#[track_caller]
fn accepts(toml: &str, environment: &[(&str, &str)]) -> Settings {
    read(toml, environment, &Flags::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// All mistakes, one a line.
#[track_caller]
fn refuses(toml: &str, environment: &[(&str, &str)]) -> String {
    read(toml, environment, &Flags::default()).expect_err("these settings should be refused").to_string()
}

#[test]
fn the_defaults_are_settings() {
    let settings = Settings::read(None, Path::new("/project"), [], &Flags::default()).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.data, Path::new("/project/.wf"));
    assert_eq!(settings.outbox, Path::new("/project/.wf/outbox"));
    assert_eq!(settings.event_bytes, 256 * 1024);
    assert_eq!(settings.egress, Egress::default());
    assert!(settings.smtp.is_none() && settings.tls.is_none() && settings.secrets.is_none());
}

/// The manual names every key, and its commented examples are settings too.
#[test]
fn the_manual_is_complete_and_its_examples_work() {
    let mut example = String::new();
    for line in DEFAULTS.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let is_setting = bare.starts_with('[') || bare.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        if is_setting {
            example.push_str(bare);
            example.push('\n');
        }
    }
    let settings = accepts(&example, &[]);
    assert!(settings.smtp.is_some() && settings.tls.is_some() && settings.secrets.is_some());
    assert_eq!(settings.tokens.len(), 1);
    let layer = layer::from_toml(&example, &FilePlace::Default, Path::new("/"), &mut Problems::default());
    for key in keys::KEYS {
        assert!(layer.contains_key(key.name), "the manual does not show `{}`", key.name);
    }
}

#[test]
fn each_layer_overrides_the_one_before() {
    let toml = "listen = \"127.0.0.1:1\"\ndata = \"store\"";
    assert_eq!(accepts(toml, &[]).listen.port(), 1);
    assert_eq!(accepts(toml, &[]).data, Path::new("/project/store"));
    let environment = [("WF_LISTEN", "127.0.0.1:2"), ("WF_DATA", "elsewhere")];
    assert_eq!(accepts(toml, &environment).listen.port(), 2);
    assert_eq!(accepts(toml, &environment).data, Path::new("elsewhere"), "relative to the current folder");
    let flags = Flags { listen: Some("127.0.0.1:3".to_owned()), data: Some("there".into()) };
    let settings = read(toml, &environment, &flags).unwrap();
    assert_eq!((settings.listen.port(), settings.data.as_path()), (3, Path::new("there")));
    assert_eq!(settings.outbox, Path::new("there/outbox"));
}

#[test]
fn every_key_is_a_variable() {
    let settings = accepts(
        "",
        &[
            ("WF_LISTEN", "0.0.0.0:80"),
            ("WF_INSECURE_PLAINTEXT", "true"),
            ("WF_HOSTS", "wf.example.com, other.example.com,"),
            ("WF_TOKENS", &format!("shop:ingest+read:{HASH}, ops:admin:{HASH}+{HASH}")),
            ("WF_TLS_CERT", "cert.pem"),
            ("WF_TLS_KEY", "key.pem"),
            ("WF_SMTP_URL", "smtps://m:p@mail.example.com"),
            ("WF_OUTBOX_DIR", "out"),
            ("WF_EGRESS_ALLOW_HOSTS", "api.example.com:8443"),
            // A host of the name `on` is written with its port.
            ("WF_EGRESS_ALLOW_PRIVATE", "localhost,10.0.0.0/8,on:8443"),
            ("WF_EGRESS_CA_FILE", "ca.pem"),
            ("WF_LIMITS_EVENT_BYTES", "1000"),
            ("WF_SECRETS_DIR", "/run/secrets"),
        ],
    );
    assert_eq!(settings.hosts, ["wf.example.com", "other.example.com"]);
    assert_eq!(settings.tokens.len(), 2);
    assert_eq!(settings.tokens[0].scopes, BTreeSet::from([Scope::Ingest, Scope::Read]));
    assert_eq!(settings.tokens[1].sha256.len(), 2);
    assert_eq!(settings.tls, Some(Tls { cert: "cert.pem".into(), key: "key.pem".into() }));
    assert_eq!(settings.egress.allow_private.len(), 3);
    assert_eq!(settings.egress.ca_file.as_deref(), Some(Path::new("ca.pem")));
    assert_eq!(settings.outbox, Path::new("out"));
    assert_eq!(settings.event_bytes, 1000);
    assert_eq!(settings.secrets.as_deref(), Some(Path::new("/run/secrets")));
}

#[test]
fn variables_of_others_are_left_alone() {
    let others = [("WF_URL", "x"), ("WF_TOKEN", "x"), ("WF_SECRET_CRM", "x"), ("PATH", "/bin")];
    assert!(accepts("", &others).strangers.is_empty());
    // Made by an orchestrator for a service of the name `wf`.
    assert_eq!(accepts("", &[("WF_SERVICE_HOST", "10.0.0.1")]).strangers, ["WF_SERVICE_HOST"]);
}

#[test]
fn mistakes_are_placed_and_repairable() {
    for (toml, environment, expected) in [
        ("\nlisen = \"127.0.0.1:1\"", None, "/project/wf.toml:2: unknown key `lisen`; did you mean `listen`?"),
        (
            "[egress]\nallow_host = []",
            None,
            "/project/wf.toml:2: unknown key `egress.allow_host`; did you mean `egress.allow_hosts`?",
        ),
        (
            "allow_private = []",
            None,
            "/project/wf.toml:1: unknown key `allow_private`; did you mean `egress.allow_private`?",
        ),
        ("[egres]\n", None, "/project/wf.toml:1: unknown key `egres`; did you mean `egress`?"),
        ("colour = 1", None, "/project/wf.toml:1: unknown key `colour`"),
        (
            "egress = 1",
            None,
            "/project/wf.toml:1: `egress` is a table, not this whole number; write `[egress]` and its keys below it",
        ),
        (
            "[retention]\ndays = 3",
            None,
            "/project/wf.toml:2: `retention.days` is at least 7: for so long an event's id keeps a second one with it out",
        ),
        (
            "[retention]\ndays = 0",
            None,
            "/project/wf.toml:2: `retention.days` is at least 7: for so long an event's id keeps a second one with it out",
        ),
        ("data = 1", None, "/project/wf.toml:1: `data` is a path in quotes, not this whole number"),
        (
            "data = \"\"\nhosts = \"a\"",
            None,
            "/project/wf.toml:2: `hosts` is a list of texts, not a text; write it as `[\"a\"]`",
        ),
        (
            "hosts = [1]",
            None,
            "/project/wf.toml:1: `hosts` is a list of texts, not this list; write it as `[\"wf.example.com\"]`",
        ),
        (
            "egress.allow_private = true",
            None,
            "/project/wf.toml:1: `egress.allow_private` is a list of texts, not `true` or `false`; write it as `[\"10.0.0.0/8\"]`",
        ),
        (
            "[egress]\nallow_private = [\"localhost\", \"True\"]",
            None,
            "/project/wf.toml:2: `egress.allow_private` is a list of hosts, and `True` is a switch; write the hosts themselves, such as `10.0.0.0/8`, or leave it out for none",
        ),
        (
            "",
            Some(("WF_EGRESS_ALLOW_PRIVATE", "true")),
            "environment variable WF_EGRESS_ALLOW_PRIVATE: `egress.allow_private` is a list of hosts, and `true` is a switch; write the hosts themselves, such as `10.0.0.0/8`, or leave it out for none",
        ),
        (
            "",
            Some(("WF_EGRESS_ALLOW_PRIVATE", "1")),
            "environment variable WF_EGRESS_ALLOW_PRIVATE: `egress.allow_private` is a list of hosts, and `1` is a switch; write the hosts themselves, such as `10.0.0.0/8`, or leave it out for none",
        ),
        (
            "",
            Some(("WF_EGRESS_ALLOW_HOSTS", "false")),
            "environment variable WF_EGRESS_ALLOW_HOSTS: `egress.allow_hosts` is a list of hosts, and `false` is a switch; write the hosts themselves, such as `api.example.com`, or leave it out for every public host",
        ),
        (
            "insecure_plaintext = \"yes\"",
            None,
            "/project/wf.toml:1: `insecure_plaintext` is `true` or `false`, not a text",
        ),
        (
            "[limits]\nevent_bytes = -1",
            None,
            "/project/wf.toml:2: `limits.event_bytes` is a whole number, not negative, not this whole number",
        ),
        ("[limits]\nevent_bytes = 0", None, "/project/wf.toml:2: `limits.event_bytes` is at least 1"),
        (
            "[egress]\nallow_private = [\"10.0.0.0/99\"]",
            None,
            "/project/wf.toml:2: `egress.allow_private`: `10.0.0.0/99` is neither a host name, `name:port`, an address nor a network",
        ),
        (
            "listen = \"localhost\"",
            None,
            "/project/wf.toml:1: `localhost` is no IP address with a port; write it as `127.0.0.1:8080` or `[::1]:8080`",
        ),
        ("[tls]\ncert = \"c\"", None, "/project/wf.toml:2: `tls.cert` needs `tls.key` beside it"),
        ("[smtp]\non_unknown = \"drop\"", None, "/project/wf.toml:2: `smtp.on_unknown` is `resend` or `hold`"),
        (
            "[smtp]\npassword_secret = \"X\"",
            None,
            "/project/wf.toml:2: `smtp.password_secret` needs `smtp.url` beside it",
        ),
        ("[[tokens]]\nnam = \"a\"", None, "/project/wf.toml:2: unknown key `tokens.nam`; did you mean `name`?"),
        ("", Some(("WF_LISTN", "x")), "environment variable WF_LISTN: no such setting; did you mean `WF_LISTEN`?"),
        (
            "",
            Some(("WF_EGRESS_ALLOW_PRIVAT", "x")),
            "environment variable WF_EGRESS_ALLOW_PRIVAT: no such setting; did you mean `WF_EGRESS_ALLOW_PRIVATE`?",
        ),
        (
            "",
            Some(("WF_LIMITS_EVENT_BYTES", "many")),
            "environment variable WF_LIMITS_EVENT_BYTES: the value is not a whole number, not negative",
        ),
        (
            "",
            Some(("WF_TOKENS", "abc")),
            "environment variable WF_TOKENS: a token is written `NAME:SCOPE+SCOPE:SHA256+SHA256`",
        ),
    ] {
        let environment: Vec<(&str, &str)> = environment.into_iter().collect();
        let lines = refuses(toml, &environment);
        assert!(lines.lines().any(|line| line == expected), "{toml}\n  says: {lines}\n  not:  {expected}");
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let lines = refuses("lisen = 1\ndata = 2\n[egress]\nca_file = 3", &[("WF_LISTN", "x")]);
    assert_eq!(lines.lines().count(), 4, "{lines}");
}

#[test]
fn broken_toml_is_placed() {
    let lines = refuses("data = \"a\"\nlisten = = 1", &[]);
    assert!(lines.starts_with("/project/wf.toml:2: "), "{lines}");
}

#[test]
fn a_public_address_needs_tokens_and_tls() {
    let token = format!("[[tokens]]\nname = \"a\"\nsha256 = [\"{HASH}\"]\nscopes = [\"read\"]\n");
    let listen = "listen = \"0.0.0.0:8080\"\n";
    let bare = refuses(listen, &[]);
    assert!(bare.contains("no tokens") && bare.contains("no TLS"), "{bare}");
    let no_tls = refuses(&format!("{listen}{token}"), &[]);
    assert!(!no_tls.contains("no tokens") && no_tls.contains("no TLS"), "{no_tls}");
    assert!(refuses(&format!("{listen}insecure_plaintext = true"), &[]).contains("no tokens"));
    accepts(&format!("{listen}insecure_plaintext = true\n{token}"), &[]);
    accepts(&format!("{listen}{token}[tls]\ncert = \"c\"\nkey = \"k\""), &[]);
    for loopback in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        accepts(&format!("listen = \"{loopback}\""), &[]);
    }
    for public in ["[::]:1", "10.0.0.1:1", "192.168.0.1:1"] {
        refuses(&format!("listen = \"{public}\""), &[]);
    }
}

#[test]
fn a_mail_server_without_tls_is_refused_with_the_way_out() {
    let lines = refuses("[smtp]\nurl = \"smtp://mail.example.com?tls=none\"", &[]);
    assert!(lines.contains("loopback only; left out, STARTTLS is required"), "{lines}");
}

#[test]
fn no_mistake_shows_a_secret() {
    let canary = "canary-7f3a";
    for (toml, environment) in [
        (format!("[smtp]\nurl = \"smtp://m:{canary}@mail.example.com?tls=none\""), None),
        (format!("[smtp]\nurl = \"http://m:{canary}@mail.example.com\""), None),
        (format!("[[tokens]]\nname = \"a\"\nsha256 = [\"{canary}\"]\nscopes = [\"read\"]"), None),
        (String::new(), Some(("WF_TOKENS", canary))),
        (String::new(), Some(("WF_SMTP_URL", canary))),
    ] {
        let environment: Vec<(&str, &str)> = environment.into_iter().collect();
        let lines = refuses(&toml, &environment);
        assert!(!lines.contains(canary), "{lines}");
    }
}
