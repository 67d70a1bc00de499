//! A graph laid out for one shape: how long the chunks are, and where each column of the output is
//! read from.
//!
//! Columns that differ only in how far they look back share a feed: the finished values of a plane
//! with a history of earlier rows, so that a lag is an address.

use super::column::{Column, Content, Stretch};
use super::graph::{Graph, Plane, SCRATCH, Slot};
use super::step::Warmup;
use crate::batch::{Dtype, GROUP, ask};
use crate::error::{Error, Result};
use crate::simd::Level;

/// The chunks of a fit, and the least of a transform, at such [`levels`](super::abreast::levels).
///
/// A plane of a sample alone is one lane wide: as many values as in other planes are more timesteps
/// (with as few timesteps, SMA, RSI and MACD of one sample took 1.7 times as long).
pub(super) fn least_chunk((_, abreast): (Level, Option<Level>)) -> usize {
    const CHUNK: usize = 32;
    if abreast.is_some() { CHUNK * GROUP } else { CHUNK }
}

/// Chunks are multiples of this, so that they end on cache lines of the output.
const STEP: usize = 16;

/// How the output of a transform is made.
#[derive(Debug)]
pub(super) struct Layout {
    pub timesteps: usize,
    /// Timesteps that are worked on at once.
    pub chunk: usize,
    /// Leading timesteps that are not written.
    pub trim: usize,
    /// Rows that every feed keeps beyond its history, for the writer.
    pub kept_rows: usize,
    pub feeds: Vec<Feed>,
    /// The feed of each column, and how many rows it looks up.
    pub columns: Vec<(usize, usize)>,
}

/// A plane finished for the output: scaled, filled, rounded.
#[derive(Debug, PartialEq)]
pub(super) struct Feed {
    pub plane: Plane,
    pub scales: Vec<Slot>,
    /// Leading rows to be overwritten with a number.
    pub overwrite: Option<(usize, f64)>,
    /// Rows kept from before the chunk.
    pub depth: usize,
    /// What stands in those rows before the first timestep, oldest first.
    pub history: Vec<Past>,
}

/// Some rows before the first timestep.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Past {
    pub rows: usize,
    pub content: Content,
}

impl Layout {
    pub fn new(
        graph: &Graph,
        timesteps: usize,
        kept_rows: usize,
        levels: (Level, Option<Level>),
    ) -> Layout {
        let mut feeds: Vec<Feed> = Vec::new();
        let mut columns = Vec::new();
        let mut feeds_of = vec![Vec::new(); graph.planes];
        // Longest look back first: shorter ones, and none, find a feed that is there.
        let mut order: Vec<usize> = (0..graph.columns.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(graph.columns[index].lag));
        for index in order {
            let feed = Feed::of(&graph.columns[index], graph.warmup, timesteps);
            let depth = feed.depth;
            let of_plane: &mut Vec<usize> = &mut feeds_of[feed.plane];
            let place = of_plane.iter().copied().find(|&place| feeds[place].serves(&feed));
            let place = place.unwrap_or_else(|| {
                of_plane.push(feeds.len());
                feeds.push(feed);
                feeds.len() - 1
            });
            columns.push((index, (place, depth)));
        }
        columns.sort_by_key(|(index, _)| *index);
        let deepest = feeds.iter().map(|feed| feed.depth).max().unwrap_or(0);
        // History is carried over once a chunk: a chunk no shorter keeps that to one copy a row.
        let chunk = graph.chunk(least_chunk(levels).max(deepest.min(timesteps)), timesteps);
        let chunk = chunk.next_multiple_of(STEP);
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        let trim = graph.trim().min(timesteps);
        Layout { timesteps, chunk, trim, kept_rows, feeds, columns }
    }

    /// Timesteps of the output.
    pub fn kept(&self) -> usize {
        self.timesteps - self.trim
    }

    /// Rows of a feed that stand before its chunk.
    pub fn before(&self, feed: &Feed) -> usize {
        self.kept_rows + feed.depth
    }

    /// The first arena row of each feed, history included; and the rows in all.
    pub fn arena(&self) -> (Vec<usize>, usize) {
        let mut rows = 0;
        let first = |feed: &Feed| {
            let first = rows;
            rows += self.before(feed) + self.chunk;
            first
        };
        let firsts = self.feeds.iter().map(first).collect();
        (firsts, rows)
    }

    /// Checks that tables can point into the arena, and that so many threads find memory to work in.
    ///
    /// # Errors
    ///
    /// Lags so long, of so many columns, that a tile of them fills gigabytes; a system that refuses.
    pub fn check_scratch(
        &self,
        graph: &Graph,
        lanes: usize,
        output: Dtype,
        threads: usize,
    ) -> Result<()> {
        let values = self.arena().1 as u128 * lanes as u128;
        if values > u128::from(u32::MAX) {
            return Err(Error::TooLarge {
                subject: "the history that the lags look back on".to_owned(),
                bytes: values * output.size() as u128,
                problem: "more than a thread works in",
            });
        }
        ask(SCRATCH, self.scratch(graph, lanes, output).saturating_mul(threads))
    }

    /// Bytes of scratch a thread works in.
    pub fn scratch(&self, graph: &Graph, lanes: usize, output: Dtype) -> usize {
        let staged = self.chunk.saturating_mul(self.columns.len());
        let finished = self.arena().1.saturating_add(staged);
        let finished = finished.saturating_mul(output.size() * lanes);
        graph.scratch(self.chunk, self.timesteps, lanes).saturating_add(finished)
    }
}

impl Feed {
    /// The feed of a column by itself.
    fn of(column: &Column, warmup: Warmup, timesteps: usize) -> Feed {
        let depth = column.lag.min(timesteps);
        let replace = |content: &Content| match (content, warmup) {
            (Content::Missing, Warmup::Fill(value)) => {
                Content::Number { value, changes: Vec::new() }
            }
            (content, _) => content.clone(),
        };
        // The head's first `lag` timesteps are fill; of those, the sample sees `depth`.
        let mut history: Vec<Past> = Vec::new();
        let mut left = depth;
        for Stretch { length, content } in &column.head {
            let rows = left.min(*length);
            left -= rows;
            let content = replace(content);
            match history.last_mut() {
                Some(last) if last.content == content => last.rows += rows,
                _ if rows > 0 => history.push(Past { rows, content }),
                _ => {}
            }
        }
        let own = column.begin() - column.lag.min(column.begin());
        let overwrite = match warmup {
            Warmup::Fill(value) if own > 0 => Some((own, value)),
            _ => None,
        };
        let (plane, scales) = (column.plane, column.scales.clone());
        Feed { plane, scales, overwrite, depth, history }
    }

    /// Whether columns of `other`, of the same plane, can read here: the same values, and the same
    /// history as far as it looks.
    fn serves(&self, other: &Feed) -> bool {
        let same_history = match (self.history.as_slice(), other.history.as_slice()) {
            (_, []) => true,
            ([a], [b]) => a.content == b.content,
            (a, b) => a == b,
        };
        self.scales == other.scales
            && self.overwrite == other.overwrite
            && self.depth >= other.depth
            && same_history
    }
}
