//! A batch in files, opened and screened, and read a few samples at a time.

use std::path::{Path, PathBuf};

use ndarray::Array3;

use super::archive::{self, Member};
use super::header::{self, Header, tuple};
use super::place::{Place, Section};
use super::reader::Reader;
use super::{Batch, Layout, safetensors};
use crate::batch::{Dtype, Element, filled};
use crate::error::{Error, Line, Result, shown};

/// A batch in one file or in several, joined along the samples; nothing of it is in memory.
///
/// Its dtype is that of the files, or the one that a cast was asked to.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// use windrow::io::{Source, write_npy};
///
/// let x = ndarray::Array3::from_shape_fn((10, 4, 2), |(s, t, f)| (s * 100 + t * 10 + f) as f64);
/// write_npy(&path, x.view())?;
/// let source = Source::open(&[&path], None)?;
/// let mut block = ndarray::Array3::zeros((5, 4, 2));
/// let mut reader = source.reader();
/// reader.read::<f64>(block.view_mut())?;
/// reader.read::<f64>(block.view_mut())?;
/// assert_eq!(block[[0, 3, 1]], 531.0);
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug)]
pub struct Source {
    pub(super) parts: Vec<Part>,
    layout: Layout,
}

/// One file of a batch.
#[derive(Debug)]
pub(super) struct Part {
    pub place: Place,
    /// What stands in errors: the file, and the array in it.
    pub name: PathBuf,
    pub header: Header,
    /// The member, if the file is an archive.
    pub member: Option<Member>,
}

/// What is read.
const READ: &str = "a .npy, .npz or safetensors file";

impl Source {
    /// Opens the files, in this order: `.npy`, `.npz` (`data.npz:x` names an array), safetensors
    /// (`data.safetensors:x`), or patterns (`part-*.npy`) in the order of their names.
    ///
    /// # Errors
    ///
    /// A file that is none of these, or not as long as its shape says; files whose shapes or
    /// dtypes do not go together; numbers that are neither f32 nor f64, without a cast.
    pub fn open(paths: &[impl AsRef<Path>], cast: Option<Dtype>) -> Result<Source> {
        let mut parts = Vec::new();
        for path in paths {
            for path in expand(path.as_ref())? {
                parts.push(Part::open(&path)?);
            }
        }
        Source::join(parts, cast)
    }

    /// The batch in the bytes of a file; `name` stands in errors, `array` names one in an archive.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Source::open).
    pub fn from_bytes(
        name: impl AsRef<Path>,
        bytes: &[u8],
        array: Option<&str>,
        cast: Option<Dtype>,
    ) -> Result<Source> {
        let place = Place::Memory { name: name.as_ref().to_owned(), bytes: bytes.into() };
        Source::join(vec![Part::of(place, array)?], cast)
    }

    fn join(parts: Vec<Part>, cast: Option<Dtype>) -> Result<Source> {
        let Some(first) = parts.first() else {
            return Err(Error::value(Line::NONE, "the list of files", "empty", "expected a file"));
        };
        let [mut samples, timesteps, features] = first.header.shape;
        for part in &parts[1..] {
            let shape = part.header.shape;
            if shape[1..] != [timesteps, features] {
                return Err(Error::Shape {
                    subject: part.name.display().to_string(),
                    got: tuple(&shape),
                    expected: format!(
                        "(samples, {timesteps}, {features}), as {} has",
                        first.name.display()
                    ),
                });
            }
            if part.header.stored != first.header.stored && cast.is_none() {
                let (got, other) = (part.header.stored.descr(), first.header.stored.descr());
                let problem =
                    format!("dtype is `{got}`, but `{other}` in {}", first.name.display());
                return Err(part.refuse(problem));
            }
            samples = samples.checked_add(shape[0]).ok_or_else(|| {
                part.refuse("brings the samples to more than a program can address")
            })?;
        }
        let dtype = match cast.or(first.header.stored.own_dtype()) {
            Some(dtype) => dtype,
            None => {
                let descr = first.header.stored.descr();
                let problem = format!(
                    "dtype is `{descr}`; f32 and f64 are read as they are, others where a cast to \
                     one of them is asked for (--cast f32)"
                );
                return Err(first.refuse(problem));
            }
        };
        let shape = [samples, timesteps, features];
        crate::batch::bytes("the input", shape, dtype.size())?;
        Ok(Source { parts, layout: Layout { shape, dtype } })
    }

    /// Shape and dtype.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The files, with the arrays in them, in order.
    pub fn names(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| part.name.as_path())
    }

    /// The paths of the files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| part.place.name())
    }

    /// NumPy's name of the numbers in the first file.
    pub fn stored(&self) -> String {
        self.parts[0].header.stored.descr()
    }

    /// Whether the values of all files stand in the order in which they are read: C order.
    pub fn in_rows(&self) -> bool {
        self.parts.iter().all(|part| !part.header.fortran)
    }

    /// Reads the samples from the first on.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(self)
    }

    /// Whether the files still are what they were when they were opened.
    ///
    /// # Errors
    ///
    /// One was written, replaced or removed since.
    pub fn check(&self) -> Result<()> {
        self.parts.iter().try_for_each(|part| part.place.open().map(drop))
    }

    /// Reads all of it into memory.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::read`]; more than the system gives.
    pub fn read_all(&self) -> Result<Batch> {
        Ok(match self.layout.dtype {
            Dtype::F32 => Batch::F32(self.whole()?),
            Dtype::F64 => Batch::F64(self.whole()?),
        })
    }

    fn whole<E: Element>(&self) -> Result<Array3<E>> {
        // Pages that the system hands out zeroed: nothing is written twice.
        let name = self.parts[0].name.display().to_string();
        let mut x = filled(&name, self.layout.shape, E::zeroed())?;
        let mut reader = Reader::new(self);
        reader.shared = true;
        reader.read(x.view_mut())?;
        reader.end()?;
        Ok(x)
    }
}

impl Part {
    fn open(path: &Path) -> Result<Part> {
        let (file, array) = split(path);
        Part::of(Place::file(&file)?, array.as_deref())
    }

    fn of(place: Place, array: Option<&str>) -> Result<Part> {
        let bytes = place.open()?;
        let mut start = [0; 9];
        let length = place.size().min(9) as usize;
        bytes.read_at(&mut start[..length], 0)?;
        let start = &start[..length];
        let in_it = |array: &str| {
            let mut name = place.name().as_os_str().to_owned();
            name.push(":");
            name.push(shown(array));
            PathBuf::from(name)
        };
        let (name, header, member) = if archive::MAGIC.iter().any(|magic| start.starts_with(magic))
        {
            let (array, member) = archive::find(&bytes, array)?;
            let name = in_it(&array);
            let header = header::read(&name, &mut member.unpack(bytes, &name), member.size)?;
            (name, header, Some(member))
        } else if safetensors::begins(start) {
            let (array, header) = safetensors::read(&bytes, array)?;
            (in_it(&array), header, None)
        } else {
            if let Some(array) = array {
                return Err(place.refuse(format!("is no archive, so it has no array `{array}`")));
            }
            let size = place.size();
            if size == 0 {
                return Err(place.refuse(format!("is empty; expected {READ}")));
            }
            if !header::begins(start) {
                return Err(place.refuse(format!("does not begin as {READ} does")));
            }
            let header =
                header::read(place.name(), &mut Section { bytes, at: 0, end: size }, size)?;
            (place.name().to_owned(), header, None)
        };
        Ok(Part { place, name, header, member })
    }

    pub fn refuse(&self, problem: impl Into<String>) -> Error {
        Error::File { path: self.name.clone(), problem: problem.into() }
    }
}

/// `data.npz:x` as file and array; a file that has the whole name is meant first.
fn split(path: &Path) -> (PathBuf, Option<String>) {
    if !path.exists()
        && let Some(text) = path.to_str()
        && let Some((file, array)) = text.rsplit_once(':')
        && [".npz", ".safetensors"].iter().any(|ending| file.ends_with(ending))
    {
        return (file.into(), Some(array.to_owned()));
    }
    (path.to_owned(), None)
}

/// The files of a pattern, sorted; a path without stars is itself, and so is a file that has them
/// in its name.
fn expand(path: &Path) -> Result<Vec<PathBuf>> {
    let Some(text) = path.to_str().filter(|text| text.contains(['*', '?', '['])) else {
        return Ok(vec![path.to_owned()]);
    };
    if path.exists() {
        return Ok(vec![path.to_owned()]);
    }
    let (pattern, array) = match split(path) {
        (file, Some(array)) => (file.display().to_string(), format!(":{array}")),
        (_, None) => (text.to_owned(), String::new()),
    };
    let refuse = |problem: String| Error::File { path: path.to_owned(), problem };
    let found = glob::glob(&pattern).map_err(|error| refuse(format!("is no pattern: {error}")))?;
    let mut files = Vec::new();
    for file in found {
        let file = file.map_err(|error| refuse(format!("cannot be searched: {error}")))?;
        let mut name = file.into_os_string();
        name.push(&array);
        files.push(PathBuf::from(name));
    }
    match files.is_empty() {
        true => Err(refuse("matches no file".to_owned())),
        false => Ok(files),
    }
}
