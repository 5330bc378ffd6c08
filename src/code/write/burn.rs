use super::{Listing, WriteError};
use crate::spec::{Project, Role};
pub fn write(_: &Project) -> Result<String, WriteError> {
    Err(WriteError(String::new()))
}
pub fn listing(_: &Project, _: Role) -> Result<Listing, WriteError> {
    Err(WriteError(String::new()))
}
pub fn manifest(_: &Project) -> String {
    String::new()
}
