// SPDX-License-Identifier: Apache-2.0
//! The facts of every measured pod are read, and are valid by the schema.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;
use writeway_facts::{read, to_yaml};

use crate::schema::validator;

#[test]
fn the_facts_of_measured_pods_are_read() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let validator = validator();
    let mut seen = BTreeSet::new();
    let mut pods = 0;
    for name in ["kubelet-1.36.jsonl.gz", "kubelet-1.36-hard.jsonl.gz"] {
        let file = File::open(testdata.join(name)).unwrap();
        for line in BufReader::new(GzDecoder::new(file)).lines() {
            let pod: Value = serde_json::from_str(&line.unwrap()).unwrap();
            pods += 1;
            // Many pods share an image; what was seen once need not be read again.
            let facts = pod["facts"].to_string();
            if !seen.insert(facts.clone()) {
                continue;
            }
            let read = read(&facts).unwrap_or_else(|errors| panic!("{}: {errors}", pod["id"]));
            assert!(!read.images.is_empty(), "{}", pod["id"]);
            assert_eq!(writeway_facts::read(&to_yaml(&read)), Ok(read), "{}", pod["id"]);
            assert!(validator.is_valid(&pod["facts"]), "{}", pod["id"]);
        }
    }
    assert_eq!(pods, 1199);
}
