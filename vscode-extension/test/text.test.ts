import assert from "node:assert/strict";
import { test } from "node:test";
import { count, fileName, formatBytes, snapshotNameProblem } from "../src/text";

test("bytes are shown in decimal units, with one digit below a hundred", () => {
    const shown = [0, 1, 999, 1000, 1234, 99_949, 99_950, 123_456, 999_499, 999_500, 12_345_678, 4_100_000_000].map(formatBytes);
    assert.deepEqual(shown, ["0 B", "1 B", "999 B", "1.0 kB", "1.2 kB", "99.9 kB", "100 kB", "123 kB", "999 kB", "1.0 MB", "12.3 MB", "4.1 GB"]);
});

test("one of a thing is not plural, and thousands are grouped", () => {
    assert.equal(count(1, "leak"), "1 leak");
    assert.equal(count(0, "leak"), "0 leaks");
    assert.equal(count(12_480, "entry point"), "12,480 entry points");
});

test("the file name is the last part of either kind of path", () => {
    assert.equal(fileName("/srv/app/.heapmark/a.heapsnapshot"), "a.heapsnapshot");
    assert.equal(fileName("C:\\app\\.heapmark\\a.heapsnapshot"), "a.heapsnapshot");
    assert.equal(fileName("a.heapsnapshot"), "a.heapsnapshot");
});

test("a snapshot's name is a plain file name, or empty", () => {
    for (const name of ["", "baseline", "after 1,000 requests", "réchauffé-2"]) {
        assert.equal(snapshotNameProblem(name), undefined, name);
    }
    for (const name of ["../x", "a\\b", "a:b", "a\nb", "what?", ".hidden", " .."]) {
        assert.equal(typeof snapshotNameProblem(name), "string", name);
    }
});
