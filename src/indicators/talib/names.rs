//! What this crate calls TA-Lib's functions, parameters and outputs: rules, no lists.

/// `RSI` is `rsi`.
pub fn function(name: &str) -> String {
    match name {
        // `minmax` is a scaler.
        "MINMAX" => "min_max".to_owned(),
        name => name.to_lowercase(),
    }
}

/// The name that TA-Lib's Python wrapper has for `optInTimePeriod`: `timeperiod`.
pub fn python(name: &str) -> String {
    name.trim_start_matches("optIn").to_lowercase()
}

/// `optInTimePeriod` is `period`, `optInFastPeriod` is `fast`, `optInFastMAType` is `fast_matype`,
/// `optInNbDevUp` is `deviations_up`.
pub fn parameter(name: &str) -> String {
    let words = snake(name.trim_start_matches("optIn"));
    let words = words.trim_start_matches("time_").replace("nb_dev", "deviations");
    let words = words.replace("ma_type", "matype").replace("deviations_dn", "deviations_down");
    let short = ["fast", "slow", "signal"].iter().any(|word| words.starts_with(word));
    match words.strip_suffix("_period") {
        Some(rest) if short => rest.replace('_', ""),
        _ => words,
    }
}

/// The names of a function's outputs: `outRealUpperBand` is `upper`. What an output's name has in
/// front that is the function's name, or that of its first output, is left out, so `outMACD` and
/// `outMACDSignal` are `macd` and `signal`. A single output is nameless.
pub fn outputs<'a>(function: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let plain = |name: &str| {
        let name = name.trim_start_matches("out").trim_start_matches("Real");
        snake(rest(name, function).trim_end_matches("Band"))
    };
    let names: Vec<String> = names.map(plain).collect();
    match names.as_slice() {
        [_] => vec![String::new()],
        [first, others @ ..] => {
            let rest = |name: &String| rest(name, first).trim_start_matches('_').to_owned();
            [first.clone()].into_iter().chain(others.iter().map(rest)).collect()
        }
        [] => Vec::new(),
    }
}

/// A name without what stands in front of it; whole where nothing would be left.
fn rest<'a>(name: &'a str, front: &str) -> &'a str {
    match name.get(..front.len()) {
        Some(start) if start.eq_ignore_ascii_case(front) && name.len() > front.len() => {
            &name[front.len()..]
        }
        _ => name,
    }
}

/// `AccelerationInitLong` is `acceleration_init_long`, `ROC1Period` is `roc1_period`.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (i, &letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map_or('_', |i| letters[i]);
        let next = letters.get(i + 1).copied().unwrap_or('_');
        // A capital begins a word after a small letter or a digit, and as the last of several where
        // a small letter follows; a last one alone belongs to the word before, as in `SlowK`.
        let begins = before.is_lowercase() || before.is_ascii_digit() || next.is_lowercase();
        if letter.is_uppercase() && before != '_' && next != '_' && begins {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_the_catalogue_s_words() {
        for (theirs, ours) in [
            ("optInTimePeriod", "period"),
            ("optInTimePeriod2", "period2"),
            ("optInFastPeriod", "fast"),
            ("optInFastK_Period", "fastk"),
            ("optInSlowD_MAType", "slowd_matype"),
            ("optInFastMAType", "fast_matype"),
            ("optInMAType", "matype"),
            ("optInNbDev", "deviations"),
            ("optInNbDevDn", "deviations_down"),
            ("optInATRPeriod", "atr_period"),
            ("optInSenkouBPeriod", "senkou_b_period"),
            ("optInAccelerationInitLong", "acceleration_init_long"),
        ] {
            assert_eq!(parameter(theirs), ours);
        }
        assert_eq!(python("optInFastK_Period"), "fastk_period");
    }

    #[test]
    fn outputs_have_short_names() {
        for (function, theirs, ours) in [
            ("RSI", &["outReal"][..], &[""][..]),
            ("MACDEXT", &["outMACD", "outMACDSignal"], &["macd", "signal"]),
            ("AROON", &["outAroonDown", "outAroonUp"], &["down", "up"]),
            ("BBANDS", &["outRealUpperBand", "outRealMiddleBand"], &["upper", "middle"]),
            ("HA", &["outHAOpen", "outHAHigh"], &["open", "high"]),
            ("MAMA", &["outMAMA", "outFAMA"], &["mama", "fama"]),
            ("STOCH", &["outSlowK", "outSlowD"], &["slowk", "slowd"]),
        ] {
            assert_eq!(outputs(function, theirs.iter().copied()), ours);
        }
    }
}
