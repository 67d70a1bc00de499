//! The frame of saved state: JSON that names its format and version, checked before the rest.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// A kind of saved state.
pub(crate) struct Format {
    /// What its field `format` holds.
    pub name: &'static str,
    /// What its field `version` holds.
    pub version: u32,
    /// What it is, in words.
    pub what: &'static str,
    /// What writes it.
    pub writer: &'static str,
}

/// Read before the rest, so that a state of another version is refused as such.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

impl Format {
    /// Reads a state of this format and version.
    ///
    /// # Errors
    ///
    /// Text that is not one.
    pub fn read<T: DeserializeOwned>(&self, text: &str) -> Result<T> {
        let Format { name, version, what, writer } = self;
        let unreadable = |error: serde_json::Error| {
            let got = format!("unreadable ({error})");
            Error::state(format!("the {what}"), got, format!("{writer} writes one"))
        };
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        if head.format != *name || head.version != *version {
            let got = format!("`{}` version {}", head.format, head.version);
            let allowed = format!("this program reads `{name}` version {version}");
            return Err(Error::state("the format", got, allowed));
        }
        serde_json::from_str(text).map_err(unreadable)
    }
}
