//! Settings and folders that change while the server works, and how the editor answers it.

use anyhow::Result;
use serde_json::json;

use crate::client::Manners;
use crate::soak::{Soak, folder};

const DID_CHANGE: &str = "workspace/didChangeConfiguration";

pub(super) fn change(soak: &mut Soak) -> Result<String> {
    let here = soak.scene.folder();
    let settings = [
        json!({ "analyzeOnOpen": false }),
        json!({ "analyzeOnOpen": true }),
        json!({ "snapshots": { "exclude": [".heapmark/"] } }),
        json!({ "snapshots": { "exclude": ["**/final.*", "elsewhere/"] } }),
        json!({ "pathMappings": { "/app": ".", "/": here } }),
        json!({ "pathMappings": { here.to_string_lossy(): "/nowhere" } }),
        json!({ "acceptedFile": "elsewhere/accepted.json" }),
        json!({ "index": { "enabled": false } }),
        json!({ "index": { "folder": here.join("index"), "maxSize": 1 } }),
    ];
    let settings = &settings[soak.random.below(settings.len())];
    soak.client.notify(DID_CHANGE, json!({ "settings": { "heapmark": settings } }));
    Ok(settings.to_string())
}

pub(super) fn nonsense(soak: &mut Soak) -> Result<String> {
    let settings = [
        json!({ "analyzeOnOpen": "never" }),
        json!({ "snapshots": { "exclude": ["old/{", 7] } }),
        json!({ "snapshots": 7, "pathMappings": [], "index": "x" }),
        json!({ "snapshots": { "exclude": vec!["**/*a*b*c*d*e*f*/**"; 200] } }),
        json!({ "acceptedFile": "../../../etc/passwd" }),
        json!({ "index": { "folder": "relative", "maxSize": -1 } }),
        json!([1, 2]),
        json!("text"),
    ];
    let settings = &settings[soak.random.below(settings.len())];
    soak.client.notify(DID_CHANGE, json!({ "settings": { "heapmark": settings } }));
    Ok(format!("{:.100}", settings.to_string()))
}

pub(super) fn ask(soak: &mut Soak) -> Result<String> {
    soak.client.notify(DID_CHANGE, json!({ "settings": null }));
    Ok(String::new())
}

pub(super) fn add_folder(soak: &mut Soak) -> Result<String> {
    let scene = &soak.scene;
    let folders = [
        scene.path("src"),
        scene.path(".heapmark"),
        scene.path("never-was"),
        scene.path("package.json"),
        scene.outside().to_owned(),
        scene.folder().to_owned(),
    ];
    let added = folders[soak.random.below(folders.len())].clone();
    let event = json!({ "added": [folder(&added)], "removed": [] });
    soak.client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    let said = added.display().to_string();
    soak.added.push(added);
    Ok(said)
}

pub(super) fn remove_folder(soak: &mut Soak) -> Result<String> {
    let here = soak.scene.folder();
    let event = json!({ "added": [], "removed": [folder(here)] });
    soak.client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    if soak.random.percent(60) {
        let event = json!({ "added": [folder(here)], "removed": [] });
        soak.client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
        return Ok("and added again".to_owned());
    }
    Ok(String::new())
}

pub(super) fn manners(soak: &mut Soak) -> Result<String> {
    let all =
        [Manners::Polite, Manners::Polite, Manners::Refuses, Manners::Confused, Manners::Silent];
    soak.client.manners = soak.random.pick(&all);
    Ok(format!("{:?}", soak.client.manners))
}
