//! The JSON report, schema version 1: the contract with other tools.
//!
//! Lines and columns are 1-based, columns in UTF-16 units; paths are relative to the workspace and
//! use `/`. The schema is documented in docs/json-report.md. What a person reads in a terminal or an
//! editor is not made here.

use std::path::Path;

use heapmark_source::Workspace;
use serde_json::{Value, json};

use crate::report::{
    CodeOf, CodeRow, Contents, ContentsRow, Finding, Growth, GrowthRow, HeldBy, Hop, HopPlace,
    Ignored, KnownLeak, Package, Place, Reason, Remark, Report, Silencer, SnapshotSummary, Things,
};

/// The version of the schema below; a change that breaks readers raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// Renders `report` with paths relative to the folders of `workspace`.
pub fn to_json(report: &Report, workspace: &Workspace) -> Value {
    json!({
        "schemaVersion": SCHEMA_VERSION,
        "outcome": { "is": report.outcome().name(), "message": report.outcome_sentence() },
        "snapshots": report.snapshots.iter().map(snapshot).collect::<Vec<_>>(),
        "findings": report.findings.iter().map(|f| finding(f, workspace)).collect::<Vec<_>>(),
        "ignored": report.ignored.iter().map(|i| ignored(i, workspace)).collect::<Vec<_>>(),
        "contents": report.contents.as_ref().map(|it| contents(it, workspace)),
        "growth": report.growth.as_ref().map(|it| growth(it, workspace)),
        "notices": report.notices.iter().map(|n| json!({ "message": n.message })).collect::<Vec<_>>(),
        "remarks": report.remarks.iter().map(|r| remark(r, workspace)).collect::<Vec<_>>(),
    })
}

/// A finding like any other, and who silenced it.
fn ignored(ignored: &Ignored, workspace: &Workspace) -> Value {
    let mut value = finding(&ignored.finding, workspace);
    value["ignored"] = match &ignored.by {
        Silencer::Comment { reason, file, range } => {
            json!({ "by": "comment", "reason": reason, "place": at(file, *range, workspace) })
        }
        Silencer::Accepted { reason, file } => {
            json!({ "by": "accepted", "reason": reason, "file": workspace.relative(file) })
        }
    };
    value
}

fn remark(remark: &Remark, workspace: &Workspace) -> Value {
    json!({ "message": remark.message, "place": at(&remark.file, remark.range, workspace) })
}

fn contents(contents: &Contents, workspace: &Workspace) -> Value {
    let row = |row: &ContentsRow| {
        json!({
            "heldBy": held_by(&row.holder, workspace),
            "entries": row.entries,
            "retained": row.retained,
            "isPackagesOwn": row.is_packages_own,
        })
    };
    let code = |row: &CodeRow| {
        let package = match &row.whose {
            CodeOf::Package(it) => Some(package(it)),
            _ => None,
        };
        json!({
            "whose": row.whose.name(),
            "package": package,
            "retained": row.retained,
            "gained": row.gained,
        })
    };
    json!({
        "size": contents.size,
        "limit": contents.limit,
        "rows": contents.rows.iter().map(row).collect::<Vec<_>>(),
        "byCode": contents.by_code.iter().map(code).collect::<Vec<_>>(),
    })
}

fn growth(growth: &Growth, workspace: &Workspace) -> Value {
    json!({
        "bytes": growth.bytes,
        "explained": growth.explained,
        "rows": growth.rows.iter().map(|row| growth_row(row, growth, workspace)).collect::<Vec<_>>(),
    })
}

fn growth_row(row: &GrowthRow, growth: &Growth, workspace: &Workspace) -> Value {
    let name = match &row.what {
        Things::Instances(name) | Things::Closures(name) => Some(name),
        _ => None,
    };
    let share = row.growth() as f64 / growth.bytes.max(1) as f64;
    json!({
        "kind": row.what.name(),
        "name": name,
        "counts": row.counts,
        "sizes": row.sizes,
        "growth": row.growth(),
        "share": (share * 1000.0).round() / 1000.0,
        "place": row.place.as_ref().map(|it| hop_place(it, workspace)),
        "heldBy": row.holder.as_ref().map(|it| held_by(it, workspace)),
    })
}

fn held_by(holder: &HeldBy, workspace: &Workspace) -> Value {
    json!({
        "name": holder.name,
        "place": holder.place.as_ref().map(|it| hop_place(it, workspace)),
        "package": holder.package.as_ref().map(package),
        "user": holder.user.as_ref().map(|it| hop_place(it, workspace)),
    })
}

fn snapshot(summary: &SnapshotSummary) -> Value {
    json!({
        "file": summary.file.to_string_lossy(),
        "takenAt": summary.taken_at.and_then(rfc3339),
        "nodes": summary.nodes,
        "edges": summary.edges,
        "totalSize": summary.total_size,
    })
}

fn finding(finding: &Finding, workspace: &Workspace) -> Value {
    json!({
        "rule": finding.rule.name(),
        "severity": finding.severity.name(),
        "certainty": f64::from(finding.per_cent()) / 100.0,
        "reasons": finding.reasons.iter().map(reason).collect::<Vec<_>>(),
        "fingerprint": finding.fingerprint,
        "title": finding.title.to_string(),
        "message": finding.message.to_string(),
        "help": finding.help.to_string(),
        "counts": finding.counts,
        "shallowSize": finding.shallow_size,
        "retainedSize": finding.retained_size,
        "growth": finding.growth,
        "places": finding.places.iter().map(|p| place(p, workspace)).collect::<Vec<_>>(),
        "package": finding.package.as_ref().map(package),
        "known": finding.known.as_ref().map(known),
        "outside": finding.outside.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "path": finding.path.iter().map(|h| hop(h, workspace)).collect::<Vec<_>>(),
    })
}

fn reason(reason: &Reason) -> Value {
    let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
    json!({
        "reason": reason.name,
        "text": reason.text,
        "strength": rounded(reason.strength),
        "weight": rounded(reason.weight),
    })
}

fn package(package: &Package) -> Value {
    json!({ "name": package.name, "version": package.version })
}

fn known(known: &KnownLeak) -> Value {
    json!({ "package": known.package, "issue": known.issue, "fixedIn": known.fixed_in })
}

fn place(place: &Place, workspace: &Workspace) -> Value {
    let mut value = span(&place.name, &place.file, place.range, workspace);
    value["role"] = place.role.name().into();
    value["match"] = place.matched.name().into();
    value["label"] = place.label.to_string().into();
    value["generated"] = place.generated.as_ref().map_or(Value::Null, |generated| {
        json!({
            "file": workspace.relative(&generated.file),
            "line": generated.position.line + 1,
            "column": generated.position.column + 1,
        })
    });
    value
}

fn hop(hop: &Hop, workspace: &Workspace) -> Value {
    json!({
        "node": hop.node,
        "id": hop.id,
        "edge": hop.edge,
        "edgeType": hop.edge_type,
        "place": hop.place.as_ref().map(|it| hop_place(it, workspace)),
    })
}

fn hop_place(place: &HopPlace, workspace: &Workspace) -> Value {
    span(&place.name, &place.file, place.range, workspace)
}

fn span(name: &str, file: &Path, range: heapmark_source::Range, workspace: &Workspace) -> Value {
    let mut value = at(file, range, workspace);
    value["name"] = name.into();
    value
}

fn at(file: &Path, range: heapmark_source::Range, workspace: &Workspace) -> Value {
    json!({
        "file": workspace.relative(file),
        "line": range.start.line + 1,
        "column": range.start.column + 1,
        "endLine": range.end.line + 1,
        "endColumn": range.end.column + 1,
    })
}

fn rfc3339(time: std::time::SystemTime) -> Option<String> {
    jiff::Timestamp::try_from(time).ok().map(|stamp| format!("{stamp:.0}"))
}
