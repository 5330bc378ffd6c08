//! As Burn's modules hold them: as here, under other names.

use crate::code::write::{Holder, Transform};
use crate::nn::Named;

/// The numbers of a layer by the names of the fields.
pub fn laid_out(holder: &Holder, own: Named) -> Named {
    let is_divided: Vec<String> = own.keys().filter_map(|name| Some(name.strip_suffix("weight_orig")?.to_owned())).collect();
    let field = |name: &str| {
        let stem = name.rsplit_once('.').map_or("", |(stem, _)| &name[..=stem.len()]);
        let last = &name[stem.len()..];
        let is_divided = is_divided.iter().any(|divided| divided == stem);
        format!("{stem}{}", renamed(holder.transform, stem, last, is_divided))
    };
    own.into_iter().map(|(name, values)| (field(&name), values)).collect()
}

/// What Burn calls one tensor of a module, or what it is called in the module around one whose weights are divided.
fn renamed(transform: Transform, stem: &str, last: &str, is_divided: bool) -> String {
    let is_norm = match transform {
        Transform::Same | Transform::Each(_) => true,
        Transform::Parts => stem.starts_with("norm"),
        _ => false,
    };
    let inner = if transform == Transform::Dense { "linear" } else { "conv" };
    match last {
        "weight_u" => "norm.u".to_owned(),
        "weight_v" => "norm.v".to_owned(),
        "weight_orig" => format!("{inner}.weight"),
        "bias" if is_divided => format!("{inner}.bias"),
        "weight" if is_norm => "gamma".to_owned(),
        "bias" if is_norm => "beta".to_owned(),
        "weight" if matches!(transform, Transform::Slopes { .. }) => "alpha".to_owned(),
        other => other.to_owned(),
    }
}
