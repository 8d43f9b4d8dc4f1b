// SPDX-License-Identifier: Apache-2.0
//! Floor 2: the configuration file, `writeway.toml`.
//!
//! It says what flags say, under the same names, and what is too long for flags: what is ignored where, and the options
//! of rules. A key that means nothing is an error with its line and, where one is close, the key that was meant.

mod config;
mod discover;
mod error;
mod read;
mod reader;
mod schema;

pub use config::{Config, PathIgnores};
pub use discover::{FILE_NAME, discover};
pub use error::{ConfigError, ConfigErrors, LoadError};
pub use schema::SCHEMA;
