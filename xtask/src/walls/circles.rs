//! Circles among arrows.
//!
//! Takes arrows between files, gives for each group of files that reach each other one shortest circle of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::Arrow;

/// One shortest circle through the first file of each group, in the order of the files' names.
pub fn find(arrows: &[Arrow]) -> Vec<Vec<&Arrow>> {
    let mut out: BTreeMap<&Path, Vec<&Arrow>> = BTreeMap::new();
    for arrow in arrows.iter().filter(|arrow| arrow.from != arrow.to) {
        out.entry(&arrow.from).or_default().push(arrow);
    }
    let mut told: BTreeSet<&Path> = BTreeSet::new();
    let mut circles = vec![];
    for file in out.keys().copied() {
        if told.contains(file) {
            continue;
        }
        if let Some(circle) = shortest(&out, file) {
            told.extend(circle.iter().map(|arrow| arrow.from.as_path()));
            circles.push(circle);
        }
    }
    circles
}

/// The shortest way from a file back to itself, if there is one.
fn shortest<'a>(out: &BTreeMap<&'a Path, Vec<&'a Arrow>>, file: &'a Path) -> Option<Vec<&'a Arrow>> {
    let mut came_by: BTreeMap<&Path, &Arrow> = BTreeMap::new();
    let mut next = VecDeque::from([file]);
    while let Some(at) = next.pop_front() {
        for arrow in out.get(at).into_iter().flatten() {
            let to = arrow.to.as_path();
            if came_by.contains_key(to) {
                continue;
            }
            came_by.insert(to, arrow);
            if to == file {
                return Some(back(&came_by, file));
            }
            next.push_back(to);
        }
    }
    None
}

/// The arrows of a circle that was found, from its file on.
fn back<'a>(came_by: &BTreeMap<&'a Path, &'a Arrow>, file: &'a Path) -> Vec<&'a Arrow> {
    let mut circle = vec![came_by[file]];
    while circle[circle.len() - 1].from != file {
        let from = circle[circle.len() - 1].from.as_path();
        circle.push(came_by[from]);
    }
    circle.reverse();
    circle
}
