use super::*;
use crate::sketch::Sketch;

/// What the snapshot tells of the node `it`.
fn tell(drawing: &str) -> String {
    let sketch = Sketch::parse(drawing);
    let snapshot = sketch.snapshot();
    let it = sketch.ordinal("it");
    let Some(kind) = snapshot.collection_kind(it) else {
        assert_eq!((snapshot.entry_count(it), snapshot.members(it).len()), (0, 0));
        return "no collection".to_owned();
    };
    assert_eq!(snapshot.entry_count(it), snapshot.members(it).len());
    let mut text = format!("{kind:?}");
    for member in snapshot.members(it) {
        let key = match member.key {
            Some(MemberKey::Node(node)) => sketch.label(node).to_owned(),
            Some(MemberKey::Name(name)) => format!(".{}", snapshot.string(name)),
            Some(MemberKey::Index(index)) => format!("[{index}]"),
            None => "?".to_owned(),
        };
        let value = member.value.map_or("?", |value| sketch.label(value));
        text.extend([" ", &key, "=", value]);
    }
    text
}

#[test]
fn a_map_has_keys_and_values_at_their_places_in_the_table() {
    // 17 fields of 8 bytes: three counts, two buckets, four entries of three fields.
    let drawing = "
        it: object Map
        it --internal table--> table
        table: array 152
        table --internal 5--> k1
        table --internal 6--> v1
        table --internal 9--> v2     # under a small integer
        table --internal 11--> k3    # with a small integer
        table --internal map--> map
    ";
    assert_eq!(tell(drawing), "Map k1=v1 ?=v2 k3=?");
    // Chrome's words are half as long.
    assert_eq!(tell(&drawing.replace("152", "76")), "Map k1=v1 ?=v2 k3=?");
    // A size that no table has: rather nothing than nonsense.
    assert_eq!(tell(&drawing.replace("152", "150")), "Map");
}

#[test]
fn a_set_has_members_only() {
    // 13 fields: three counts, two buckets, four entries of two fields.
    let drawing = "
        it: object Set
        it --internal table--> table
        table: array 120
        table --internal 5--> a
        table --internal 9--> b
    ";
    assert_eq!(tell(drawing), "Set a=? b=?");
}

#[test]
fn deleted_entries_are_none() {
    // As V8 12 and 13 write it; others write no link where an entry was deleted.
    let drawing = "
        it: object Map
        it --internal table--> table
        table: array 152
        table --internal 5--> hole
        table --internal 6--> hole
        table --internal 8--> k2
        table --internal 9--> v2
        table --internal 11--> hole
        table --internal 12--> hole
        hole: hidden \"system / Hole\"
    ";
    assert_eq!(tell(drawing), "Map k2=v2");
    // A class of the program may be called anything.
    let of_class = drawing.replace("hole: hidden", "hole: object");
    assert_eq!(tell(&of_class), "Map hole=hole k2=v2 hole=hole");

    let set = "
        it: object Set
        it --internal table--> table
        table: array 120
        table --internal 5--> a
        table --internal 7--> hole
        table --internal 9--> hole
        hole: hidden \"system / Hole\"
    ";
    assert_eq!(tell(set), "Set a=?");
}

#[test]
fn a_class_that_extends_map_is_one() {
    let drawing = "
        it: object Registry
        it --internal table--> table
        table: array 152
        table --internal 5--> k
        it --property __proto__--> own
        own --property constructor--> class
        class: closure Registry at 5:1:1
        own --property __proto__--> builtin
        builtin --property constructor--> Map
        Map: closure
    ";
    assert_eq!(tell(drawing), "Map k=?");
    // A class that only calls itself so.
    assert_eq!(tell(&drawing.replace("Map: closure", "Map: closure at 5:9:9")), "no collection");
}

#[test]
fn entries_of_weak_maps_are_links_by_key() {
    let drawing = "
        it: object WeakMap
        it --internal table--> table
        table: array 104
        table --weak 3--> k1
        table --weak 4--> v1
        table --internal 3 / part of key (k1 @1) -> value (v1 @2) pair in WeakMap (table @3)--> v1
        table --weak 7--> k2         # with a small integer
        table --internal 4 / part of key (system / Hole @9) -> value (system / Hole @9) pair in WeakMap (table @3)--> hole
        hole: hidden \"system / Hole\"
    ";
    assert_eq!(tell(drawing), "WeakMap k1=v1 k2=?");
    assert_eq!(tell(&drawing.replace("object WeakMap", "object WeakSet")), "WeakSet k1=? k2=?");
}

#[test]
fn elements_of_an_array_are_counted_once() {
    let drawing = "
        it: object Array
        it --element 0--> a
        it --element 7--> b
        it --internal elements--> store
        store --internal 0--> a
        store --internal 7--> b
    ";
    assert_eq!(tell(drawing), "Array [0]=a [7]=b");
}

#[test]
fn elements_of_an_array_that_are_nothing_are_no_entries() {
    let drawing = "
        it: object Array
        it --element 0--> undefined
        it --element 1--> null
        it --element 2--> true
        it --element 3--> a
        undefined: hidden \"system / Oddball\"
        undefined --hidden 0--> name
        name: string undefined
        null: hidden \"system / Oddball\"
        null --hidden 0--> name_of_null
        name_of_null: string null
        null --hidden 1--> object
        object: string object
        true: hidden \"system / Oddball\"
        true --hidden 0--> name_of_true
        name_of_true: string true
    ";
    assert_eq!(tell(drawing), "Array [2]=true [3]=a");
}

#[test]
fn a_plain_object_is_a_dictionary_if_v8_says_so_or_it_is_large() {
    let hashed = "
        it: object Object
        it --property __proto__--> proto
        it --property a--> x
        it --internal properties--> store
        store: array \"(object properties)\"
    ";
    assert_eq!(tell(hashed), "Dictionary .a=x");
    let properties: Vec<_> = (0..15).map(|key| format!("it --property k{key}--> x\n")).collect();
    let small = format!("it: object Object\n{}", properties.concat());
    assert_eq!(tell(&small), "no collection");
    let large = small + "it --element 3--> x";
    assert!(tell(&large).ends_with(".k14=x [3]=x"), "{}", tell(&large));
}
