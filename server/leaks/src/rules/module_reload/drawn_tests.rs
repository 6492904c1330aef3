//! What is said of modules that are loaded again, in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, elements, said, script, variable};

const RULES: &str = "const table = {};
function rules() {
  return table;
}
";

/// The children of a module, as Node keeps them. `file` is where each was loaded from.
fn children(file: &str, count: usize) -> String {
    let children = elements("children", 0..count, "object Module 2000");
    let files =
        format!("children_{{n}} --property filename--> file{{n}}\nfile{{n}}: string \"{file}\" 64");
    format!("root --element 2--> children\n{children}{}", each(0..count, &files))
}

#[test]
fn copies_of_one_module_that_pile_up_are_a_warning_at_its_first_line() {
    assert_eq!(
        said(RULES, [10, 40, 70].map(|count| children("$FILE", count))),
        ["warning module-reload main.js:1 main.js is loaded again and again: 10 → 40 → 70 copies"]
    );
}

#[test]
fn as_many_as_before_and_modules_that_are_loaded_once_are_not_mentioned() {
    assert_eq!(said(RULES, [70; 3].map(|count| children("$FILE", count))), [""; 0]);
    assert_eq!(
        said(RULES, [10, 40, 70].map(|count| children("/app/plugin{n}.js", count))),
        [""; 0]
    );
}

/// Scripts of these numbers that were imported from one file with another URL each.
fn imported(url: &str, numbers: std::ops::Range<usize>) -> String {
    let table = "script{n} --internal table--> table{n}\ntable{n}: array table 2000";
    each(numbers, &(script("{n}", url, ("rules", 21)) + table))
}

#[test]
fn a_module_that_is_imported_by_another_url_each_time_is_told_likewise() {
    let source = format!("export {RULES}").replace("\nfunction", "\nexport function");
    let of = |url: &str, counts: [usize; 3]| {
        said(&source, counts.map(|count| imported(url, 100..100 + count)))
    };
    assert_eq!(
        of("file://$FILE?v={n}", [10, 40, 70]),
        ["warning module-reload main.js:1 main.js is loaded again and again: 10 → 40 → 70 copies"]
    );
    assert_eq!(of("file://$FILE?v={n}", [70, 70, 70]), [""; 0]);
    assert_eq!(of("file:///app/plugin{n}.mjs", [10, 40, 70]), [""; 0]);
}

/// Modules that a module required, each of another file.
fn of_other_files(count: usize) -> String {
    let files = "children_{n} --property filename--> file{n}
         file{n}: string \"/app/jobs/job{n}.js\" 64";
    variable("module", "object Module 100")
        + "module --property filename--> this_file\nthis_file: string \"$FILE\" 64\n"
        + "module --property children--> children\n"
        + &elements("children", 0..count, "object Module 2000")
        + &each(0..count, files)
}

#[test]
fn another_file_each_time_is_told_at_the_statement_that_loads_it() {
    let loads = "const fs = require('fs');
function run(text) {
  fs.writeFileSync('job.js', text);
  return require(next());
}
";
    let of = |source: &str, counts: [usize; 3]| said(source, counts.map(of_other_files));
    assert_eq!(
        of(loads, [100, 200, 300]),
        [
            "warning module-reload main.js:4 another file is loaded each time: 100 → 200 → 300 modules stay loaded, 413 kB"
        ]
    );
    assert_eq!(of(loads, [300; 3]), [""; 0]);
    let by_name = loads.replace("next()", "'./job'");
    let is_told = |source: &str| of(source, [100, 200, 300])[0].contains(" module-reload ");
    assert!(!is_told(&by_name), "it loads no other file each time");
    let twice = loads.replace("fs.write", "require(text);\n  fs.write");
    assert!(!is_told(&twice), "nobody knows which of the two");
}

#[test]
fn modules_that_are_imported_again_by_one_statement_are_one_finding() {
    let source = format!("export {RULES}").replace("\nfunction", "\nexport function")
        + "function reload(name) {\n  return import(`./${name}.mjs?v=${version++}`);\n}\n";
    let heap = |count: usize| {
        imported("file://$FILE?v={n}", 100..100 + count)
            + &imported("file://$FILE?w={n}", 500..500 + count)
    };
    assert_eq!(
        said(&source, [10, 40, 70].map(heap)),
        ["warning module-reload main.js:6 main.js is loaded again and again: 20 → 80 → 140 copies"]
    );
}
