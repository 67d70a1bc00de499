//! Samples of a source, one after the other.

use std::io::Read;
use std::sync::Arc;

use bytemuck::cast_slice_mut;
use ndarray::{ArrayViewMut3, s};
use rayon::prelude::*;

use super::archive::Unpacked;
use super::header::Header;
use super::place::Bytes;
use super::source::{Part, Source};
use super::stored::Stored;
use crate::batch::Element;
use crate::error::{Error, Line, Result};

/// Reads a source from its first sample to its last.
#[derive(Debug)]
pub struct Reader<'a> {
    source: &'a Source,
    /// The part that the next timestep is in, and its place there.
    part: usize,
    sample: usize,
    step: usize,
    open: Option<Open>,
    /// Bytes of the file that are not numbers yet.
    raw: Vec<u8>,
    /// Whether the threads of the rayon pool share a large read.
    pub(super) shared: bool,
}

/// A part under way.
#[derive(Debug)]
enum Open {
    /// Numbers that can be read in any order, from this byte on.
    Plain(Arc<Bytes>, u64),
    /// Numbers that come one after the other.
    Packed(Arc<Bytes>, Box<Unpacked>),
}

/// Bytes that are turned into numbers at a time.
const RAW: usize = 1 << 18;

/// Bytes that are copied as fast as the system is asked for fewer.
const WORTH_A_READ: usize = 1 << 12;

/// Bytes that one thread reads of a large read.
const SHARE: usize = 8 << 20;

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source) -> Reader<'a> {
        Reader { source, part: 0, sample: 0, step: 0, open: None, raw: Vec::new(), shared: false }
    }

    /// Fills a view with the next samples, as many as it has; or with the next timesteps of one
    /// sample, where it has fewer than the source.
    ///
    /// # Errors
    ///
    /// A view of another dtype or shape than the source, or for more samples than are left, or more
    /// timesteps than are left of a sample that was begun; a file that was written since it was
    /// opened; a damaged archive.
    pub fn read<E: Element>(&mut self, mut into: ArrayViewMut3<'_, E>) -> Result<()> {
        self.check::<E>(into.dim())?;
        let (samples, steps, _) = into.dim();
        let timesteps = self.source.layout().shape[1];
        let mut done = 0;
        while done < samples {
            let source = self.source;
            let part = &source.parts[self.part];
            let count = (part.header.shape[0] - self.sample).min(samples - done);
            if count > 0 {
                let mut into = into.slice_mut(s![done..done + count, .., ..]);
                match (part.header.fortran, into.as_slice_mut()) {
                    (false, Some(values)) => self.read_rows(part, values)?,
                    (false, None) => {
                        let mut rows = into.to_owned();
                        self.read_rows(part, rows.as_slice_mut().expect("owned in C order"))?;
                        into.assign(&rows);
                    }
                    (true, _) => self.read_runs(part, into)?,
                }
                self.step += steps;
                if self.step == timesteps {
                    self.sample += count;
                    self.step = 0;
                }
                done += count;
            }
            if self.sample == part.header.shape[0] && self.part + 1 < source.parts.len() {
                self.close()?;
            }
        }
        Ok(())
    }

    /// To be called when the last sample was read: whatever can only be known then is checked.
    ///
    /// # Errors
    ///
    /// A damaged archive; a file that was written meanwhile; samples that were not read.
    pub fn end(mut self) -> Result<()> {
        let samples = self.source.layout().shape[0];
        let left = self.left();
        if left > 0 {
            let allowed = format!("expected all {samples}");
            return Err(Error::value(Line::NONE, "the samples read", samples - left, allowed));
        }
        while self.part < self.source.parts.len() {
            self.open(&self.source.parts[self.part])?;
            self.close()?;
        }
        Ok(())
    }

    fn left(&self) -> usize {
        let parts = &self.source.parts[self.part..];
        parts.iter().map(|part| part.header.shape[0]).sum::<usize>() - self.sample
    }

    fn check<E: Element>(&self, dim: (usize, usize, usize)) -> Result<()> {
        let layout = self.source.layout();
        let [_, timesteps, features] = layout.shape;
        if layout.dtype != E::DTYPE {
            let allowed = format!("the source is {}", layout.dtype);
            return Err(Error::value(Line::NONE, "the dtype of the view", E::DTYPE, allowed));
        }
        let whole = self.step == 0 && dim.0 <= self.left() && dim.1 == timesteps;
        let piece = dim.0 == 1 && self.left() > 0 && (1..=timesteps - self.step).contains(&dim.1);
        if dim.2 == features && (whole || piece) {
            return Ok(());
        }
        let expected = match self.step {
            0 => format!("at most ({}, {timesteps}, {features})", self.left()),
            step => format!("at most (1, {}, {features})", timesteps - step),
        };
        let got = format!("{dim:?}");
        Err(Error::Shape { subject: "the view to read into".to_owned(), got, expected })
    }

    fn open(&mut self, part: &Part) -> Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let bytes = part.place.open()?;
        let Header { offset, fortran, .. } = part.header;
        self.open = Some(match &part.member {
            None => Open::Plain(bytes, offset),
            Some(member) => {
                let mut unpacked = member.unpack(Arc::clone(&bytes), &part.name);
                match member.plain() {
                    // Not read in order: the check sum first, the numbers then.
                    Some(begin) if fortran => {
                        skip(part, &mut unpacked, member.size)?;
                        unpacked.end()?;
                        Open::Plain(bytes, begin + offset)
                    }
                    // Memory may be too small for it.
                    None if fortran => {
                        let temporary = Bytes::temporary(&part.place, member.size, |into| {
                            fill(part, &mut unpacked, into)
                        })?;
                        unpacked.end()?;
                        bytes.check()?;
                        Open::Plain(Arc::new(temporary), offset)
                    }
                    _ => {
                        skip(part, &mut unpacked, offset)?;
                        Open::Packed(bytes, Box::new(unpacked))
                    }
                }
            }
        });
        Ok(())
    }

    /// Leaves a part whose samples were all read.
    fn close(&mut self) -> Result<()> {
        match self.open.take() {
            Some(Open::Plain(bytes, _)) => bytes.check()?,
            Some(Open::Packed(bytes, unpacked)) => {
                unpacked.end()?;
                bytes.check()?;
            }
            None => {}
        }
        (self.part, self.sample) = (self.part + 1, 0);
        Ok(())
    }

    /// The next rows of a part in C order.
    fn read_rows<E: Element>(&mut self, part: &Part, into: &mut [E]) -> Result<()> {
        self.open(part)?;
        let Header { stored, shape, .. } = part.header;
        let Reader { open: Some(open), raw, sample, step, shared, .. } = self else {
            unreachable!("opened above")
        };
        let mut at = ((*sample * shape[1] + *step) * shape[2] * stored.size()) as u64;
        if *shared && stored.is::<E>() {
            return open.read_shared(part, cast_slice_mut(into), at);
        }
        // What needs no turning goes in one read.
        let most = if stored.is::<E>() { into.len().max(1) } else { RAW / stored.size() };
        for into in into.chunks_mut(most) {
            read_run(open, part, stored, raw, into, at)?;
            at += (into.len() * stored.size()) as u64;
        }
        Ok(())
    }

    /// The next samples, or timesteps of one, of a part in Fortran order: one feature after the
    /// other, of each the timesteps, of each the samples.
    fn read_runs<E: Element>(&mut self, part: &Part, mut into: ArrayViewMut3<'_, E>) -> Result<()> {
        self.open(part)?;
        let Header { stored, shape: [samples, timesteps, _], .. } = part.header;
        let Reader { open: Some(open), raw, sample, step, .. } = self else {
            unreachable!("opened above")
        };
        let (count, steps, features) = into.dim();
        // What lies between the samples of two timesteps is read too, where that is little.
        let row = samples * stored.size();
        let (first, width, together) = match count == samples || row <= WORTH_A_READ {
            true => (0, samples, (RAW / row).max(1)),
            false => (*sample, count, 1),
        };
        let mut run = vec![E::zeroed(); width * together.min(steps)];
        for f in 0..features {
            for t in (0..steps).step_by(together) {
                let rows = together.min(steps - t);
                let cell = (f * timesteps + *step + t) * samples + first;
                let run = &mut run[..rows * width];
                read_run(open, part, stored, raw, run, (cell * stored.size()) as u64)?;
                let mut cells = into.slice_mut(s![.., t..t + rows, f]);
                for (mut cells, row) in cells.columns_mut().into_iter().zip(run.chunks_exact(width))
                {
                    let row = &row[*sample - first..][..count];
                    cells.iter_mut().zip(row).for_each(|(cell, value)| *cell = *value);
                }
            }
        }
        Ok(())
    }
}

fn read_run<E: Element>(
    open: &mut Open,
    part: &Part,
    stored: Stored,
    raw: &mut Vec<u8>,
    run: &mut [E],
    at: u64,
) -> Result<()> {
    if stored.is::<E>() {
        return open.read(part, cast_slice_mut(run), at);
    }
    raw.resize(run.len() * stored.size(), 0);
    open.read(part, raw, at)?;
    stored.decode(raw, run);
    Ok(())
}

impl Open {
    /// Fills `into` with the bytes of numbers from the part's byte `at` on, which is the next where
    /// bytes come in order.
    fn read(&mut self, part: &Part, into: &mut [u8], at: u64) -> Result<()> {
        match self {
            Open::Plain(bytes, begin) => bytes.read_at(into, *begin + at),
            Open::Packed(_, unpacked) => fill(part, unpacked, into),
        }
    }

    /// As [`read`](Open::read), on all threads of the rayon pool where that can be.
    fn read_shared(&mut self, part: &Part, into: &mut [u8], at: u64) -> Result<()> {
        match self {
            Open::Plain(bytes, begin) => into
                .par_chunks_mut(SHARE)
                .enumerate()
                .try_for_each(|(i, into)| bytes.read_at(into, *begin + at + (i * SHARE) as u64)),
            Open::Packed(..) => self.read(part, into, at),
        }
    }
}

fn fill(part: &Part, unpacked: &mut Unpacked, into: &mut [u8]) -> Result<()> {
    unpacked.read_exact(into).map_err(|source| Error::Io {
        path: part.name.clone(),
        action: "unpack",
        source,
    })
}

fn skip(part: &Part, unpacked: &mut Unpacked, bytes: u64) -> Result<()> {
    let mut left = bytes;
    let mut into = vec![0; left.min(RAW as u64) as usize];
    while left > 0 {
        let count = left.min(into.len() as u64) as usize;
        fill(part, unpacked, &mut into[..count])?;
        left -= count as u64;
    }
    Ok(())
}
