//! Files that are loaded one after another: those that a person wrote come to an end, those that the program writes
//! do not.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use heapmark_tests::{Program, heapmark, record};

use super::run;

const ROUTES: usize = 200;

const FILLS_A_SCHEMA: &str = "const schema = {};
for (let field = 0; field < 40; field++) schema[`${__filename} ${field}`] = { min: field };
module.exports = (request) => schema[request];
";

/// What is said of a program that loads 20 more routes in each round; `makes` is done before each is loaded.
fn said(write_routes: impl Fn(&Path), makes: &str) -> String {
    let mut program = Program::named("map-cache").expect("the program can be read");
    let workspace = program.copy().expect("the program can be copied");
    fs::create_dir(workspace.path().join("routes")).expect("writable");
    write_routes(&workspace.path().join("routes"));
    let main = format!(
        "const fs = require('node:fs');
let next = 0;
function load() {{
  const file = `${{__dirname}}/routes/route${{next++}}.js`;
  {makes}
  return require(file);
}}
exports.round = () => {{ for (let i = 0; i < 20; i++) load()('any'); }};
"
    );
    fs::write(workspace.path().join("main.js"), main).expect("writable");
    "main.js".clone_into(&mut program.entry);
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, workspace.path(), folder.path()).expect("it can be captured");
    let said = run(heapmark().args(["analyze", "--workspace"]).arg(workspace.path()).args(&files));
    said.out
}

#[test]
fn files_that_were_there_before_are_loaded_when_they_are_first_needed() {
    let said = said(
        |folder| {
            let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
            for number in 0..ROUTES {
                let path = folder.join(format!("route{number}.js"));
                fs::write(&path, FILLS_A_SCHEMA).expect("writable");
                let file = fs::File::options().write(true).open(&path).expect("it is there");
                file.set_modified(an_hour_ago).expect("its time can be set");
            }
        },
        "",
    );
    assert!(
        said.contains("information[module-reload]: files are loaded when they are first"),
        "{said}"
    );
    assert!(!said.contains("warning["), "{said}");
}

#[test]
fn files_that_the_program_writes_are_others_each_time() {
    let write = format!("fs.writeFileSync(file, {FILLS_A_SCHEMA:?});");
    let said = said(|_| {}, &write);
    assert!(said.contains("warning[module-reload]: another file is loaded each time"), "{said}");
}
