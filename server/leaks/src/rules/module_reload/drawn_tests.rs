//! What is said of modules that are loaded again, in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, elements, said};

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
