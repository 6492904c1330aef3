//! Any bytes as the map of a script: reading them ends with a map or an error, and whatever the map
//! says, places are in the one folder that may be read.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use heapmark_source::{
    AsItRan, Position, RanScript, RanSite, Script, Siblings, Wanted, Workspace, decode_map,
};
use libfuzzer_sys::fuzz_target;

/// What the maps of the seeds were made from.
const SOURCE: &str = "export class Cache<T> {\n  items = new Map<string, T>();\n  \
    put(key: string, item: T): void { this.items.set(key, item); }\n}\n\
    export const all = [];\nexport function add(x) { all.push(() => x); }\n";
const BUILT: &str = "class n{items=new Map;put(s,e){this.items.set(s,e)}}const i=[];\
    function o(t){i.push(()=>t)}export{n as Cache,o as add,i as all};\n";

fn workspace() -> &'static (PathBuf, Workspace) {
    static WORKSPACE: OnceLock<(PathBuf, Workspace)> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        let folder = folder.canonicalize().expect("it exists");
        for (name, text) in [("src/cache.ts", SOURCE), ("dist/cache.js", BUILT)] {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
            std::fs::write(file, text).expect("writable");
        }
        (folder.clone(), Workspace::new(vec![folder]))
    })
}

fuzz_target!(|data: &[u8]| {
    let Ok(map) = decode_map(data) else { return };
    for segment in map.segments().iter().take(100) {
        let found = map.at(segment.generated).expect("something begins there");
        assert_eq!(map.segments()[found].generated, segment.generated);
        assert!(segment.source().is_none_or(|source| (source as usize) < map.sources().len()));
        map.name(segment);
    }

    let (folder, workspace) = workspace();
    let places = [0, 25, 73, 84, 123].map(|column| Position::new(0, column));
    let encoded = base64_simd::STANDARD.encode_to_string(data);
    let past = AsItRan::new(workspace);
    let script = Script::new(
        &past,
        RanScript {
            name: folder.join("dist/cache.js").to_string_lossy().into_owned(),
            source_map_url: Some(format!("data:application/json;base64,{encoded}")),
            source_prefix: Some(BUILT.to_owned()),
            sites: places
                .map(|position| RanSite { position, name: "put".to_owned(), is_instance: false })
                .into(),
            ..RanScript::default()
        },
    );
    for v8 in places {
        script.origin_at(&past, v8);
        script.outside(&past, v8);
        for wanted in [Wanted::Function, Wanted::Class] {
            if let Some(found) = script.thing(&past, v8, wanted) {
                assert!(found.file.path().starts_with(folder));
                found.file.range_text(found.what.range());
            }
        }
        script.captured(&past, v8, "t", &Siblings::default());
        script.field(&past, v8, "items", false);
    }
    script.export(&past, "all");
    script.global(&past, "all");
    script.changed_files();
    script.only_in_map();
});
