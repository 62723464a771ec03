//! Signatures of requests, as Standard Webhooks lays them down: the receiver can tell that a request comes from us, is
//! whole, and is not an old one sent again.
//!
//! What is signed is `ID.TIMESTAMP.BODY`, with HMAC-SHA256; the header is `v1,` and the Base64 of it. A secret may hold
//! several keys with blanks between them: each signs, so that a receiver that knows the old or the new one goes on while
//! keys are rotated.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a key in Base64 begins with.
const PREFIX: &str = "whsec_";

/// Keys are copied by hand, and their `=` at the end is easily lost.
const KEY_ALPHABET: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A secret that no key can be made of. The text shows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeyError {
    /// There is nothing in it.
    #[error("the signing secret is empty")]
    Empty,
    /// It promises Base64 and is not.
    #[error("what follows `whsec_` in the signing secret is not Base64")]
    Base64,
}

/// The value of the header `webhook-signature`. A secret that does not begin with `whsec_` is a key as it stands.
///
/// # Errors
/// When the secret holds no key.
pub(super) fn signature(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> Result<String, KeyError> {
    let mut signatures = Vec::new();
    for key in keys(secret)? {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| KeyError::Empty)?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        signatures.push(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    }
    Ok(signatures.join(" "))
}

fn keys(secret: &str) -> Result<Vec<Vec<u8>>, KeyError> {
    let words: Vec<&str> = secret.split_whitespace().collect();
    if words.is_empty() {
        return Err(KeyError::Empty);
    }
    // Another secret may hold blanks of its own.
    if !words.iter().all(|word| word.starts_with(PREFIX)) {
        return Ok(vec![secret.as_bytes().to_vec()]);
    }
    let key = |word: &&str| match word.strip_prefix(PREFIX).map(|text| KEY_ALPHABET.decode(text)) {
        Some(Ok(key)) if key.is_empty() => Err(KeyError::Empty),
        Some(Ok(key)) => Ok(key),
        _ => Err(KeyError::Base64),
    };
    words.iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    /// The example that the libraries of Standard Webhooks are tested with.
    #[test]
    fn a_signature_is_that_of_the_standard() {
        let sign = |secret: &str| signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", BODY);
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").as_deref(), Ok(expected));
        let both = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_c2Vjb25k").unwrap();
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!(first, expected);
        assert_eq!(Ok(second.to_owned()), sign("second"), "a key may stand as it is");
        assert_ne!(sign("a b"), sign("a"));
    }

    #[test]
    fn every_part_is_signed() {
        let sign = |id: &str, timestamp: &str, body: &[u8]| signature("key", id, timestamp, body).unwrap();
        let one = sign("id", "1", b"body");
        for other in
            [sign("ie", "1", b"body"), sign("id", "2", b"body"), sign("id", "1", b"bodz"), sign("id", "1", b"")]
        {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_secret_without_a_key_is_refused() {
        for (secret, error) in [
            ("", KeyError::Empty),
            (" \n", KeyError::Empty),
            ("whsec_", KeyError::Empty),
            ("whsec_%%%", KeyError::Base64),
            ("whsec_YWJj whsec_ü", KeyError::Base64),
        ] {
            assert_eq!(signature(secret, "id", "1", b""), Err(error), "{secret:?}");
        }
        assert_eq!(signature("whsec_YQ", "i", "1", b""), signature("whsec_YQ==", "i", "1", b""));
    }
}
