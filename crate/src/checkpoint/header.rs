//! The check of a safetensors header, before its reader allocates anything for it: its size, its number of tensors, their
//! dimensions and their names. The format forbids a name twice, and its reader takes the last one without a word.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// Bytes of a header: that of a BERT of 128 layers has 300 KB.
const MOST_BYTES: u64 = 4 << 20;
/// Tensors of a file: a BERT of 128 layers has 2,100.
const MOST_TENSORS: usize = 20_000;
/// Dimensions of a tensor.
const MOST_DIMENSIONS: usize = 8;

/// Checks the header of a file of these bytes. What is no header at all is for the reader to say.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return Ok(());
    };
    let length = u64::from_le_bytes(*length);
    let Some(header) = usize::try_from(length).ok().and_then(|length| rest.get(..length)) else {
        return Ok(());
    };
    if length > MOST_BYTES {
        return Err(format!(
            "expected a header of at most {MOST_BYTES} bytes, found {length}"
        ));
    }
    serde_json::from_slice(header)
        .map(|Header| ())
        .map_err(|error| format!("header: {error}"))
}

struct Header;

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Header;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("names with a tensor each")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut names: HashSet<Cow<str>> = HashSet::new();
        while let Some(name) = map.next_key::<Cow<str>>()? {
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value::<Tensor>()?;
            }
            if names.contains(&name) {
                return Err(A::Error::custom(format!(
                    "expected names that differ, found `{name}` twice"
                )));
            }
            names.insert(name);
            if names.len() > MOST_TENSORS {
                return Err(A::Error::custom(format!(
                    "expected at most {MOST_TENSORS} tensors, found more"
                )));
            }
        }
        Ok(Header)
    }
}

#[derive(Deserialize)]
struct Tensor {
    #[serde(rename = "shape")]
    _shape: Dimensions,
}

struct Dimensions;

impl<'de> Deserialize<'de> for Dimensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(CountDimensions)
    }
}

struct CountDimensions;

impl<'de> Visitor<'de> for CountDimensions {
    type Value = Dimensions;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a shape")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut dimensions: A) -> Result<Dimensions, A::Error> {
        for _ in 0..=MOST_DIMENSIONS {
            if dimensions.next_element::<IgnoredAny>()?.is_none() {
                return Ok(Dimensions);
            }
        }
        Err(A::Error::custom(format!(
            "expected at most {MOST_DIMENSIONS} dimensions"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(header: &str) -> Result<(), String> {
        check(&[&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat())
    }

    #[test]
    fn a_header_is_bounded_and_names_each_tensor_once() {
        let tensor = r#"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#;
        assert_eq!(checked(&format!(r#"{{"a":{tensor},"b":{tensor}}}"#)), Ok(()));
        for (header, part) in [
            (format!(r#"{{"a":{tensor},"\u0061":{tensor}}}"#), "`a` twice"),
            (r#"{"__metadata__":{},"__metadata__":{}}"#.to_owned(), "twice"),
            (format!(r#"{{"a":{{"shape":[{}1]}}}}"#, "1,".repeat(8)), "8 dimensions"),
            (" ".repeat(5 << 20), "at most 4194304 bytes"),
            (
                (0..30_000).map(|n| format!(r#"{{"{n}":{tensor}"#)).collect(),
                "expected",
            ),
        ] {
            let found = checked(&header).expect_err(part);
            assert!(found.contains(part), "{found}");
        }
        let many: Vec<String> = (0..30_000).map(|n| format!(r#""{n}":{tensor}"#)).collect();
        let found = checked(&format!("{{{}}}", many.join(","))).expect_err("too many");
        assert!(found.contains("at most 20000 tensors"), "{found}");
    }
}
