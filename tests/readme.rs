//! The README's table of indicators is the catalogue.

use windrow::indicators::{Kind, Row, catalogue};

const BEGIN: &str = "<!-- catalogue -->\n";
const END: &str = "<!-- end of catalogue -->";

fn parameters(row: &Row) -> String {
    let defaults = row.defaults();
    let show = |(param, value): (&windrow::indicators::Param, _)| {
        let range = match param.kind {
            Kind::Int { min, max, .. } => format!(" ({min} to {max})"),
            _ => String::new(),
        };
        format!("`{}` = {}{range}", param.name, param.show(value))
    };
    row.params.iter().zip(defaults).map(show).collect::<Vec<_>>().join(", ")
}

fn table() -> String {
    let mut table = String::new();
    for group in catalogue() {
        table += &format!("\n**{}**\n\n", group.name);
        table += "| op | | inputs | parameters and defaults | outputs | warm-up at defaults |\n";
        table += "|---|---|---|---|---|---|\n";
        for row in group.rows {
            let inputs: Vec<_> = row.inputs.iter().map(|input| input.name()).collect();
            let outputs: Vec<_> = row.outputs.iter().map(|output| output.name).collect();
            table += &format!(
                "| `{}` | {} | {} | {} | {} | {} |\n",
                row.name,
                row.title,
                inputs.join(", "),
                parameters(row),
                outputs.join(", "),
                row.lookback(&row.defaults()),
            );
        }
    }
    table + "\n"
}

/// To bring the README up to date: `WINDROW_WRITE_README=1 cargo test --test readme`.
#[test]
fn the_table_of_the_readme_is_the_catalogue() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README marks its table");
    let (found, after) = rest.split_once(END).expect("the README ends its table");
    let table = table();
    if std::env::var_os("WINDROW_WRITE_README").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert!(
        found == table,
        "the README's table is stale; WINDROW_WRITE_README=1 cargo test --test readme writes it"
    );
}
