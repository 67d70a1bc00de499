//! Columns: a plane with what is done to it on the way out.

use super::graph::{Plane, Slot};
use super::step::Fill;
use crate::scale::Map;

/// A column: a plane, scaled, moved back in time, with a head that holds no values of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub name: String,
    pub plane: Plane,
    /// The straight lines it goes through on the way out, in order.
    pub scales: Vec<Slot>,
    /// All that was done since it was read or computed, in its plane too.
    pub changes: Vec<Done>,
    /// How many timesteps it looks back.
    pub lag: usize,
    /// What stands before its first value, from timestep 0 on.
    pub head: Vec<Stretch>,
}

/// A change, and how many timesteps the column was moved back since.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Done {
    pub change: Change,
    pub since: usize,
}

/// What a step did to the values of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// The map of a slot, once it is fitted.
    Fitted(Slot),
    /// A map that needs no fit.
    Known(Map),
    /// Something without a way back, in words.
    Lost(String),
}

/// Some leading timesteps without a value of the column's own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch {
    pub length: usize,
    pub content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Warm-up: NaN.
    Missing,
    /// A number, to which this was done.
    Number { value: f64, changes: Vec<Change> },
    /// The column's first cell.
    Edge,
}

/// By the bits of numbers: zeros of both signs are two fills.
impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        match (self, other) {
            (
                Content::Number { value: a, changes },
                Content::Number { value: b, changes: more },
            ) => a.to_bits() == b.to_bits() && changes == more,
            (Content::Missing, Content::Missing) | (Content::Edge, Content::Edge) => true,
            _ => false,
        }
    }
}

impl Column {
    /// The first timestep with a value of its own: neither warm-up nor fill.
    pub fn begin(&self) -> usize {
        length(&self.head)
    }

    /// How many leading timesteps have to go until none is missing.
    pub fn warmup(&self) -> usize {
        let missing = |stretch: &Stretch| stretch.content == Content::Missing;
        let last = self.head.iter().rposition(missing);
        last.map_or(0, |last| length(&self.head[..=last]))
    }

    pub fn lagged(&self, name: String, lag: usize, fill: Fill) -> Column {
        let content = match fill {
            Fill::Number(value) if value.is_nan() => Content::Missing,
            Fill::Number(value) => Content::Number { value, changes: Vec::new() },
            Fill::Edge => self.head.first().map_or(Content::Edge, |first| first.content.clone()),
        };
        let mut column = Column { name, lag: self.lag.saturating_add(lag), ..self.clone() };
        column.head.insert(0, Stretch { length: lag, content });
        for done in &mut column.changes {
            done.since = done.since.saturating_add(lag);
        }
        column
    }

    /// Bytes that it takes, about, and one scaler or lag more.
    pub fn bytes(&self) -> usize {
        let changes = |stretch: &Stretch| match &stretch.content {
            Content::Number { changes, .. } => changes.len() + 1,
            _ => 1,
        };
        let count = self.head.iter().map(changes).sum::<usize>();
        let done = self.changes.len() * size_of::<Done>();
        let stretches = (self.head.len() + 1) * size_of::<Stretch>();
        let slots = self.scales.len() * size_of::<Slot>();
        size_of::<Column>()
            + self.name.len()
            + stretches
            + slots
            + done
            + count * size_of::<Change>()
    }

    pub fn scale(&mut self, slot: Slot) {
        self.scales.push(slot);
        self.change(Change::Fitted(slot));
    }

    /// Puts the plane that a map made of the column's own in its place.
    pub fn bend(&mut self, change: Change, plane: Plane) {
        (self.plane, self.scales) = (plane, Vec::new());
        self.change(change);
    }

    fn change(&mut self, change: Change) {
        for stretch in &mut self.head {
            if let Content::Number { changes, .. } = &mut stretch.content {
                changes.push(change.clone());
            }
        }
        self.changes.push(Done { change, since: 0 });
    }

    /// Its values are not on the way back from here on, for a reason in words.
    pub fn lose(&mut self, what: String) {
        self.changes = vec![Done { change: Change::Lost(what), since: 0 }];
    }
}

/// Timesteps in all; a lag may be longer than any series.
fn length(head: &[Stretch]) -> usize {
    head.iter().fold(0, |sum, stretch| sum.saturating_add(stretch.length))
}

/// A column of a plane as it is, whose first values are warm-up.
pub(super) fn bare(name: String, plane: Plane, warmup: usize) -> Column {
    let missing = Stretch { length: warmup, content: Content::Missing };
    let head = if warmup == 0 { Vec::new() } else { vec![missing] };
    Column { name, plane, scales: Vec::new(), changes: Vec::new(), lag: 0, head }
}
