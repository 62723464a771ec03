//! What an author can do about a request that failed, and what a run would have done.

use runtime::client::Trial;

/// What to do; `None` where what went wrong says it already.
pub(super) fn of(trial: &Trial) -> Option<&'static str> {
    let error = trial.error.as_ref()?;
    let status = trial.response.as_ref().and_then(|response| response.status.as_str().parse::<u16>().ok());
    Some(match (error.class.as_str(), status) {
        ("status", Some(300..400)) => {
            "write the address of its `location` header into the webhook; redirects are never followed"
        }
        ("status", Some(401 | 403 | 407)) => {
            "look at the `auth` of the webhook, and at the secrets of its connector: the host knows them otherwise"
        }
        ("status", Some(404 | 405 | 410)) => "look at the method and the address of the webhook",
        ("status", Some(400 | 415 | 422)) => "look at the body and the headers above: the host takes others",
        ("status", Some(408 | 425 | 429)) => {
            "a run makes another attempt, not before the host's `retry-after`; `limit 10 per 1s` in the webhook keeps to a rate"
        }
        ("status", Some(500..)) => "that is the host's own trouble; a run makes another attempt",
        ("status", _) => "a run fails at once, or goes into the call's `on failure`",
        ("dns", _) => "look at the name of the host in the webhook's address; a run makes another attempt",
        ("certificate", _) => {
            "the host needs a certificate of an authority that this system trusts; `[egress] ca_file` in wf.toml names one \
             more. A run fails at once"
        }
        ("timeout", Some(_)) => {
            "the host sends slowly, or has announced a longer one (`content-length`) than it sends; a longer `timeout` in the \
             webhook waits longer, up to 5min. A run makes another attempt"
        }
        ("timeout", None) => "a longer `timeout` in the webhook waits longer, up to 5min; a run makes another attempt",
        ("connection", Some(_)) => {
            "the host closed the connection before the end of its answer, or announced a longer one (`content-length`); \
             a run makes another attempt"
        }
        ("connection", None) => {
            "does the host speak HTTPS at this port, and is it reachable from the daemon's machine? A run makes another attempt"
        }
        ("too_large", _) => "an answer may have 1 MiB: ask the host for less of it, or for a page of it",
        ("body", Some(204)) => {
            "the host answers without a body: take `returns` out of the webhook, or ask the host for one"
        }
        ("body", _) if trial.suggested_returns.is_some() => {
            "change `returns` in the webhook, or ask whether the host should answer otherwise"
        }
        ("body", _) => {
            "look at what the host sends, and at its `content-type`; without `returns` the body is not looked at"
        }
        ("blocked", _) => "what may be called stands in wf.toml: `[egress] allow_hosts` and `allow_private`",
        ("missing_secret", _) => "set it where the daemon runs, and start the daemon again if it is a variable",
        _ => return None,
    })
}
