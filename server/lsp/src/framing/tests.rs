use proptest::prelude::*;

use super::*;

/// The frames of a stream that comes all at once.
fn frames(stream: &[u8]) -> Vec<Frame> {
    frames_of([stream])
}

fn frames_of<'a>(inputs: impl IntoIterator<Item = &'a [u8]>) -> Vec<Frame> {
    let mut frames = Frames::default();
    let mut found = Vec::new();
    for mut input in inputs {
        while let Some(frame) = frames.next(&mut input) {
            found.push(frame);
        }
    }
    found
}

fn text(text: &str) -> Frame {
    Frame::Text(text.as_bytes().to_vec())
}

fn cut(text: &str, length: u64) -> Frame {
    Frame::CutShort { text: text.as_bytes().to_vec(), length }
}

fn framed(text: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{text}", text.len())
}

#[track_caller]
fn expect(stream: &str, expected: &[Frame]) {
    assert_eq!(frames(stream.as_bytes()), expected, "{stream:?}");
    let bytes = stream.as_bytes().chunks(1);
    assert_eq!(frames_of(bytes), expected, "{stream:?}, byte by byte");
}

#[test]
fn one_frame_after_the_other() {
    expect("", &[]);
    expect("Content-Length: 2\r\n\r\n{", &[]);
    expect("Content-Length: 2\r\n\r\n{}", &[text("{}")]);
    expect(&[framed("{}"), framed(""), framed("é")].concat(), &[text("{}"), text(""), text("é")]);
}

#[test]
fn heads_are_taken_as_they_come() {
    for head in [
        "content-length: 2\r\n\r\n",
        "CONTENT-LENGTH:2\r\n\r\n",
        "Content-Length : 002 \r\n\r\n",
        "Content-Length: 2\n\n",
        "Content-Length: 2\n\r\n",
        "Content-Length: 2\r\nX-More: yes\r\n\r\n",
        "Content-Type: application/vscode-jsonrpc\r\nContent-Length: 2\r\n\r\n",
        "Content-Type: a/b; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        "Content-Type: a/b; charset=utf8\r\nContent-Length: 2\r\n\r\n",
        "content-type: a/b;  Charset=\"UTF-8\"\r\nContent-Length: 2\r\n\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n\r\n",
        "\r\n\nContent-Length: 2\r\n\r\n",
    ] {
        expect(&format!("{head}{{}}{}", framed("7")), &[text("{}"), text("7")]);
    }
}

#[test]
fn a_head_without_a_good_length_is_said_once_and_passed_over() {
    for (head, fault) in [
        ("Content-Length: -5\r\n\r\n", Fault::BadLength),
        ("Content-Length: abc\r\n\r\n", Fault::BadLength),
        ("Content-Length:\r\n\r\n", Fault::BadLength),
        ("Content-Length: 2\r\nContent-Length: 3\r\n\r\n", Fault::BadLength),
        ("Content-Type: x\r\n\r\n", Fault::NoLength),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", Fault::NoLength),
    ] {
        expect(&format!("{head}{{}}{}", framed("7")), &[Frame::Fault(fault), text("7")]);
    }
}

#[test]
fn what_stands_before_a_message_is_passed_over() {
    let garbage = || Frame::Fault(Fault::Garbage);
    expect(&format!("nonsense{}", framed("7")), &[garbage(), text("7")]);
    expect(&format!("{{}}\r\n{}", framed("7")), &[garbage(), text("7")]);
    expect(&format!("{}{}", "x".repeat(100_000), framed("7")), &[garbage(), text("7")]);
    expect(&format!("{}{}", "x\r\n".repeat(100_000), framed("7")), &[garbage(), text("7")]);
    // The length was too small: the rest of the text stands before the next head.
    let short = format!("Content-Length: 5\r\n\r\n{{\"id\":1}}{}", framed("7"));
    expect(&short, &[text("{\"id\""), garbage(), text("7")]);
}

#[test]
fn a_charset_other_than_utf_8_is_refused_and_its_text_passed_over() {
    let latin = "Content-Type: a/b; charset=latin1\r\nContent-Length: 2\r\n\r\n{}";
    expect(&format!("{latin}{}", framed("7")), &[Frame::Fault(Fault::NotUtf8), text("7")]);
}

#[test]
fn a_text_that_is_too_long_is_refused_at_once_and_passed_over() {
    let (most, more) = (MAX_TEXT_BYTES, MAX_TEXT_BYTES + 1);
    let frames = |length: u64| frames(format!("Content-Length: {length}\r\n\r\n").as_bytes());
    assert_eq!(frames(most), []);
    assert_eq!(frames(more), [Frame::Fault(Fault::TooLong(more))]);
    let without_end = "Content-Length: 99999999999999999999999\r\n\r\n";
    expect(without_end, &[Frame::Fault(Fault::TooLong(u64::MAX))]);
    let said = Fault::TooLong(200_000_000).to_string();
    assert_eq!(said, "the message of 200 MB is too long: at most 134 MB are read");
}

#[test]
fn a_long_text_takes_no_memory_while_it_is_passed_over() {
    let mut frames = Frames::default();
    let head = format!("Content-Length: {}\r\n\r\n", 2 * MAX_TEXT_BYTES);
    assert!(frames.next(&mut head.as_bytes()).is_some());
    let block = vec![b' '; 1 << 20];
    for _ in 0..2 * (MAX_TEXT_BYTES >> 20) {
        assert_eq!(frames.next(&mut &block[..]), None);
        let State::Text(passed) = &frames.state else { continue };
        assert!(passed.bytes.len() < HEADER.len() && passed.bytes.capacity() <= 3 * block.len());
    }
    assert_eq!(frames.next(&mut framed("7").as_bytes()), Some(text("7")));
}

#[test]
fn a_promise_takes_no_memory() {
    let mut frames = Frames::default();
    let head = format!("Content-Length: {MAX_TEXT_BYTES}\r\n\r\n{{");
    assert_eq!(frames.next(&mut head.as_bytes()), None);
    let State::Text(coming) = &frames.state else { panic!("a text is coming") };
    assert!(coming.bytes.capacity() <= MIN_ROOM_BYTES);
}

#[test]
fn a_text_ends_where_another_message_begins() {
    let stream = format!("Content-Length: 100\r\n\r\n{{}}{}", framed("7"));
    expect(&stream, &[cut("{}", 100), text("7")]);
    // Also one that was not to be kept, however long it says it is.
    let stream = format!("Content-Length: 1000000000000000\r\n\r\n{{}}{}", framed("7"));
    expect(&stream, &[Frame::Fault(Fault::TooLong(1_000_000_000_000_000)), text("7")]);
}

#[test]
fn a_length_that_is_too_large_by_any_number_takes_nothing_of_the_next_message() {
    for more in 1..40 {
        let length = 2 + more;
        let stream = format!("Content-Length: {length}\r\n\r\n{{}}{}", framed("{\"id\":1}"));
        expect(&stream, &[cut("{}", length), text("{\"id\":1}")]);
        let stream = stream.replace("Content-L", "content-l");
        expect(&stream, &[cut("{}", length), text("{\"id\":1}")]);
    }
    // One that is not to be kept takes nothing either.
    let latin = "Content-Type: a/b; charset=latin1\r\nContent-Length: 7\r\n\r\n{}";
    expect(&format!("{latin}{}", framed("7")), &[Frame::Fault(Fault::NotUtf8), text("7")]);
}

#[test]
fn a_text_may_tell_of_headers() {
    for about in
        ["Content-Length: 7\\r\\n", "Content-Length:", "Content-Length: \"", "content-length: 7"]
    {
        let source = format!("{{\"text\":\"{about}\"}}");
        expect(&[framed(&source), framed("7")].concat(), &[text(&source), text("7")]);
    }
}

/// Pieces that streams of trouble are made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "Content-Length: ",
        "content-length:",
        "Content-",
        "Length: 3",
        "7",
        "25",
        "5000",
        "999999999999",
        "\r\n",
        "\r\n\r\n",
        "\n\n",
        "\n",
        "Content-Type: a; charset=x\r\n",
        "{}",
        "{\"id\":1}",
        ": ",
    ]);
    prop_oneof![
        8 => known.prop_map(|text| text.as_bytes().to_vec()),
        2 => "[a-z0-9{}\"]{0,60}".prop_map(|text| framed(&text).into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (0_usize..9000).prop_map(|count| vec![b'x'; count]),
    ]
}

proptest! {
    #[test]
    fn however_the_stream_is_cut_the_frames_are_the_same(
        pieces in prop::collection::vec(piece(), 0..40),
        mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let stream = pieces.concat();
        let whole = frames(&stream);
        let mut ends: Vec<usize> = cuts.drain(..).map(|cut| cut.index(stream.len() + 1)).collect();
        ends.extend([0, stream.len()]);
        ends.sort_unstable();
        let parts = ends.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
        prop_assert_eq!(frames_of(parts), whole);
    }

    #[test]
    fn any_bytes_are_survived_and_the_messages_behind_them_read(
        pieces in prop::collection::vec(piece(), 0..40),
    ) {
        // The first one may be taken for what the trouble promised; not the one behind it.
        let stream = [pieces.concat(), framed("{\"a\":1}").into_bytes(), framed("{\"b\":2}").into_bytes()];
        prop_assert_eq!(frames(&stream.concat()).pop(), Some(text("{\"b\":2}")));
    }
}
