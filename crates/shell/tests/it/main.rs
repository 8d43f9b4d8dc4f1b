// SPDX-License-Identifier: Apache-2.0
//! Black-box tests of the parser, of mode operands and of utility options.

mod commands;
mod errors;
mod here_documents;
mod hostile;
mod init_scripts;
mod modes;
mod options;
mod quote;
mod render;
mod words;
