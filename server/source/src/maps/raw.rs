//! The JSON of a source map (ECMA-426), read leniently and within limits.
//!
//! Lists are cut off with an error while they are read, so that a few bytes of text never become
//! many bytes of memory.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A map as it stands in the file.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawMap<'a> {
    #[serde(default)]
    pub(super) version: Text,
    #[serde(borrow, default)]
    pub(super) mappings: Cow<'a, str>,
    #[serde(default)]
    pub(super) source_root: Text,
    #[serde(default)]
    pub(super) sources: Option<List<Text, MAX_SOURCES>>,
    #[serde(default)]
    pub(super) sources_content: Option<List<Text, MAX_SOURCES>>,
    #[serde(default)]
    pub(super) names: Option<List<Text, MAX_NAMES>>,
    #[serde(default, alias = "x_google_ignoreList")]
    pub(super) ignore_list: Option<List<u32, MAX_SOURCES>>,
    #[serde(borrow, default)]
    pub(super) sections: Option<List<RawSection<'a>, MAX_SECTIONS>>,
}

/// A part of an indexed map.
#[derive(serde::Deserialize)]
pub(super) struct RawSection<'a> {
    pub(super) offset: Offset,
    #[serde(borrow, default)]
    pub(super) map: Option<Box<RawMap<'a>>>,
}

/// Where a section begins in the generated code.
#[derive(serde::Deserialize)]
pub(super) struct Offset {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// No program has more files.
const MAX_SOURCES: usize = 200_000;
/// Names that one map lists.
const MAX_NAMES: usize = 2_000_000;
/// Sections of one map.
const MAX_SECTIONS: usize = 20_000;

/// A list of at most so many elements; more is an error.
pub(super) struct List<T, const MAX: usize>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ListVisitor<T, MAX> {
    type Value = List<T, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            if elements.len() == MAX {
                return Err(A::Error::custom(format_args!("a list of more than {MAX}")));
            }
            elements.push(element);
        }
        Ok(List(elements))
    }
}

/// A string; a number as it is written; of anything else nothing. Real maps have all of these where
/// strings belong.
#[derive(Default)]
pub(super) struct Text(pub(super) Option<Box<str>>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Some(text.into())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
        Ok(Text(Some(text.into())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string().into())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string().into())))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_unit<E: Error>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}
