//! What is written beside features: where they come from, what they are, how to tell that they are
//! still the same.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Fingerprint;
use crate::error::{Error, Result};
use crate::saved::Format;

const FORMAT: Format =
    Format { name: "windrow features", version: 1, what: "manifest", writer: "`windrow build`" };

/// What a file of features is, or what several files are together: `OUT.columns.json` and
/// `OUT.manifest.json`.
///
/// Fingerprints are those of [`Fingerprint`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    format: String,
    version: u32,
    /// The version of the program that wrote it.
    pub windrow: String,
    /// What computed them; it changes no bit, but for `reference`.
    pub level: String,
    /// The dtype of the values.
    pub dtype: String,
    /// Samples, timesteps, columns.
    pub shape: [usize; 3],
    /// The fingerprint of the values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// What they were made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<ManifestInput>,
    /// The pipeline file.
    pub pipeline: String,
    /// The fingerprint of the text of the fitted pipeline.
    pub fitted: String,
    /// Whether every cell beyond warm-up was made sure to be a number.
    pub require_finite: bool,
    /// The columns, in order.
    pub columns: Vec<ManifestColumn>,
    /// The files that the features are in, if they are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<Shards>,
}

/// The batch that features were made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestInput {
    /// The files, and the arrays in them.
    pub files: Vec<String>,
    /// NumPy's name of the numbers in the files.
    pub stored: String,
    /// What they were read as.
    pub dtype: String,
    /// Samples, timesteps, features.
    pub shape: [usize; 3],
    /// The fingerprint of the values, as they were read.
    pub fingerprint: String,
}

/// A column of features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestColumn {
    /// Its name.
    pub name: String,
    /// How many leading timesteps may be NaN for lack of history.
    pub warmup: usize,
    /// How many cells are NaN, warm-up included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nan: Option<u64>,
    /// How many cells are infinite: too large for the dtype, or infinite in the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infinite: Option<u64>,
}

/// Files of some samples each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shards {
    /// Samples of each, except the last.
    pub samples: usize,
    /// The files, in order.
    pub files: Vec<Shard>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Its name, in the folder of the manifest.
    pub file: String,
    /// Its samples.
    pub samples: usize,
    /// The fingerprint of its values.
    pub fingerprint: String,
    /// The fingerprint of the input up to and with its samples.
    pub input: String,
    /// How many cells of each column are NaN.
    pub nan: Vec<u64>,
    /// How many cells of each column are infinite.
    pub infinite: Vec<u64>,
}

impl Manifest {
    /// Of features whose values are not known yet.
    pub fn new(
        columns: Vec<ManifestColumn>,
        shape: [usize; 3],
        dtype: &str,
        pipeline: &str,
        fitted: &str,
    ) -> Manifest {
        Manifest {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            windrow: env!("CARGO_PKG_VERSION").to_owned(),
            level: String::new(),
            dtype: dtype.to_owned(),
            shape,
            fingerprint: None,
            input: None,
            pipeline: pipeline.to_owned(),
            fitted: Fingerprint::of_text(fitted),
            require_finite: false,
            columns,
            shards: None,
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain names and whole numbers") + "\n"
    }

    /// Reads what [`to_json`](Manifest::to_json) gave.
    ///
    /// # Errors
    ///
    /// Text that is no manifest of this version; shards that are not plain file names, or whose
    /// samples or counts do not go with the rest.
    pub fn from_json(text: &str) -> Result<Manifest> {
        let manifest: Manifest = FORMAT.read(text)?;
        for (index, shard) in manifest.shards.iter().flat_map(|s| &s.files).enumerate() {
            manifest.check(index, shard)?;
        }
        Ok(manifest)
    }

    fn check(&self, index: usize, shard: &Shard) -> Result<()> {
        let refuse =
            |got: String, allowed: &str| Err(Error::state(format!("shard {index}"), got, allowed));
        let per = self.shards.as_ref().map_or(0, |shards| shards.samples);
        let plain = Path::new(&shard.file).file_name().is_some_and(|name| *name == *shard.file);
        if !plain {
            return refuse(format!("in `{}`", shard.file), "a name alone is allowed");
        }
        let before = index.checked_mul(per);
        let expected = before.and_then(|before| Some(per.min(self.shape[0].checked_sub(before)?)));
        if expected != Some(shard.samples) || per == 0 {
            return refuse(format!("of {} samples", shard.samples), "the shape has others");
        }
        let columns = self.columns.len();
        if shard.nan.len() != columns || shard.infinite.len() != columns {
            return refuse("without a count for each column".to_owned(), "each has one");
        }
        let cells = shard.samples as u128 * self.shape[1] as u128;
        if shard.nan.iter().chain(&shard.infinite).any(|count| u128::from(*count) > cells) {
            return refuse(format!("of {cells} cells a column"), "it counts more");
        }
        Ok(())
    }

    /// The files of the features, which stand beside the manifest.
    pub fn files(&self, manifest: &Path) -> Vec<PathBuf> {
        let shards = self.shards.iter().flat_map(|shards| &shards.files);
        shards.map(|shard| manifest.with_file_name(&shard.file)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let column = |name: &str| ManifestColumn {
            name: name.to_owned(),
            warmup: 2,
            nan: Some(7),
            infinite: None,
        };
        let mut manifest =
            Manifest::new(vec![column("a"), column("b")], [5, 3, 2], "f32", "[input]", "{}");
        let shard = |index: usize, samples| Shard {
            file: format!("y-{index}.npy"),
            samples,
            fingerprint: "0".to_owned(),
            input: "1".to_owned(),
            nan: vec![0, 6],
            infinite: vec![0, 0],
        };
        manifest.shards = Some(Shards { samples: 3, files: vec![shard(0, 3), shard(1, 2)] });
        manifest
    }

    #[test]
    fn it_comes_back() {
        let text = manifest().to_json();
        assert_eq!(Manifest::from_json(&text).unwrap(), manifest());
        let files = manifest().files(Path::new("folder/y.manifest.json"));
        assert_eq!(files, ["folder/y-0.npy", "folder/y-1.npy"].map(PathBuf::from));
    }

    #[test]
    fn lies_are_refused() {
        let text = manifest().to_json();
        for (from, to, expected) in [
            ("y-1.npy", "../y-1.npy", "shard 1 is in `../y-1.npy`; a name alone is allowed"),
            ("y-1.npy", "/y-1.npy", "a name alone is allowed"),
            ("y-1.npy", "..", "a name alone is allowed"),
            ("y-1.npy", "", "a name alone is allowed"),
            ("\"samples\": 2", "\"samples\": 3", "shard 1 is of 3 samples; the shape has others"),
            ("\"samples\": 3", "\"samples\": 0", "shard 0 is of 3 samples"),
            ("        6\n", "        -6\n", "the manifest is "),
            ("        6\n", "        10\n", "shard 0 is of 9 cells a column; it counts more"),
            ("windrow features", "other features", "the format is `other features` version 1"),
            ("\"version\": 1", "\"version\": 2", "this program reads `windrow features` version 1"),
            ("\"pipeline\"", "\"pipelin\"", "unknown field `pipelin`"),
        ] {
            assert!(text.contains(from), "{from}");
            let error = Manifest::from_json(&text.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(expected), "{to}: {error}");
        }
    }
}
