//! Wilder's rules for the parabolic stop, as he tells them: the definition of two rows.

/// What the stop begins with and how it follows.
pub(super) struct Rules {
    /// The first stop, negative for a fall; 0 lets the first two bars decide.
    pub start: f64,
    /// The part of the stop added at a turn, away from the price.
    pub offset: f64,
    /// First acceleration, step and maximum of a rise.
    pub long: [f64; 3],
    /// The same of a fall.
    pub short: [f64; 3],
}

/// The stops from the second bar on, each with its timestep and whether the trend rises.
pub(super) fn stops(rules: &Rules, high: &[f64], low: &[f64]) -> Vec<(usize, (f64, bool))> {
    if high.len() < 2 {
        return Vec::new();
    }
    let (up, down) = (high[1] - high[0], low[0] - low[1]);
    let mut rises = if rules.start == 0.0 { !(down > 0.0 && down > up) } else { rules.start > 0.0 };
    let mut stop = match rules.start == 0.0 {
        true => [high[0], low[0]][usize::from(rises)],
        false => rules.start.abs(),
    };
    let mut extreme = [low[1], high[1]][usize::from(rises)];
    let pace = |rises: bool| if rises { rules.long } else { rules.short };
    let mut acceleration = pace(rises)[0].min(pace(rises)[2]);
    let mut stops = Vec::new();
    for t in 1..high.len() {
        // The first stop is not held against the bar before it.
        let last = (t - 1).max(1);
        let (top, bottom) = (high[t].max(high[last]), low[t].min(low[last]));
        if if rises { low[t] <= stop } else { high[t] >= stop } {
            rises = !rises;
            stop = if rises { extreme.min(bottom) } else { extreme.max(top) };
            stop += stop * if rises { -rules.offset } else { rules.offset };
            extreme = if rises { high[t] } else { low[t] };
            acceleration = pace(rises)[0].min(pace(rises)[2]);
            stops.push((t, (stop, rises)));
        } else {
            stops.push((t, (stop, rises)));
            if if rises { high[t] > extreme } else { low[t] < extreme } {
                extreme = if rises { high[t] } else { low[t] };
                acceleration = (acceleration + pace(rises)[1]).min(pace(rises)[2]);
            }
        }
        stop += acceleration * (extreme - stop);
        stop = if rises { stop.min(bottom) } else { stop.max(top) };
    }
    stops
}
