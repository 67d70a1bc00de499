//! Any pipeline of any steps on any batch: the fused executor gives the same bits at every level, and
//! values in the cells in which the definitions give some, step by step. How near they are is for the
//! tests of each kernel, which know what it may round.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ndarray::Array3;
use windrow::indicators::rows;
use windrow::{Engine, Level, Pipeline, Run};
use windrow_fuzz::{Draw, bits};

fn step(draw: &mut Draw) -> String {
    let column = ["open", "high", "low", "close", "volume", "close_lag_1"][draw.below(6)];
    let scaler = |draw: &mut Draw| ["standardize", "minmax", "maxabs", "robust"][draw.below(4)];
    match draw.byte() % 16 {
        0 => "op = 'standardize'\nnan = 'ignore'\n".to_owned(),
        1 => format!("op = 'minmax'\ncolumns = '{column}'\n"),
        6 => format!("op = 'robust'\ncolumns = '{column}'\nnan = 'ignore'\n"),
        7 => "op = 'maxabs'\nclip = true\n".to_owned(),
        8 => {
            let with = ["'forward'", "'mean'", "0.5"][draw.below(3)];
            format!("op = 'fill'\ncolumns = '{column}'\nwith = {with}\n")
        }
        9 => format!("op = 'log1p'\ncolumns = '{column}'\n"),
        10 => "op = 'normalize'\nnorm = 'max'\n".to_owned(),
        11 => format!("op = 'normalize'\ncolumns = ['close', '{column}']\n"),
        12 => format!("op = 'quantile'\ncolumns = '{column}'\nnan = 'ignore'\n"),
        13 => format!("op = 'power'\ncolumns = '{column}'\nnan = 'ignore'\n"),
        14 => format!("op = '{}'\nper = 'sample'\nnan = 'ignore'\n", scaler(draw)),
        15 => format!(
            "op = '{}'\nper = 'timestep'\nnan = 'ignore'\ncolumns = '{column}'\n",
            scaler(draw)
        ),
        2 => format!("op = 'lag'\ncolumns = '{column}'\nlags = [{}]\n", 1 + draw.below(40)),
        3 => format!(
            "op = 'lag'\ncolumns = '*e'\nlags = [1, {}]\nfill = 'edge'\n",
            2 + draw.below(9)
        ),
        _ => {
            let row = rows().nth(draw.below(rows().count())).unwrap();
            let plain = row.inputs.iter().filter(|input| input.role().is_none()).count();
            let columns = vec![format!("'{column}'"); plain].join(", ");
            let columns =
                if plain > 0 { format!("columns = [{columns}]\n") } else { String::new() };
            let nan = ["", "nan = 'reseed'\n"][draw.below(2)];
            format!("op = '{}'\n{columns}{nan}", row.name)
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let mut text = "[input]\ncolumns = ['open', 'high', 'low', 'close', 'volume']\n".to_owned();
    for _ in 0..1 + draw.below(5) {
        text += "[[step]]\n";
        text += &step(&mut draw);
    }
    let output = ["", "warmup = 'trim'", "warmup = 0.5", "columns = ['*lag*', 'c*', 'open']"];
    text += &format!("[output]\ndtype = 'f64'\n{}\n", output[draw.below(4)]);
    let shape = (1 + draw.below(10), 1 + draw.below(90), 5);
    let Ok(pipeline) = Pipeline::from_toml(&text) else { return };
    let gaps = draw.byte() % 2 == 0;
    let x = Array3::from_shape_simple_fn(shape, || {
        if gaps && draw.byte() % 32 == 1 { f64::NAN } else { draw.price() }
    });
    let Ok(fitted) = pipeline.fit(x.view()) else { return };

    let of = |engine| fitted.transform_with::<f64, f64>(x.view(), &Run::new(engine)).unwrap();
    let expected = of(Engine::Level(Level::SCALAR));
    for &level in Level::available() {
        let got = of(Engine::Level(level));
        let same = got.iter().zip(&expected).all(|(a, b)| bits(*a) == bits(*b));
        assert!(same, "{level} has other bits than scalar\n{text}");
    }
    let reference = of(Engine::Reference);
    assert_eq!(reference.dim(), expected.dim());
    for (place, (a, b)) in expected.indexed_iter().zip(&reference).map(|((p, a), b)| (p, (a, b))) {
        assert_eq!(a.is_nan(), b.is_nan(), "{place:?}: {a} or {b}\n{text}");
    }
});
