//! Writing and reading a compiled program: canonical JSON, its hash, and the version check.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Program;

/// The version of the representation that this compiler writes and reads.
pub const IR_VERSION: u32 = 1;

/// The SHA-256 of a program's canonical JSON, in lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProgramHash(String);

impl ProgramHash {
    /// A hash as it was written: 64 hexadecimal digits in lower case.
    pub fn read(text: &str) -> Option<ProgramHash> {
        let digits = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && digits(text)).then(|| ProgramHash(text.to_owned()))
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits: enough for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for ProgramHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a compiled program cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// It is not the JSON of a compiled program.
    Malformed(serde_json::Error),
    /// It was written for another version of the representation.
    UnknownVersion {
        /// The version that it names.
        found: u32,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Malformed(_) => out.write_str("this is not a compiled program"),
            ReadError::UnknownVersion { found } => {
                write!(out, "the program has ir_version {found}; this wf reads ir_version {IR_VERSION}")
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Malformed(source) => Some(source),
            ReadError::UnknownVersion { .. } => None,
        }
    }
}

/// The part of a compiled program that every version has.
#[derive(Deserialize)]
struct Envelope {
    ir_version: u32,
}

impl Program {
    /// The program as canonical JSON: fixed order of keys, no blanks, one form for each program.
    pub fn to_json(&self) -> String {
        // Every part is made of strings, numbers, lists and maps with text keys, which always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Program::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is no compiled program, or one of a version that this compiler does not know.
    pub fn from_json(text: &str) -> Result<Program, ReadError> {
        let envelope: Envelope = serde_json::from_str(text).map_err(ReadError::Malformed)?;
        if envelope.ir_version != IR_VERSION {
            return Err(ReadError::UnknownVersion { found: envelope.ir_version });
        }
        serde_json::from_str(text).map_err(ReadError::Malformed)
    }

    /// The content hash: equal programs have equal hashes, however they were written.
    pub fn hash(&self) -> ProgramHash {
        ProgramHash::of(&self.to_json())
    }
}

impl ProgramHash {
    /// The hash of a program's canonical JSON.
    pub fn of(canonical_json: &str) -> ProgramHash {
        let digest = Sha256::digest(canonical_json.as_bytes());
        ProgramHash(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
