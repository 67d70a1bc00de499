//! The way back: scaled columns to what they were before their scalers.

use ndarray::{Array3, ArrayView3, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::FittedPipeline;
use super::column::{Change, Column, Content, Done};
use super::graph::Slot;
use super::machine::{changed, map_of};
use super::step::Warmup;
use crate::batch::{Element, filled};
use crate::error::{Error, Line, Result};
use crate::scale::Map;

impl FittedPipeline {
    /// Undoes the scalers of every column of the output; the shape stays.
    ///
    /// What no scaler has touched comes back as it is: columns without one, and the numbers that a
    /// lag or `warmup` fills in. Clipped values come back as the ends of their range. An indicator of a
    /// scaled column has no way back.
    ///
    /// # Errors
    ///
    /// Another number of features than the output has columns; a column without a way back
    /// (`normalize` has none, nor has an indicator of a scaled column); a result that does not fit in memory.
    pub fn inverse_transform<E: Element>(&self, y: ArrayView3<'_, E>) -> Result<Array3<E>> {
        let columns: Vec<String> = self.columns();
        self.inverse_transform_of(&columns, y)
    }

    /// Undoes the scalers of some columns of the output, of which `y` holds one a feature: what a
    /// model predicts.
    ///
    /// ```
    /// use ndarray::array;
    /// use windrow::Pipeline;
    /// let pipeline = Pipeline::from_toml(r#"
    ///     [input]
    ///     columns = ["open", "close"]
    ///     [[step]]
    ///     op = "standardize"
    /// "#)?;
    /// let fitted = pipeline.fit(array![[[1.0, 10.0], [3.0, 30.0]]].view())?;
    /// let predicted = array![[[0.5]]];
    /// let prices = fitted.inverse_transform_of(&["close"], predicted.view())?;
    /// assert_eq!(prices, array![[[25.0]]]);
    /// # Ok::<(), windrow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A column that the output does not have, or without a way back; another number of features
    /// than columns; a result that does not fit in memory.
    pub fn inverse_transform_of<E: Element, N: AsRef<str>>(
        &self,
        columns: &[N],
        y: ArrayView3<'_, E>,
    ) -> Result<Array3<E>> {
        let undo = self.undo_whole(columns, y.dim())?;
        invert(&undo, 0, y)
    }

    /// [`inverse_transform_of`](FittedPipeline::inverse_transform_of) of a piece of time, which
    /// begins at timestep `first` of the output.
    ///
    /// # Errors
    ///
    /// As [`inverse_transform_of`](FittedPipeline::inverse_transform_of).
    pub fn inverse_transform_from<E: Element, N: AsRef<str>>(
        &self,
        first: usize,
        columns: &[N],
        y: ArrayView3<'_, E>,
    ) -> Result<Array3<E>> {
        let undo = self.undo_all(columns, y.dim())?;
        let end = first.saturating_add(y.dim().1);
        self.check_rows(&undo, end, |rows| end <= rows)?;
        invert(&undo, first, y)
    }

    /// Whether [`inverse_transform_of`](FittedPipeline::inverse_transform_of) takes these columns of a
    /// batch of that shape: samples, timesteps, features.
    ///
    /// # Errors
    ///
    /// As there, but for memory.
    pub fn check_inverse<N: AsRef<str>>(
        &self,
        columns: &[N],
        shape: (usize, usize, usize),
    ) -> Result<()> {
        self.undo_whole(columns, shape).map(drop)
    }

    /// What undoes each of these columns, in a batch of that shape with all rows of the output.
    fn undo_whole<N: AsRef<str>>(
        &self,
        columns: &[N],
        shape: (usize, usize, usize),
    ) -> Result<Vec<Undo>> {
        let undo = self.undo_all(columns, shape)?;
        self.check_rows(&undo, shape.1, |rows| rows == shape.1)?;
        Ok(undo)
    }

    /// Refuses so many rows where they do not fit those of the output that have a map each.
    fn check_rows(&self, undo: &[Undo], got: usize, fits: impl Fn(usize) -> bool) -> Result<()> {
        let graph = &self.pipeline().graph;
        for &slot in undo.iter().flat_map(|undo| &undo.slots) {
            let Some(timesteps) = self.maps()[slot].timesteps() else { continue };
            let rows = timesteps.saturating_sub(graph.trim());
            if !fits(rows) {
                return Err(graph.slots[slot].other_timesteps(rows, got));
            }
        }
        Ok(())
    }

    /// What undoes each of these columns, in a batch of that shape.
    fn undo_all<N: AsRef<str>>(
        &self,
        columns: &[N],
        (samples, timesteps, features): (usize, usize, usize),
    ) -> Result<Vec<Undo>> {
        let all = &self.pipeline().graph.columns;
        let maps: Vec<Option<Map>> = self.maps().iter().cloned().map(Some).collect();
        let find = |name: &N| {
            let names = || all.iter().map(|column| column.name.as_str());
            let place = names().position(|column| column == name.as_ref());
            let place = place
                .ok_or_else(|| Error::unknown(Line::NONE, "column", name.as_ref(), names()))?;
            self.undo(&all[place], &maps)
        };
        let undo: Vec<Undo> = columns.iter().map(find).collect::<Result<_>>()?;
        if features != undo.len() {
            return Err(Error::Shape {
                subject: "the batch".to_owned(),
                got: format!("({samples}, {timesteps}, {features})"),
                expected: format!("{} features, a column each", undo.len()),
            });
        }
        Ok(undo)
    }

    fn undo(&self, column: &Column, maps: &[Option<Map>]) -> Result<Undo> {
        let graph = &self.pipeline().graph;
        let lost = |done: &Done| match &done.change {
            Change::Lost(what) => Some(what.clone()),
            _ => None,
        };
        if let Some(what) = column.changes.iter().find_map(lost) {
            let subject = format!("the way back of `{}`", column.name);
            let got = format!("lost in {what}");
            return Err(Error::value(Line::NONE, subject, got, "choose among the other columns"));
        }
        let trim = graph.trim();
        let mut heads = Vec::new();
        let mut end = 0_usize;
        for stretch in &column.head {
            end = end.saturating_add(stretch.length);
            let until = end.saturating_sub(trim);
            match (&stretch.content, graph.warmup) {
                (Content::Number { value, changes }, _) => {
                    let shown = changed(*value, changes, maps).expect("all maps are fitted");
                    heads.push(Head { until, shown, value: *value });
                }
                (Content::Missing, Warmup::Fill(value)) => {
                    heads.push(Head { until, shown: value, value });
                }
                _ => {}
            }
        }
        let map = |done: &Done| Some((map_of(&done.change, maps)?, done.since));
        let maps = column.changes.iter().filter_map(map).collect();
        let slot = |done: &Done| match done.change {
            Change::Fitted(slot) => Some(slot),
            _ => None,
        };
        let slots = column.changes.iter().filter_map(slot).collect();
        Ok(Undo { maps, slots, heads, trim })
    }
}

/// How the cells of a column go back.
struct Undo {
    /// In the order in which they were applied, and how far their values were moved back since.
    maps: Vec<(Map, usize)>,
    /// Those of them that were fitted.
    slots: Vec<Slot>,
    heads: Vec<Head>,
    /// Timesteps before the first of the output.
    trim: usize,
}

/// A number that may stand in leading timesteps, and did not go through all maps.
struct Head {
    until: usize,
    /// As it stands there.
    shown: f64,
    /// What it was.
    value: f64,
}

/// Undoes the columns of a batch whose first row is row `first` of the output.
fn invert<E: Element>(undo: &[Undo], first: usize, y: ArrayView3<'_, E>) -> Result<Array3<E>> {
    let (samples, timesteps, features) = y.dim();
    let mut x = filled("the batch before scaling", [samples, timesteps, features], E::zeroed())?;
    let samples = x.axis_iter_mut(Axis(0)).into_par_iter().zip(y.axis_iter(Axis(0)));
    samples.for_each(|(mut x, y)| {
        x.assign(&y);
        undo_sample(undo, first, x);
    });
    Ok(x)
}

fn undo_sample<E: Element>(undo: &[Undo], first: usize, mut sample: ArrayViewMut2<'_, E>) {
    for (t, mut row) in (first..).zip(sample.outer_iter_mut()) {
        for (cell, undo) in row.iter_mut().zip(undo) {
            let y = cell.widen();
            let shown = |head: &&Head| t < head.until && E::round(head.shown).widen() == y;
            let x = match undo.heads.iter().find(shown) {
                Some(head) => head.value,
                None => undo.maps.iter().rev().fold(y, |y, (map, since)| {
                    // Before the first of them its cell is repeated.
                    map.at((t + undo.trim).saturating_sub(*since)).invert(y)
                }),
            };
            *cell = E::round(x);
        }
    }
}
